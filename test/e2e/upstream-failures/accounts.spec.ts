import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Secret } from '../../../src/platform/config/secret.js';
import { scriptedProvider, startGateway, type TestGateway } from '../../support/gateway.js';
import { eventually } from '../../support/eventually.js';
import { type RawAnswer, rawRequest } from '../../support/raw-client.js';
import { type Behaviour, ScriptedUpstream } from '../../support/upstream.js';
import { answers, refuses, streams } from '../../support/upstream/behaviours.js';
import { completion } from '../../support/upstream/openai-answers.js';
import { frame, streamFrames } from '../../support/upstream/openai-frames.js';
import { anthropicErrorOf } from '../anthropic-error.js';
import { CALL_HEADERS, CHAT_PATH, MESSAGES } from '../stage.js';
import { errorOf } from '../wire-error.js';

const FIRST = 'sk-account-first-0001';
const SECOND = 'sk-account-second-0002';
const REST_MS = 400;
const LONG = { 'retry-after': '50' };

/** What becomes of an account rests with its provider, so each trouble has one of its own, all at one upstream. */
const TROUBLES = {
  refused: refuses(401, { message: `Incorrect API key provided: ${FIRST}`, code: 'invalid_api_key' }),
  'out-of-credit': refuses(402, { message: 'Insufficient Balance' }),
  exhausted: refuses(429, { type: 'insufficient_quota', code: 'insufficient_quota' }),
  'refused-in-stream': streams([frame(JSON.stringify({ error: { message: 'no', code: 401 } }))]),
  'of-a-model-forbidden': refuses(403, { code: 'model_not_found' }),
  'of-a-model-limited': refuses(429, { code: 'rate_limit_exceeded' }, LONG),
  'limited-for-a-moment': refuses(429, {}, { 'retry-after-ms': String(REST_MS) }),
  'all-refused': refuses(401, { message: `Incorrect API key provided: ${SECOND}` }),
  'all-exhausted': refuses(429, { message: 'the plan of org-1', code: 'insufficient_quota' }, LONG),
  'all-limited': refuses(429, {}, LONG),
  'content-refused': refuses(403, { message: 'Your input was flagged', metadata: { flagged_input: 'x' } }),
} satisfies Readonly<Record<string, Behaviour>>;
type Trouble = keyof typeof TROUBLES;
const ALONE = 'alone-and-refused';

