import { PROVIDER_KEY } from '../../support/gateway.js';
import type { Behaviour } from '../../support/upstream.js';
import {
  answers,
  cuts,
  cutsPlainAfter,
  drips,
  dripsBytes,
  end,
  hangs,
  hangsAfterHead,
  JSON_TYPE,
  refuses,
  resets,
  SSE_TYPE,
  streams,
} from '../../support/upstream/behaviours.js';
import { completion, ERROR_IN_200 } from '../../support/upstream/openai-answers.js';
import { errorFrame, frame, streamFrames } from '../../support/upstream/openai-frames.js';
import type { Unreachable } from '../../support/upstream/unreachable.js';
import * as told from './told.js';
import type { Told } from './told.js';

/** What a provider does, asked for either kind of answer. */
export interface Play {
  readonly plain?: Behaviour;
  readonly stream?: Behaviour;
  /** Where it is, if not at the scripted upstream. */
  readonly at?: Exclude<keyof Unreachable, 'close' | 'openSockets'>;
  /** Its calls end at a deadline, which is short then. */
  readonly isLate?: true;
  /** Its first events come before anything goes wrong. */
  readonly hasBegun?: true;
}

export type Fault = readonly [name: string, play: Play, told: Told];

const both = (behaviour: Behaviour): Play => ({ plain: behaviour, stream: behaviour });
const plain = (behaviour: Behaviour): Play => ({ plain: behaviour });
const stream = (behaviour: Behaviour): Play => ({ stream: behaviour });
const late = (play: Play): Play => ({ ...play, isLate: true });
const unreachable = (at: Play['at'] & string): Play => ({ ...both(hangs), at });

const HTML = '<html><body><h1>502 Bad Gateway</h1></body></html>';
const HTML_TYPE = { 'content-type': 'text/html' };
const COMMENT = ': PROCESSING\n\n';
const HOUR_MS = 3_600_000;

/** A plain answer of which all that matters is how it comes. */
export const WHOLE = completion();
export const FRAMES = streamFrames({ text: ['Hel', 'lo'], usage: 'none' });
/** What a client has of a stream that then fails. */
export const BEGUN = FRAMES.slice(0, 3);
const FINISH = FRAMES.at(-2)!;
const BROKEN = 'data: {"id":\n\n';
const DONE = 'data: [DONE]\n\n';
const OPENROUTER_ERROR = frame(
  JSON.stringify({
    id: 'gen-1',
    error: { code: 502, message: 'Provider disconnected' },
    choices: [{ index: 0, delta: { content: '' }, finish_reason: 'error' }],
  }),
);

const begun = (rest: readonly string[], then: Behaviour = end): Play => ({
  ...stream(streams([...BEGUN, ...rest], { finally: then })),
  hasBegun: true,
});

