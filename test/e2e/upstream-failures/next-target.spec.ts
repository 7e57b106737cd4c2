import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Secret } from '../../../src/platform/config/secret.js';
import { scriptedProvider, startGateway, type TestGateway } from '../../support/gateway.js';
import { rawRequest, type RawAnswer } from '../../support/raw-client.js';
import { refusedBaseUrl, ScriptedUpstream, type Behaviour } from '../../support/upstream.js';
import { answers, cuts, hangs, refuses, streams } from '../../support/upstream/behaviours.js';
import { completion } from '../../support/upstream/openai-answers.js';
import { errorFrame, streamFrames } from '../../support/upstream/openai-frames.js';
import { CALL_HEADERS, CHAT_PATH, MESSAGES, MODEL } from '../stage.js';
import { errorOf } from '../wire-error.js';
import { SHORT } from './deadlines.js';

describe('with two providers for a model', () => {
  let first: ScriptedUpstream;
  let second: ScriptedUpstream;
  let gateway: TestGateway;
  let requests = 0;

  beforeAll(async () => {
    first = await ScriptedUpstream.start();
    second = await ScriptedUpstream.start();
    gateway = await startGateway({
      providers: [
        scriptedProvider(await refusedBaseUrl(), { name: 'zeroth', models: ['refused-first'], priority: 0 }),
        scriptedProvider(first.baseUrl, {
          name: 'first',
          priority: 1,
          timeouts: SHORT,
          apiKeys: [new Secret('sk-first-key-0001'), new Secret('sk-first-key-0002')],
        }),
        scriptedProvider(second.baseUrl, { name: 'second', models: ['scripted*', 'refused-first'], priority: 2, timeouts: SHORT }),
      ],
    });
  }, 30_000);
  beforeEach(() => {
    first.forget();
    second.forget();
  });
  afterAll(async () => {
    await gateway.stop();
    await first.stop();
    await second.stop();
  }, 30_000);

  async function call(stream: boolean, model = MODEL): Promise<RawAnswer & { readonly requestId: string }> {
    requests += 1;
    const requestId = `two-providers-${requests}`;
    const body = JSON.stringify({ model, messages: MESSAGES, stream });
    const answer = await rawRequest(gateway.baseUrl, {
      method: 'POST',
      path: CHAT_PATH,
      headers: { ...CALL_HEADERS, 'x-request-id': requestId },
      body,
    });
    return { ...answer, requestId };
  }

  const good = (stream: boolean): Behaviour => (stream ? streams(streamFrames({ usage: 'none' })) : answers(completion()));

  it.each<[string, Behaviour, boolean]>([
    ['500', refuses(500), false],
    ['401', refuses(401), true],
    ['429', refuses(429), false],
    ['silence', hangs, true],
    ['a cut before the first event', streams([], { finally: cuts }), true],
    ['an error as its first event', streams([errorFrame()]), true],
    ['HTML', answers('<html>', 200, { 'content-type': 'text/html' }), false],
  ])('the second answers where the first fails by %s (stream: %#)', async (_, behaviour, stream) => {
    first.always(behaviour);
    second.next(good(stream));

    const answer = await call(stream);

    expect(answer.status).toBe(200);
    expect(answer.headers['x-tollgate-provider']).toBe('second');
    expect(Number(answer.headers['x-tollgate-attempts'])).toBe(first.attempts.length + 1);
    const row = await gateway.ledger.row(answer.requestId);
    expect(row).toMatchObject({ provider: 'second', ending: 'complete', status: 200, error_kind: null });
    expect(row.attempts).toHaveLength(first.attempts.length + second.attempts.length);
    expect(row.attempts.at(-1)).toMatchObject({ provider: 'second', outcome: 'answered' });
  });

  it('the second answers where the first refuses the connection', async () => {
    second.next(good(false));

    const answer = await call(false, 'refused-first');

    expect(answer.status).toBe(200);
    expect((await gateway.ledger.row(answer.requestId)).attempts[0]).toMatchObject({ provider: 'zeroth', outcome: 'upstream_unavailable' });
  });

  it('the second is not asked what is wrong with the request itself', async () => {
    first.always(refuses(400, { message: 'no such tool' }));

    const answer = await call(false);

    expect(answer.status).toBe(400);
    expect(first.attempts).toHaveLength(1);
    expect(second.attempts).toHaveLength(0);
  });

  it('the second is never asked once the client has seen a part of the answer', async () => {
    first.always(streams(streamFrames().slice(0, 2), { finally: cuts }));

    const answer = await call(true);

    expect(answer.body.toString()).toMatch(/"error":/);
    expect(first.attempts).toHaveLength(1);
    expect(second.attempts).toHaveLength(0);
  });

  it('the last failure is told when both fail', async () => {
    first.always(refuses(429, {}, { 'retry-after': '9' }));
    second.always(refuses(500));

    const answer = await call(false);

    expect(errorOf(answer).code).toBe('upstream_unavailable');
    const row = await gateway.ledger.row(answer.requestId);
    expect(row.attempts).toHaveLength(first.attempts.length + second.attempts.length);
    expect(row.attempts.map(({ outcome }) => outcome)).toContain('upstream_rate_limited');
  });

  it('the keys of one provider take turns', async () => {
    first.always(good(false));
    for (let count = 0; count < 4; count += 1) await call(false);

    expect(new Set(first.attempts.map(({ apiKey }) => apiKey))).toEqual(new Set(['sk-first-key-0001', 'sk-first-key-0002']));
  });
});
