import { describe, expect, it } from '@jest/globals';
import { PROVIDER_KEY } from '../../support/gateway.js';
import type { Behaviour } from '../../support/upstream.js';
import {
  answers,
  cuts,
  cutsPlainAfter,
  hangs,
  hangsAfterHead,
  JSON_TYPE,
  refuses,
  resets,
  SSE_TYPE,
  streams,
} from '../../support/upstream/behaviours.js';
import { completion, ERROR_IN_200 } from '../../support/upstream/openai-answers.js';
import { errorFrame, streamFrames } from '../../support/upstream/openai-frames.js';
import { MESSAGES, MODEL, Stage } from '../stage.js';
import { errorOf } from '../wire-error.js';
import { SHORT } from './deadlines.js';
import { expectInTime } from '../../support/in-time.js';

/** What the client is told, and what the ledger says. `code` also stands for the kind where they are the same word. */
interface Told {
  readonly status: number | readonly number[];
  readonly code: string | null;
  readonly kind?: string;
  readonly ending?: string;
}

const UNAVAILABLE: Told = { status: 503, code: 'upstream_unavailable' };
const UNREADABLE: Told = { status: 502, code: 'upstream_protocol' };
const TIMED_OUT: Told = { status: 504, code: 'upstream_timeout', ending: 'timed_out' };
const CUT: Told = { status: [502, 503], code: 'upstream_', ending: 'upstream_cut|failed' };
const HTML = '<html><body><h1>502 Bad Gateway</h1></body></html>';
const HTML_TYPE = { 'content-type': 'text/html' };

type Row = readonly [name: string, behaviour: Behaviour, told: Told];

const BOTH: readonly Row[] = [
  ['401', refuses(401, { message: `Incorrect API key provided: ${PROVIDER_KEY}` }), UNAVAILABLE],
  ['402', refuses(402), UNAVAILABLE],
  ['403', refuses(403), UNAVAILABLE],
  ['400', refuses(400, { code: 'invalid_value' }), { status: 400, code: 'invalid_value', kind: 'upstream_rejected' }],
  [
    '400 of a long prompt',
    refuses(400, { message: "This model's maximum context length is 8 tokens." }),
    { status: 400, code: 'context_length_exceeded' },
  ],
  [
    '404 of a model',
    refuses(404, { code: 'model_not_found' }),
    { status: 404, code: 'model_not_found', kind: 'unknown_model|upstream_rejected' },
  ],
  ['408', refuses(408), { ...TIMED_OUT, ending: 'timed_out|failed' }],
  ['409', refuses(409, { code: 'conflict_here' }), { status: 409, code: 'conflict_here', kind: 'upstream_rejected' }],
  ['429', refuses(429), { status: 429, code: 'upstream_rate_limited' }],
  [
    '429 of an empty account',
    refuses(429, { code: 'insufficient_quota' }),
    { status: 429, code: 'insufficient_quota', kind: 'upstream_rate_limited' },
  ],
  ['500', refuses(500), UNAVAILABLE],
  ['502 with HTML', answers(HTML, 502, HTML_TYPE), UNAVAILABLE],
  ['503', refuses(503), UNAVAILABLE],
  ['529', refuses(529), UNAVAILABLE],
  ['500 without a body', answers('', 500), UNAVAILABLE],
  ['200 with an error body', answers(ERROR_IN_200), { ...CUT, ending: 'failed' }],
  ['200 with HTML', answers(HTML, 200, HTML_TYPE), UNREADABLE],
  ['200 with malformed JSON', answers('{"id":"chatcmpl-1","choices":[{', 200), UNREADABLE],
  ['200 with nothing', answers('', 200), UNREADABLE],
  ['a redirect', answers('', 302, { location: 'http://127.0.0.1:1/' }), UNREADABLE],
  ['a closed connection', cuts, CUT],
  ['a reset connection', resets, CUT],
  ['silence before the headers', hangs, TIMED_OUT],
];

const PLAIN_ONLY: readonly Row[] = [
  ['silence after the headers', hangsAfterHead({ ...JSON_TYPE, 'content-length': 9 }), TIMED_OUT],
  ['half an answer', cutsPlainAfter(completion(), 40), CUT],
  ['all but the last byte', cutsPlainAfter(completion(), JSON.stringify(completion()).length - 1), CUT],
];

const STREAM_ONLY: readonly Row[] = [
  ['silence after the headers', hangsAfterHead(SSE_TYPE), TIMED_OUT],
  ['a stream that is cut before its first event', streams([], { finally: cuts }), CUT],
  ['a stream that is cut within its first event', streams([streamFrames()[0]!.slice(0, 30)], { finally: cuts }), CUT],
  ['a stream of comments only', streams([': PROCESSING\n\n']), { ...UNREADABLE, ending: 'upstream_cut|failed' }],
  ['an empty stream', streams([]), { ...UNREADABLE, ending: 'upstream_cut|failed' }],
  ['a stream of nothing but [DONE]', streams(['data: [DONE]\n\n']), { ...UNREADABLE, ending: 'upstream_cut|failed' }],
  ['a stream that begins with an error', streams([errorFrame()]), { ...CUT, ending: 'failed' }],
  ['a stream that begins with broken JSON', streams(['data: {"id":\n\n']), UNREADABLE],
];

describe('a provider that fails before its answer, by', () => {
  const stage = Stage.set({ provider: { timeouts: SHORT }, config: { retry: { maxAttempts: 1 } } });

  async function expectTold(behaviour: Behaviour, told: Told, stream: boolean): Promise<void> {
    stage.upstream.always(behaviour);
    const requestId = stage.requestId();
    const startMs = performance.now();

    const answer = await stage.call({ model: MODEL, messages: MESSAGES, stream }, { 'x-request-id': requestId });

    expectInTime(performance.now() - startMs, stream ? SHORT.firstTokenMs : SHORT.totalMs);
    expect(answer.whole).toBe(true);
    expect([told.status].flat()).toContain(answer.status);
    const error = errorOf(answer);
    expect(error.code ?? '').toMatch(new RegExp(`^${told.code ?? ''}`));
    expect(answer.body.toString()).not.toMatch(new RegExp(`${PROVIDER_KEY}|<h1>|127\\.0\\.0\\.1`));
    await expectRow(requestId, told, answer.status);
  }

  async function expectRow(requestId: string, told: Told, status: number): Promise<void> {
    const row = await stage.gateway.ledger.row(requestId);
    expect(row.status).toBe(status);
    expect(row.ending).toMatch(new RegExp(`^(${told.ending ?? 'failed'})$`));
    expect(row.error_kind).toMatch(new RegExp(`^(${told.kind ?? told.code})`));
    expect(row.first_token_ms).toBeNull();
    expect(row.output_tokens).toBe(0);
    expect(row.attempts).toHaveLength(stage.upstream.attempts.length);
    for (const attempt of row.attempts) {
      expect(attempt).toMatchObject({ provider: 'scripted', model: MODEL });
      expect(attempt.outcome).toBe(row.error_kind);
      expect(JSON.stringify(attempt)).not.toContain(PROVIDER_KEY);
    }
  }

  describe.each([
    ['asked plainly', false, [...BOTH, ...PLAIN_ONLY]],
    ['asked for a stream', true, [...BOTH, ...STREAM_ONLY]],
  ])('%s:', (_, stream, rows) => {
    it.each(rows)('%s', (_name, behaviour, told) => expectTold(behaviour, told, stream));
  });
});
