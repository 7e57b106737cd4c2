import { describe, expect, it } from '@jest/globals';
import { keyOf, modelOf, type ScriptedKind } from '../../support/gateway/kinds.js';
import type { RawAnswer } from '../../support/raw-client.js';
import type { Behaviour } from '../../support/upstream.js';
import { answers, cuts, hangs, resets } from '../../support/upstream/behaviours.js';
import { failsMidStream, failsWith200, plays, refusesInKind, stopsShort } from '../../support/upstream/dialects.js';
import { Stage } from '../stage.js';
import { SHORT } from '../upstream-failures/deadlines.js';
import type { Client } from './clients.js';
import type { Heard } from './heard.js';
import { everyPair } from './pairs.js';
import { expectInTime } from '../../support/in-time.js';

/** What the client is told; `type` by the family of its dialect. */
interface Told {
  readonly status: number;
  readonly type: { readonly openai: string; readonly anthropic: string };
  readonly code: string | undefined;
  readonly message?: RegExp;
  readonly kind: string;
}

const REQUEST = { openai: 'invalid_request_error', anthropic: 'invalid_request_error' };
const UNAVAILABLE: Told = {
  status: 503,
  type: { openai: 'server_error', anthropic: 'overloaded_error' },
  code: 'upstream_unavailable',
  kind: 'upstream_unavailable',
};
const UNREADABLE: Told = {
  status: 502,
  type: { openai: 'server_error', anthropic: 'api_error' },
  code: 'upstream_protocol',
  kind: 'upstream_protocol',
};
const TIMED_OUT: Told = {
  status: 504,
  type: { openai: 'server_error', anthropic: 'timeout_error' },
  code: 'upstream_timeout',
  kind: 'upstream_timeout',
};
const LIMITED: Told = {
  status: 429,
  type: { openai: 'rate_limit_error', anthropic: 'rate_limit_error' },
  code: 'upstream_rate_limited',
  message: /slow down/,
  kind: 'upstream_rate_limited',
};

const HTML = answers('<html><body><h1>502 Bad Gateway</h1></body></html>', 200, { 'content-type': 'text/html' });
const HTML_502 = answers('<html><body><h1>502 Bad Gateway</h1></body></html>', 502, { 'content-type': 'text/html' });
const NO_MODEL: Told = {
  status: 404,
  type: { openai: 'invalid_request_error', anthropic: 'not_found_error' },
  code: 'model_not_found',
  message: /model/,
  kind: 'unknown_model',
};

const REFUSALS: readonly (readonly [string, Behaviour, Told])[] = [
  [
    '400',
    refusesInKind(400, 'the tools are odd'),
    { status: 400, type: REQUEST, code: undefined, message: /the tools are odd/, kind: 'upstream_rejected' },
  ],
  [
    '400 of a long prompt',
    refusesInKind(400, 'prompt is too long: this exceeds the context length of 8 tokens'),
    { status: 400, type: REQUEST, code: 'context_length_exceeded', kind: 'context_length_exceeded' },
  ],
  ['401', refusesInKind(401, 'your key is wrong'), UNAVAILABLE],
  ['403', refusesInKind(403, 'your key may not'), UNAVAILABLE],
  ['404', refusesInKind(404, 'model "scripted" not found'), NO_MODEL],
  ['429', refusesInKind(429, 'slow down', { 'retry-after': '7' }), LIMITED],
  ['500', refusesInKind(500), UNAVAILABLE],
  ['504', refusesInKind(504), TIMED_OUT],
  ['529', refusesInKind(529), UNAVAILABLE],
  ['502 with HTML', HTML_502, UNAVAILABLE],
  ['HTML', HTML, UNREADABLE],
  ['malformed JSON', answers('{"id":"x","choices":[{'), UNREADABLE],
  ['JSON that is no answer', answers({ hello: 'world' }), UNREADABLE],
  ['nothing', answers(''), UNREADABLE],
];

const CHATS: readonly ScriptedKind[] = ['openai-chat', 'openrouter', 'deepseek'];
const LAST_FRAME = 'an end without its last frame';
const TEXT = { text: 'Hello, dear reader of this, whoever you are and wherever you read it.' };