describe('a provider with two keys', () => {
  let upstream: ScriptedUpstream;
  let spare: ScriptedUpstream;
  let gateway: TestGateway;
  let requests = 0;

  beforeAll(async () => {
    upstream = await ScriptedUpstream.start();
    spare = await ScriptedUpstream.start();
    const apiKeys = [new Secret(FIRST), new Secret(SECOND)];
    const providers = Object.keys(TROUBLES).map((name) => scriptedProvider(upstream.baseUrl, { name, models: [`${name}/*`], apiKeys }));
    const pair = [
      scriptedProvider(upstream.baseUrl, { name: ALONE, models: [ALONE], apiKeys: [new Secret(FIRST)], priority: 1 }),
      scriptedProvider(spare.baseUrl, { name: 'spare', models: [ALONE], priority: 2 }),
    ];
    gateway = await startGateway({ providers: [...providers, ...pair] });
  }, 30_000);
  beforeEach(() => {
    upstream.forget();
    spare.forget();
  });
  afterAll(async () => {
    await gateway.stop();
    await upstream.stop();
    await spare.stop();
  }, 30_000);

  const good = (stream: boolean): Behaviour => (stream ? streams(streamFrames({ usage: 'none' })) : answers(completion()));

  /** The first key is in trouble, or both are. */
  function script(trouble: Trouble, stream = false): void {
    const isEvery = trouble.startsWith('all-') || trouble === 'content-refused';
    upstream.always((exchange) => {
      const isTroubled = isEvery || exchange.attempt.apiKey === FIRST;
      return (isTroubled ? TROUBLES[trouble] : good(stream))(exchange);
    });
  }

  async function call(model: string, more: object = {}, path = CHAT_PATH): Promise<RawAnswer & { readonly requestId: string }> {
    requests += 1;
    const requestId = `accounts-${requests}`;
    const body = JSON.stringify({ model, messages: MESSAGES, ...more });
    const headers = { ...CALL_HEADERS, 'x-request-id': requestId, 'anthropic-version': '2023-06-01' };
    return { ...(await rawRequest(gateway.baseUrl, { method: 'POST', path, headers, body })), requestId };
  }

  /** The keys that the upstream was asked with, in order. */
  const keys = (): readonly (string | undefined)[] => upstream.attempts.map(({ apiKey }) => apiKey);

  it.each<[Trouble, boolean, string]>([
    ['refused', false, 'upstream_unavailable'],
    ['out-of-credit', true, 'upstream_unavailable'],
    ['exhausted', false, 'upstream_rate_limited'],
    ['refused-in-stream', true, 'upstream_unavailable'],
  ])('whose first one is %s is asked with the other, at once and from then on (stream: %s)', async (trouble, stream, outcome) => {
    script(trouble, stream);

    const answer = await call(`${trouble}/m`, { stream });

    expect([answer.status, answer.headers['x-tollgate-attempts']]).toEqual([200, '2']);
    expect(keys()).toEqual([FIRST, SECOND]);
    const row = await gateway.ledger.row(answer.requestId);
    expect(row).toMatchObject({ status: 200, ending: 'complete', provider: trouble, error_kind: null });
    expect(row.attempts.map((attempt) => attempt.outcome)).toEqual([outcome, 'answered']);

    for (const model of ['m', 'm', 'other']) expect((await call(`${trouble}/${model}`, { stream })).status).toBe(200);
    expect(keys().slice(2)).toEqual([SECOND, SECOND, SECOND]);
  });

  it.each<Trouble>(['of-a-model-forbidden', 'of-a-model-limited'])(
    'whose first one is in trouble %s still has both for another model',
    async (trouble) => {
      script(trouble);

      await call(`${trouble}/m`);
      await call(`${trouble}/m`);
      expect(keys()).toEqual([FIRST, SECOND, SECOND]);

      upstream.forget();
      upstream.always(good(false));
      await call(`${trouble}/other`);
      await call(`${trouble}/other`);
      expect(new Set(keys())).toEqual(new Set([FIRST, SECOND]));
    },
  );

  it('is asked with the first one again when its rest is over', async () => {
    const firstAtMs: number[] = [];
    upstream.always((exchange) => {
      if (exchange.attempt.apiKey !== FIRST) return good(false)(exchange);
      firstAtMs.push(performance.now());
      return (firstAtMs.length === 1 ? TROUBLES['limited-for-a-moment'] : good(false))(exchange);
    });

    await eventually(async () => {
      expect((await call('limited-for-a-moment/m')).status).toBe(200);
      return firstAtMs.length > 1;
    });

    expect(firstAtMs[1]! - firstAtMs[0]!).toBeGreaterThanOrEqual(REST_MS);
  });

  it('neither of which is good tells of neither, and is asked again all the same', async () => {
    script('all-refused');

    const answer = await call('all-refused/m');

    expect([answer.status, errorOf(answer).code]).toEqual([503, 'upstream_unavailable']);
    expect(answer.body.toString()).not.toMatch(/sk-account/);
    expect(keys().slice(0, 2)).toEqual([FIRST, SECOND]);
    expect(JSON.stringify((await gateway.ledger.row(answer.requestId)).attempts)).not.toContain('sk-account');

    upstream.forget();
    upstream.always(good(false));
    expect((await call('all-refused/m')).status).toBe(200);
  });

  it('both of which are exhausted tells so, with status and code and when to come back, but not in the words of the provider', async () => {
    script('all-exhausted');

    const answer = await call('all-exhausted/m');

    expect(answer.status).toBe(429);
    expect(answer.headers).toMatchObject({ 'retry-after': '50' });
    expect(errorOf(answer)).toMatchObject({ code: 'insufficient_quota', message: expect.not.stringContaining('org-1') });
    expect(keys().slice(0, 2)).toEqual([FIRST, SECOND]);
    expect(await gateway.ledger.row(answer.requestId)).toMatchObject({ status: 429, error_kind: 'upstream_rate_limited' });

    const messages = await call('all-exhausted/m', { max_tokens: 9 }, '/v1/messages');
    expect(messages.status).toBe(429);
    expect(anthropicErrorOf(messages)).toMatchObject({ type: 'rate_limit_error', details: { error_code: 'insufficient_quota' } });
  });

  it('both of which are limited tells so', async () => {
    script('all-limited');

    const answer = await call('all-limited/m');

    expect([answer.status, errorOf(answer).code]).toEqual([429, 'upstream_rate_limited']);
    expect(answer.headers).toMatchObject({ 'retry-after': '50' });
    expect(keys().slice(0, 2)).toEqual([FIRST, SECOND]);
  });

  it('rests neither when it refuses the content of a call, which is the caller’s to hear', async () => {
    script('content-refused');

    const refusals = [await call('content-refused/m'), await call('content-refused/m')];

    expect(refusals.map(({ status }) => status)).toEqual([403, 403]);
    expect(refusals.map((answer) => errorOf(answer).code)).toEqual(['content_policy_violation', 'content_policy_violation']);
    expect(keys()).toEqual([FIRST, SECOND]);
    expect(await gateway.ledger.row(refusals[0]!.requestId)).toMatchObject({ status: 403, error_kind: 'content_policy' });
  });

  it('is, with one key that is refused, asked after the others', async () => {
    upstream.always(TROUBLES.refused);
    spare.always(good(false));

    const statuses = [(await call(ALONE)).status, (await call(ALONE)).status, (await call(ALONE)).status];

    expect(statuses).toEqual([200, 200, 200]);
    expect([upstream.attempts.length, spare.attempts.length]).toEqual([1, 3]);
  });
});
