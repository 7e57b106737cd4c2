import { describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { KeysService, type KeyWishes } from '../../../src/keys/index.js';
import type { RawAnswer } from '../../support/raw-client.js';
import { answers, hangs } from '../../support/upstream/behaviours.js';
import { completion } from '../../support/upstream/openai-answers.js';
import { MESSAGES, MODEL, Stage } from '../stage.js';
import { errorOf } from '../wire-error.js';

const SMALL = 'scripted-small';
const LARGE = 'scripted-large';
const BODY = { model: SMALL, messages: MESSAGES };

describe('a key', () => {
  const stage = Stage.set({
    provider: { models: [SMALL, LARGE, MODEL] },
    config: {
      http: { trustProxy: ['127.0.0.1'] },
      limits: { requestsPerMinute: 2 },
      models: [
        {
          name: 'fast',
          strategy: 'priority',
          targets: [
            { provider: 'scripted', model: SMALL, weight: 1 },
            { provider: 'scripted', model: LARGE, weight: 1 },
          ],
          onContextOverflow: [],
          onContentPolicy: [],
        },
      ],
    },
  });

  const keys = (): KeysService => stage.gateway.app.get(KeysService, { strict: false });
  const make = async (wishes: Partial<KeyWishes> = {}) => {
    const { key, record } = await keys().create({ name: 'restricted', role: 'client', ...wishes });
    return { key, id: record.id };
  };
  const as = (key: string, from?: string) => ({ authorization: `Bearer ${key}`, ...(from !== undefined && { 'x-forwarded-for': from }) });
  const get = (path: string, key: string, from?: string): Promise<RawAnswer> => stage.raw({ path, headers: as(key, from) });

  it.each([
    ['was revoked', async (id: string) => keys().revoke(id)],
    ['is disabled', async (id: string) => keys().change(id, { disabled: true }, { id: 'ann', name: 'Ann' })],
    ['was replaced by a new one', async (id: string) => keys().rotate(id, 0, { id: 'ann', name: 'Ann' })],
  ])('that %s is told so at its next call, and what to do', async (what, end) => {
    const { key, id } = await make();
    expect((await get('/v1/models', key)).status).toBe(200);

    await end(id);

    const refusal = await get('/v1/models', key);
    expect(refusal.status).toBe(what === 'is disabled' ? 403 : 401);
    expect(errorOf(refusal)).toMatchObject({
      code: what === 'is disabled' ? 'forbidden' : 'invalid_api_key',
      message: expect.stringContaining(`This API key ${what}. `),
    });
  });

  it('that is switched on again works at its next call', async () => {
    const { key, id } = await make({ disabled: true });
    expect((await get('/v1/models', key)).status).toBe(403);

    await keys().change(id, { disabled: false }, { id: 'ann', name: 'Ann' });

    expect((await get('/v1/models', key)).status).toBe(200);
  });

  it('works from its own addresses alone, behind a proxy that is trusted', async () => {
    const { key } = await make({ ipAllow: ['203.0.113.0/24', '2001:db8::/32'] });

    expect((await get('/v1/models', key, '203.0.113.7')).status).toBe(200);
    expect((await get('/v1/models', key, '198.51.100.1, 2001:db8::7')).status).toBe(200);
    const refusal = await get('/v1/models', key, '203.0.113.7, 198.51.100.1');
    expect(refusal.status).toBe(403);
    expect(errorOf(refusal)).toMatchObject({ code: 'forbidden', message: expect.stringMatching(/198\.51\.100\.1.*`ip_allow`/) });
  });

  it('calls the routes that it is for and no others', async () => {
    const { key } = await make({ routes: ['models'] });

    expect((await get('/v1/models', key)).status).toBe(200);
    expect((await get('/api/v1/models/fast', key)).status).toBe(200);
    const refusal = await stage.call(BODY, as(key));
    expect(refusal.status).toBe(403);
    expect(errorOf(refusal).message).toContain('add `chat` to its `routes`');
    expect(stage.upstream.attempts).toHaveLength(0);
  });

  it('of an administrator can be kept to one part of the administration', async () => {
    const { key } = await make({ role: 'viewer', routes: ['metrics'] });

    expect((await get('/metrics', key)).status).toBe(200);
    expect((await get('/v1/admin/summary', key)).status).toBe(403);
  });

  it('uses the models that it may, and is told of no others', async () => {
    stage.upstream.always(answers(completion()));
    const { key } = await make({ models: ['*-small'] });

    const listed = JSON.parse((await get('/v1/models', key)).body.toString()) as { data: { id: string; providers: string[] }[] };
    expect(Object.fromEntries(listed.data.map(({ id, providers }) => [id, providers.length]))).toEqual({ fast: 1, [SMALL]: 1 });
    expect((await get(`/v1/models/${LARGE}`, key)).status).toBe(403);
    expect((await stage.call(BODY, as(key))).status).toBe(200);
    const refusal = await stage.call({ ...BODY, model: LARGE }, as(key));
    expect(refusal.status).toBe(403);
    expect(errorOf(refusal)).toMatchObject({ code: 'forbidden', param: 'model', message: expect.stringContaining(LARGE) });
    expect(stage.upstream.attempts.map(({ json }) => json['model'])).toEqual([SMALL]);
  });

  it('does not reach a model that it may not use by another way', async () => {
    const { key } = await make({ models: ['*-small'] });
    const ways = [
      { model: `scripted/${LARGE}` },
      { model: LARGE, provider: 'scripted' },
      { model: SMALL, models: [SMALL, LARGE] },
      { model: SMALL, preset: 'large' },
    ];

    for (const way of ways) expect((await stage.call({ ...BODY, ...way }, as(key))).status).toBe(403);

    const tokens = await stage.call({ model: LARGE, max_tokens: 5, messages: MESSAGES }, as(key), '/v1/messages/count_tokens');
    expect(tokens.status).toBe(403);
    expect(stage.upstream.attempts).toHaveLength(0);
  });

  it('that may use a name may use all that is behind it', async () => {
    stage.upstream.next(answers({ error: { message: 'down' } }, 500), answers(completion()));
    const { key } = await make({ models: ['fast'] });

    const answer = await stage.call({ ...BODY, model: 'fast' }, as(key));

    expect(answer.status).toBe(200);
    expect(stage.upstream.attempts.map(({ json }) => json['model'])).toEqual([SMALL, LARGE]);
    expect((await stage.call(BODY, as(key))).status).toBe(403);
  });

  it('meets what it may not in its SDK as a PermissionDeniedError', async () => {
    const { key } = await make({ models: ['*-small'] });

    const call = stage.client(key).chat.completions.create({ model: LARGE, messages: MESSAGES });

    await expect(call).rejects.toBeInstanceOf(OpenAI.PermissionDeniedError);
  });

  it('has its own limits before the configured ones', async () => {
    stage.upstream.always(answers(completion()));
    const [usual, many, none] = [await make(), await make({ requestsPerMinute: 4 }), await make({ requestsPerMinute: 0 })];
    const calls = async (key: string): Promise<number[]> => {
      const statuses: number[] = [];
      for (let count = 0; count < 5; count += 1) statuses.push((await stage.call(BODY, as(key))).status);
      return statuses;
    };

    expect(await calls(usual.key)).toEqual([200, 200, 429, 429, 429]);
    expect(await calls(many.key)).toEqual([200, 200, 200, 200, 429]);
    expect(await calls(none.key)).toEqual([200, 200, 200, 200, 200]);
  });

  it('makes no more calls at once than it may', async () => {
    stage.upstream.always(hangs);
    const { key } = await make({ concurrency: 1 });
    const abort = new AbortController();
    const first = stage.client(key).chat.completions.create(BODY, { signal: abort.signal });
    first.catch(() => undefined);
    await stage.upstream.attempt(0);

    const second = await stage.call(BODY, as(key));

    expect(second.status).toBe(429);
    expect(errorOf(second).message).toContain('1 call at the same time');
    abort.abort();
  });
});

describe('an address that has sent twenty keys that are not valid within a minute', () => {
  const stage = Stage.set({ config: { http: { trustProxy: ['127.0.0.1'] } } });
  const ATTACKER = '203.0.113.66';
  const present = (key: string, from: string): Promise<RawAnswer> =>
    stage.raw({ path: '/v1/models', headers: { 'x-api-key': key, 'x-forwarded-for': from } });

  it('is told to wait, and a valid key from there is not', async () => {
    const { key, record } = await stage.gateway.app.get(KeysService, { strict: false }).create({ name: 'valid', role: 'client' });
    const guesses = [`tg-${record.publicId}-${'s'.repeat(36)}`, `tg-abcdefghjkmn-${'s'.repeat(36)}`, 'sk-nonsense'];
    for (let count = 0; count < 20; count += 1) expect((await present(guesses[count % 3]!, ATTACKER)).status).toBe(401);

    for (const guess of guesses) {
      const refusal = await present(guess, ATTACKER);
      expect(refusal.status).toBe(429);
      expect(errorOf(refusal)).toMatchObject({ code: 'rate_limit_exceeded', message: expect.stringContaining('Check the key') });
      expect(Number(refusal.headers['retry-after'])).toBeGreaterThan(0);
      expect(Number(refusal.headers['retry-after'])).toBeLessThanOrEqual(60);
    }
    expect((await present(key, ATTACKER)).status).toBe(200);
    expect((await present('sk-nonsense', '203.0.113.67')).status).toBe(401);
    expect((await stage.raw({ path: '/v1/models', headers: { 'x-forwarded-for': ATTACKER } })).status).toBe(401);
  });
});