describe('every adapter tells a client of every dialect of', () => {
  const stage = Stage.setEveryKind({ provider: { timeouts: SHORT }, config: { retry: { maxAttempts: 1 } } });

  async function ask(kind: ScriptedKind, client: Client, stream: boolean): Promise<{ raw: RawAnswer; heard: Heard; requestId: string }> {
    const requestId = stage.requestId();
    const raw = await stage.call(client.body(modelOf(kind), stream), { 'x-request-id': requestId }, client.path);
    expect(raw.whole).toBe(true);
    expect(raw.body.toString()).not.toMatch(new RegExp(`${keyOf(kind)}|<h1>|127\\.0\\.0\\.1`));
    return { raw, heard: client.hear(raw, stream && raw.status === 200), requestId };
  }

  /** An error instead of an answer, in the words of the client's dialect. */
  async function expectTold(kind: ScriptedKind, client: Client, stream: boolean, told: Told): Promise<RawAnswer> {
    const { raw, heard, requestId } = await ask(kind, client, stream);
    expect(raw.status).toBe(told.status);
    expect(raw.headers['content-type']).toMatch(/^application\/json/);
    expect(heard).toMatchObject({ text: '', calls: [], finish: undefined });
    expectError(heard, client, told, requestId);
    expect(await stage.gateway.ledger.row(requestId)).toMatchObject({
      status: told.status,
      error_kind: told.kind,
      first_token_ms: null,
      output_tokens: 0,
    });
    return raw;
  }

  function expectError({ error }: Heard, { dialect }: Client, told: Told, requestId: string): void {
    const { type, code, message } = told;
    expect(error).toEqual({
      type: dialect === 'anthropic-messages' ? type.anthropic : type.openai,
      code,
      message: message ? expect.stringMatching(message) : expect.any(String),
      requestId,
    });
  }

  it.each(REFUSALS)('%s', async (_name, behaviour, told) => {
    stage.upstream.always(behaviour);

    await everyPair(async (kind, client, stream) => {
      const { headers } = await expectTold(kind, client, stream, told);
      expect(headers['retry-after']).toBe(told === LIMITED ? '7' : undefined);
    });
  });

  it('an error with status 200, which is no form of a stream', async () => {
    stage.upstream.always(failsWith200());

    await everyPair((kind, client, stream) => expectTold(kind, client, stream, stream ? UNREADABLE : UNAVAILABLE));
  });

  it.each([
    ['cut', cuts],
    ['reset', resets],
  ])('a connection that is %s before the answer', async (_, breaks) => {
    stage.upstream.always(breaks);

    await everyPair((kind, client, stream) => expectTold(kind, client, stream, UNAVAILABLE));
  });

  it('a provider that hangs, which is left at its deadline', async () => {
    stage.upstream.always(hangs);
    const startMs = performance.now();

    await everyPair((kind, client, stream) => expectTold(kind, client, stream, TIMED_OUT));

    expectInTime(performance.now() - startMs, SHORT.totalMs);
    for (const { closed } of stage.upstream.attempts) expect((await closed).wholeAnswer).toBe(false);
  });

  it.each([
    ['an error of the provider', failsMidStream(TEXT, 'the model fell over', 6), /^upstream_/, 'failed'],
    ['a cut', stopsShort(TEXT, 6, { finally: cuts }), /^upstream_(protocol|unavailable)$/, 'upstream_cut'],
    ['an end as if it were whole', stopsShort(TEXT, 6), /^upstream_protocol$/, 'upstream_cut'],
    [LAST_FRAME, stopsShort(TEXT, 1), /^upstream_protocol$/, 'upstream_cut'],
    ['silence', stopsShort(TEXT, 6, { finally: hangs }), /^upstream_timeout$/, 'timed_out'],
  ])('in the middle of a stream: %s, never a whole answer', async (how, behaviour, code, ending) => {
    stage.upstream.always(behaviour);

    await everyPair(async (kind, client, stream) => {
      // What a stream of Chat Completions lacks without `[DONE]` is nothing: its answer has finished.
      if (!stream || (how === LAST_FRAME && CHATS.includes(kind))) return;
      const { raw, heard, requestId } = await ask(kind, client, true);
      expect([raw.status, heard.finish]).toEqual([200, undefined]);
      expect(heard.text).toMatch(/^Hello, /);
      expect(heard.error).toMatchObject({ code: expect.stringMatching(code), requestId });
      const row = await stage.gateway.ledger.row(requestId);
      expect(row).toMatchObject({ status: 200, ending, error_kind: expect.stringMatching(code) });
      expect(row.output_tokens).toBeGreaterThan(0);
    });
  });

  it('and then its provider answers again', async () => {
    stage.upstream.always(plays({ text: 'Still here.' }));

    await everyPair(async (kind, client, stream) => {
      expect((await ask(kind, client, stream)).heard).toMatchObject({ text: 'Still here.', error: undefined });
    });
  });
});