/** Nothing has reached the client yet: it is told with a status, and another target may hide it. */
export const BEFORE_THE_FIRST_EVENT: readonly Fault[] = [
  ['refuses the connection', unreachable('refused'), told.UNAVAILABLE],
  ['has a name that leads nowhere', unreachable('nameless'), told.UNAVAILABLE],
  ['speaks no TLS where it should', unreachable('plainForTls'), told.UNAVAILABLE],
  ['vouches for its certificate itself', unreachable('selfSigned'), told.UNAVAILABLE],
  ['never finishes its TLS handshake', late(unreachable('deafToTls')), told.TIMED_OUT],

  ['400', both(refuses(400, { code: 'invalid_value' })), told.rejected(400, 'invalid_value')],
  ['400 of a long prompt', both(refuses(400, { message: "This model's maximum context length is 8 tokens." })), told.TOO_LONG],
  ['401', both(refuses(401, { message: `Incorrect API key provided: ${PROVIDER_KEY}` })), told.UNAVAILABLE],
  ['402', both(refuses(402)), told.UNAVAILABLE],
  ['403', both(refuses(403)), told.UNAVAILABLE],
  ['404 of a model', both(refuses(404, { code: 'model_not_found' })), told.NO_MODEL],
  ['404 of anything else', both(refuses(404, { message: 'no such thread' })), told.rejected(404, null)],
  ['408', both(refuses(408)), told.TIMED_OUT],
  ['409', both(refuses(409, { code: 'conflict_here' })), told.rejected(409, 'conflict_here')],
  ['429', both(refuses(429)), told.LIMITED],
  ['429 with seconds', both(refuses(429, {}, { 'retry-after': '7' })), { ...told.LIMITED, retryAfterMs: 7_000 }],
  [
    '429 with milliseconds',
    both(refuses(429, {}, { 'retry-after-ms': '6500', 'retry-after': '2' })),
    { ...told.LIMITED, retryAfterMs: 6_500 },
  ],
  [
    '429 with a date',
    both((exchange) => refuses(429, {}, { 'retry-after': new Date(Date.now() + HOUR_MS).toUTCString() })(exchange)),
    { ...told.LIMITED, retryAfterMs: HOUR_MS, isDated: true },
  ],
  ['429 with a time that nobody can read', both(refuses(429, {}, { 'retry-after': 'soon' })), told.LIMITED],
  ['429 of an empty account', both(refuses(429, { code: 'insufficient_quota' })), told.EXHAUSTED],
  ['500', both(refuses(500)), told.UNAVAILABLE],
  ['500 without a body', both(answers('', 500)), told.UNAVAILABLE],
  ['502 with HTML', both(answers(HTML, 502, HTML_TYPE)), told.UNAVAILABLE],
  ['503', both(refuses(503)), told.UNAVAILABLE],
  ['503 with seconds', both(refuses(503, {}, { 'retry-after': '8' })), { ...told.UNAVAILABLE, retryAfterMs: 8_000 }],
  ['529', both(refuses(529)), told.UNAVAILABLE],
  ['a redirect', both(answers('', 302, { location: 'http://127.0.0.1:1/' })), told.UNREADABLE],

  ['silence before the headers', late(both(hangs)), told.TIMED_OUT],
  ['silence after the headers of a plain answer', late(plain(hangsAfterHead({ ...JSON_TYPE, 'content-length': 9 }))), told.TIMED_OUT],
  ['silence after the headers of a stream', late(stream(hangsAfterHead(SSE_TYPE))), told.TIMED_OUT],
  ['comments and never an event', late(stream(drips(COMMENT, 20, 1_000))), told.TIMED_OUT],
  ['a slower drip than it has time for', late(plain(dripsBytes(JSON.stringify(WHOLE), JSON_TYPE, 20))), told.TIMED_OUT],

  ['a closed connection', both(cuts), told.UNAVAILABLE],
  ['a reset connection', both(resets), told.UNAVAILABLE],
  ['half an answer', plain(cutsPlainAfter(WHOLE, 40)), told.CUT],
  ['all but the last byte', plain(cutsPlainAfter(WHOLE, JSON.stringify(WHOLE).length - 1)), told.CUT],
  ['a cut before the first event', stream(streams([], { finally: cuts })), told.CUT],
  ['a cut within the first event', stream(streams([BEGUN[0]!.slice(0, 30)], { finally: cuts })), told.CUT],

  ['HTML with status 200', both(answers(HTML, 200, HTML_TYPE)), told.UNREADABLE],
  ['JSON for a stream', stream(answers(WHOLE)), told.UNREADABLE],
  ['malformed JSON', plain(answers('{"id":"chatcmpl-1","choices":[{')), told.UNREADABLE],
  ['nothing', both(answers('')), told.UNREADABLE],
  ['an error with status 200', plain(answers(ERROR_IN_200)), told.UNAVAILABLE],
  ['a malformed first event', stream(streams([BROKEN, DONE])), told.UNREADABLE],
  ['an error as its first event', stream(streams([errorFrame()])), told.UNAVAILABLE],
  ['an empty stream', stream(streams([])), told.UNREADABLE],
  ['a stream of comments', stream(streams([COMMENT])), told.UNREADABLE],
  ['a stream of nothing but [DONE]', stream(streams([DONE])), told.UNREADABLE],
];

/** The client has a part of the answer: it is told with an event, and nobody else is asked. */
export const AFTER_THE_FIRST_EVENT: readonly Fault[] = [
  ['a cut between events', begun([], cuts), told.CUT],
  ['a reset between events', begun([], resets), told.CUT],
  ['a cut within an event', begun([FINISH.slice(0, 50)], cuts), told.CUT],
  ['an end between events, as if it were over', begun([]), told.CUT],
  ['an end within an event', begun([FINISH.slice(0, 50)]), told.CUT],
  ['[DONE] though no answer has finished', begun([DONE]), told.CUT],
  ['silence', late(begun([], hangs)), told.TIMED_OUT],
  ['comments for longer than it has time for', late(begun([], drips(COMMENT, 20, 1_000))), told.TIMED_OUT],
  ['a malformed event', begun([BROKEN, DONE]), told.CUT],
  ['an error event', begun([errorFrame()]), told.UNAVAILABLE],
  ['an error event and [DONE]', begun([errorFrame(), DONE]), told.UNAVAILABLE],
  ["OpenRouter's error chunk", begun([OPENROUTER_ERROR, DONE]), told.UNAVAILABLE],
  ['an error that quotes our key', begun([errorFrame(`bad key ${PROVIDER_KEY}`)]), told.UNAVAILABLE],
];

/** Odd, and no fault: the answer comes whole. */
export const NO_FAULT: readonly (readonly [name: string, play: Play])[] = [
  ['a slow drip of a plain answer', plain(dripsBytes(JSON.stringify(WHOLE), JSON_TYPE, 1))],
  ['a slow drip of a stream', stream(dripsBytes(FRAMES.join(''), SSE_TYPE, 1))],
  ['a cut after everything was said', stream(streams(FRAMES, { finally: cuts }))],
];
