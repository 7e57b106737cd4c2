import { afterEach, describe, expect, it } from '@jest/globals';
import { KeysService } from '../../../src/keys/index.js';
import { ADMIN_KEY, CLIENT_KEY, OTHER_KEY } from '../../support/gateway.js';
import { eventually } from '../../support/eventually.js';
import type { RawAnswer } from '../../support/raw-client.js';
import { answers } from '../../support/upstream/behaviours.js';
import { completion } from '../../support/upstream/openai-answers.js';
import { MESSAGES, MODEL, Stage } from '../stage.js';
import { errorOf } from '../wire-error.js';

type Json = Record<string, unknown> & { readonly id: string; readonly data: readonly Record<string, unknown>[] };

const BODY = { model: MODEL, messages: MESSAGES, max_tokens: 100 };
/** US$2.50, US$1.25 cached and US$10 per million: 200, 1000 and 80 tokens of the scripted usage. */
const COST_USD = '0.00255';
const PRICE = { inputPicoUsd: 2_500_000n, outputPicoUsd: 10_000_000n, cacheReadPicoUsd: 1_250_000n, cacheWritePicoUsd: undefined };

describe('a budget', () => {
  const stage = Stage.set({ config: { prices: [{ model: MODEL, ...PRICE }] } });
  const made: string[] = [];

  const admin = async (method: string, path: string, body?: object): Promise<Json> => {
    const answer = await stage.raw({
      method,
      path: `/v1/admin/budgets${path}`,
      headers: { authorization: `Bearer ${ADMIN_KEY}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    expect([answer.status, answer.body.toString()]).toEqual([200, answer.body.toString()]);
    return JSON.parse(answer.body.toString()) as Json;
  };
  const make = async (order: object): Promise<string> => {
    const { id } = await admin('POST', '', { name: 'mine', scope: 'key', subject: 'client:client', period: 'total', ...order });
    made.push(id);
    return id;
  };
  const budgetsOf = async (key: string): Promise<Json['data']> => {
    const answer = await stage.raw({ path: '/v1/budget', headers: { authorization: `Bearer ${key}` } });
    expect(answer.status).toBe(200);
    return (JSON.parse(answer.body.toString()) as Json).data;
  };
  const call = (key: string, body: object = {}): Promise<RawAnswer> => stage.call({ ...BODY, ...body }, { authorization: `Bearer ${key}` });
  const newKey = async (wishes: object): Promise<{ readonly key: string; readonly id: string }> => {
    const { key, record } = await stage.gateway.app.get(KeysService, { strict: false }).create({ name: 'app', role: 'client', ...wishes });
    return { key, id: record.id };
  };
  const spentOf = async (id: string): Promise<unknown> => (await admin('GET', `/${id}`))['spent_usd'];

  afterEach(async () => {
    for (const id of made.splice(0)) await admin('DELETE', `/${id}`);
  });

  it('binds nobody where there is none', async () => {
    expect(await budgetsOf(CLIENT_KEY)).toEqual([]);
  });

  it('has less left after a call, to the nano-dollar, and tells its key so', async () => {
    stage.upstream.next(answers(completion()));
    const id = await make({ limit_usd: '8900000.000000001', period: 'month', time_zone: 'Europe/Berlin' });

    expect((await call(CLIENT_KEY)).status).toBe(200);

    await eventually(async () => (await spentOf(id)) === COST_USD);
    const [shown, ...others] = await budgetsOf(CLIENT_KEY);
    expect(others).toEqual([]);
    expect(shown).toEqual({
      id,
      name: 'mine',
      scope: 'key',
      limit_usd: '8900000.000000001',
      spent_usd: COST_USD,
      held_usd: '0',
      remaining_usd: '8899999.997450001',
      window_seconds: null,
      resets_at: expect.stringMatching(/T2[23]:00:00\.\d{3}Z$/),
    });
    expect(await budgetsOf(OTHER_KEY)).toEqual([]);
  });

  it('of nothing lets nothing pass, and reaches nobody', async () => {
    await make({ limit_usd: 0 });

    const refused = await call(CLIENT_KEY);

    expect(refused.status).toBe(429);
    expect(errorOf(refused)).toMatchObject({ code: 'insufficient_quota' });
    expect(refused.headers['x-should-retry']).toBe('false');
    expect(stage.upstream.attempts).toHaveLength(0);
    expect((await budgetsOf(CLIENT_KEY))[0]).toMatchObject({ spent_usd: '0', held_usd: '0', remaining_usd: '0' });
  });

  it('binds no other key, and none any more when it is switched off or deleted', async () => {
    stage.upstream.always(answers(completion()));
    const id = await make({ limit_usd: 0 });
    expect((await call(OTHER_KEY)).status).toBe(200);
    expect((await call(CLIENT_KEY)).status).toBe(429);

    await admin('PATCH', `/${id}`, { disabled: true });
    expect((await call(CLIENT_KEY)).status).toBe(200);

    await admin('PATCH', `/${id}`, { disabled: false });
    expect((await call(CLIENT_KEY)).status).toBe(429);

    await admin('DELETE', `/${made.pop()}`);
    expect((await call(CLIENT_KEY)).status).toBe(200);
  });

  it('forgets nothing when its amount is changed, and everything when it is reset', async () => {
    stage.upstream.always(answers(completion()));
    const id = await make({ limit_usd: 1 });
    await call(CLIENT_KEY);
    await eventually(async () => (await spentOf(id)) === COST_USD);

    expect(await admin('PATCH', `/${id}`, { limit_usd: '0.002' })).toMatchObject({ spent_usd: COST_USD, remaining_usd: '0' });
    expect((await call(CLIENT_KEY)).status).toBe(429);

    expect(await admin('POST', `/${id}/reset`)).toMatchObject({ spent_usd: '0', remaining_usd: '0.002' });
    await admin('PATCH', `/${id}`, { limit_usd: '1' });
    expect((await call(CLIENT_KEY)).status).toBe(200);
    await eventually(async () => (await spentOf(id)) === COST_USD);
  });

  it('on everything binds every key', async () => {
    await make({ scope: 'everything', subject: undefined, limit_usd: 0 });

    for (const key of [CLIENT_KEY, OTHER_KEY, ADMIN_KEY]) {
      expect((await call(key)).status).toBe(429);
      expect(await budgetsOf(key)).toMatchObject([{ scope: 'everything' }]);
    }
  });

  it('on an end user binds where the key demands one, and not where anybody may be named', async () => {
    stage.upstream.always(answers(completion()));
    const strict = await newKey({ requireUser: true });
    const loose = await newKey({});
    for (const { id } of [strict, loose]) await make({ scope: 'user', subject: 'ann', tenant: id, limit_usd: 0 });

    expect((await call(strict.key, { user: 'ann' })).status).toBe(429);
    expect((await call(strict.key, { user: 'ben' })).status).toBe(200);
    expect((await call(loose.key, { user: 'ann' })).status).toBe(200);
  });

  it('on a tag binds keys that carry it, whatever the request says', async () => {
    stage.upstream.always(answers(completion()));
    const tagged = await newKey({ tags: { app: 'search' } });
    const plain = await newKey({});
    for (const { id } of [tagged, plain]) await make({ scope: 'tag', subject: 'app=search', tenant: id, limit_usd: 0 });

    const refused = await stage.call(BODY, { authorization: `Bearer ${tagged.key}`, 'x-tollgate-tags': 'app=other' });
    const named = await stage.call(BODY, { authorization: `Bearer ${plain.key}`, 'x-tollgate-tags': 'app=search' });

    expect([refused.status, named.status]).toEqual([429, 200]);
  });
});
