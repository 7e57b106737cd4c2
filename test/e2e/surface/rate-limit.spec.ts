import { describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { ADMIN_KEY, CLIENT_KEY, OTHER_KEY } from '../../support/gateway.js';
import { answers } from '../../support/upstream/behaviours.js';
import { completion } from '../../support/upstream/openai-answers.js';
import { MESSAGES, MODEL, Stage } from '../stage.js';
import { errorOf } from '../wire-error.js';

const BODY = { model: MODEL, messages: MESSAGES };

describe('a key that is allowed two requests a minute', () => {
  const stage = Stage.set({ config: { limits: { requestsPerMinute: 2 } } });

  it('is told so at the third, which reaches nobody and is no row', async () => {
    stage.upstream.always(answers(completion()));
    const first = await stage.call(BODY);
    const second = await stage.call(BODY);

    const third = await stage.call(BODY, { 'x-request-id': 'one-too-many' });

    expect([first.status, second.status, third.status]).toEqual([200, 200, 429]);
    expect(second.headers).toMatchObject({ 'x-ratelimit-limit-requests': '2', 'x-ratelimit-remaining-requests': '0' });
    const error = errorOf(third);
    expect(error).toMatchObject({ code: 'rate_limit_exceeded', type: 'rate_limit_error' });
    expect(error.message).toMatch(/2 requests per minute/);
    expect(Number(third.headers['retry-after'])).toBeGreaterThan(0);
    expect(Number(third.headers['retry-after'])).toBeLessThanOrEqual(60);
    expect(Number(third.headers['retry-after-ms'])).toBeGreaterThan(0);
    expect(stage.upstream.attempts).toHaveLength(2);
    expect(await stage.gateway.logs.untilLinesOf('one-too-many')).toHaveLength(1);
    expect((await stage.gateway.ledger.rows()).map((row) => row.request_id)).not.toContain('one-too-many');
  });

  it('meets it in its SDK as a RateLimitError', async () => {
    const call = stage.openai.chat.completions.create(BODY);

    await expect(call).rejects.toBeInstanceOf(OpenAI.RateLimitError);
  });

  it('does not use up what another key may', async () => {
    stage.upstream.always(answers(completion()));

    expect((await stage.call(BODY, { authorization: `Bearer ${OTHER_KEY}` })).status).toBe(200);
    expect((await stage.call(BODY, { authorization: `Bearer ${ADMIN_KEY}` })).status).toBe(200);
  });

  it('does not count what was refused before it was admitted', async () => {
    stage.upstream.always(answers(completion()));
    const authorization = `Bearer ${ADMIN_KEY}`;
    for (let count = 0; count < 5; count += 1) await stage.call({ ...BODY, temperature: 5 }, { authorization });

    expect((await stage.call(BODY, { authorization })).status).toBe(200);
  });
});

describe('the limits of a key', () => {
  const stage = Stage.set({
    config: { limits: { requestsPerMinute: 5, requestsPerHour: 1_000, tokensPerMinute: 50_000, concurrency: 3 } },
  });

  const limits = async (path: string, key = CLIENT_KEY): Promise<unknown> => {
    const answer = await stage.raw({ path, headers: { authorization: `Bearer ${key}` } });
    return answer.status === 200
      ? (JSON.parse(answer.body.toString()) as { readonly data: unknown }).data
      : [answer.status, errorOf(answer).message];
  };
  const minute = (used: number) => ({
    type: 'requests',
    window_seconds: 60,
    limit: 5,
    used,
    remaining: 5 - used,
    resets_at: used === 0 ? null : expect.any(String),
  });

  it('are told with what is used of them and when that resets, and asking uses nothing', async () => {
    const unused = { scope: 'key', subject: 'client', used: 0, resets_at: null };
    const before = [
      { ...unused, type: 'concurrency', window_seconds: null, limit: 3, remaining: 3 },
      { ...unused, ...minute(0) },
      { ...unused, type: 'requests', window_seconds: 3_600, limit: 1_000, remaining: 1_000 },
      { ...unused, type: 'tokens', window_seconds: 60, limit: 50_000, remaining: 50_000 },
    ];
    expect(await limits('/v1/rate-limit')).toEqual(before);
    expect(await limits('/api/v1/rate-limit')).toEqual(before);

    stage.upstream.next(answers(completion()));
    const calledAt = Date.now();
    await stage.call(BODY);

    const after = (await limits('/v1/rate-limit')) as readonly { readonly resets_at: string }[];
    expect(after[1]).toMatchObject({ scope: 'key', ...minute(1) });
    expect(Date.parse(after[1]!.resets_at) - calledAt).toBeGreaterThan(30_000);
    expect(Date.parse(after[1]!.resets_at) - calledAt).toBeLessThanOrEqual(90_000);
    expect(await limits('/v1/rate-limit', OTHER_KEY)).toMatchObject(before.map(({ limit, used }) => ({ limit, used })));
  });

  it('are told of an end user within its own tenant, and to administrators within any', async () => {
    stage.upstream.always(answers(completion()));
    await stage.call({ ...BODY, user: 'a/b ü' });
    const path = `/v1/rate-limit/${encodeURIComponent('a/b ü')}`;
    const ofUser = (used: number): unknown => [
      { scope: 'user', subject: 'a/b ü', ...minute(used) },
      { scope: 'user', subject: 'a/b ü', type: 'requests', window_seconds: 3_600, limit: 1_000, used },
    ];

    expect(await limits(path)).toMatchObject(ofUser(1) as object);
    expect(await limits(path, OTHER_KEY)).toMatchObject(ofUser(0) as object);
    expect(await limits(path, ADMIN_KEY)).toMatchObject(ofUser(0) as object);
    expect(await limits(`${path}?tenant=client:client`, ADMIN_KEY)).toMatchObject(ofUser(1) as object);
    expect(await limits(`${path}?tenant=client:client`, OTHER_KEY)).toEqual([403, expect.stringContaining('`tenant`')]);
    expect(await limits(`${path}?team=x`)).toEqual([400, expect.stringContaining('`team`')]);
  });

  it('need a key', async () => {
    for (const path of ['/v1/rate-limit', '/v1/rate-limit/ann', '/v1/budget']) expect((await stage.raw({ path })).status).toBe(401);
  });
});
