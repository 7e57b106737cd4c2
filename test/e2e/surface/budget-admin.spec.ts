import { beforeAll, describe, expect, it } from '@jest/globals';
import { KeysService } from '../../../src/keys/index.js';
import { Audit } from '../../../src/platform/index.js';
import { ADMIN_KEY, CLIENT_KEY } from '../../support/gateway.js';
import type { RawAnswer } from '../../support/raw-client.js';
import { Stage } from '../stage.js';
import { errorOf } from '../wire-error.js';

type Json = Record<string, unknown> & { readonly id: string };

const UNKNOWN = '019512aa-3c5b-7f0c-8a5e-4d3c2b1a0f9e';
const BILL = { name: 'the bill', scope: 'everything', limit_usd: '250', period: 'total' };

describe('the administration of budgets', () => {
  const stage = Stage.set();
  let viewer = '';

  beforeAll(async () => {
    viewer = (await stage.gateway.app.get(KeysService, { strict: false }).create({ name: 'watcher', role: 'viewer' })).key;
  });

  const ask = (method: string, path: string, body?: object, key = ADMIN_KEY): Promise<RawAnswer> =>
    stage.raw({
      method,
      path: path.startsWith('/admin') || path.startsWith('/api') ? path : `/v1/admin/budgets${path}`,
      headers: { authorization: `Bearer ${key}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
  const done = async (method: string, path: string, body?: object, key?: string): Promise<Json> => {
    const answer = await ask(method, path, body, key);
    expect([answer.status, answer.body.toString()]).toEqual([200, answer.body.toString()]);
    return JSON.parse(answer.body.toString()) as Json;
  };

  it('makes a budget, which has all of its amount left', async () => {
    const made = await done('POST', '', { ...BILL, limit_usd: '8900000.123456789', period: 'month', time_zone: 'Asia/Kathmandu' });

    expect(made).toMatchObject({
      name: 'the bill',
      scope: 'everything',
      subject: null,
      tenant: null,
      limit_usd: '8900000.123456789',
      period: 'month',
      window_seconds: null,
      time_zone: 'Asia/Kathmandu',
      thresholds: [50, 80, 100],
      disabled: false,
      spent_usd: '0',
      held_usd: '0',
      remaining_usd: '8900000.123456789',
    });
    expect(made['period_starts_at']).toBe(made['counts_from']);
    expect(new Date(String(made['resets_at'])).toISOString()).toMatch(/T18:15:00\.000Z$/);
    expect(await done('GET', `/${made.id}`)).toEqual(made);
    await done('DELETE', `/${made.id}`);
  });

  it.each([
    [{ scope: 'key', subject: 'client:client' }, {}],
    [{ scope: 'user', subject: 'ann', tenant: 'client:client' }, {}],
    [{ scope: 'tag', subject: 'app=search', tenant: 'client:client' }, {}],
    [{ period: 'rolling', window_seconds: 86_400 }, { resets_at: null }],
    [{ limit_usd: 0.1 }, { limit_usd: '0.1' }],
    [{ limit_usd: 0 }, { limit_usd: '0', remaining_usd: '0' }],
    [{ thresholds: [], disabled: true }, {}],
  ])('takes %j', async (order, shown) => {
    const made = await done('POST', '', { ...BILL, ...order });

    expect(made).toMatchObject({ ...order, ...shown });
    await done('DELETE', `/${made.id}`);
  });

  it.each([
    [{ name: '' }, 'name'],
    [{ scope: 'planet' }, 'scope'],
    [{ scope: 'key' }, 'subject'],
    [{ scope: 'key', subject: UNKNOWN }, 'subject'],
    [{ scope: 'team', subject: UNKNOWN }, 'subject'],
    [{ scope: 'user', subject: 'ann' }, 'tenant'],
    [{ scope: 'tag', subject: 'app=search', tenant: UNKNOWN }, 'tenant'],
    [{ subject: 'x' }, 'subject'],
    [{ limit_usd: -1 }, 'limit_usd'],
    [{ limit_usd: '0.0000000001' }, 'limit_usd'],
    [{ limit_usd: undefined }, 'limit_usd'],
    [{ period: 'year' }, 'period'],
    [{ period: 'rolling' }, 'window_seconds'],
    [{ period: 'rolling', window_seconds: 60 }, 'window_seconds'],
    [{ period: 'day', time_zone: 'Mars/Olympus' }, 'time_zone'],
    [{ time_zone: 'UTC' }, 'time_zone'],
    [{ thresholds: [0] }, 'thresholds'],
    [{ thresholds: [50, 50] }, 'thresholds'],
    [{ currency: 'EUR' }, 'currency'],
  ])('refuses %j, naming the field', async (order, param) => {
    const answer = await ask('POST', '', { ...BILL, ...order });

    expect(answer.status).toBe(400);
    expect(errorOf(answer)).toMatchObject({ param, message: expect.stringContaining(`\`${param}\``) });
  });

  it('says in so many words that an amount is too large', async () => {
    expect(errorOf(await ask('POST', '', { ...BILL, limit_usd: 9_000_001 })).message).toContain('at most US$9000000');
  });

  it('changes what may be changed, and says what that is', async () => {
    const { id } = await done('POST', '', BILL);

    const changed = await done('PATCH', `/${id}`, { name: 'another', limit_usd: '0.000000001', thresholds: [10], disabled: true });
    expect(changed).toMatchObject({ name: 'another', limit_usd: '0.000000001', thresholds: [10], disabled: true, period: 'total' });
    for (const field of ['scope', 'subject', 'tenant', 'period', 'window_seconds', 'time_zone']) {
      const answer = await ask('PATCH', `/${id}`, { [field]: 'x' });
      expect(answer.status).toBe(400);
      expect(errorOf(answer).message).toContain('Accepted are `name`, `limit_usd`, `thresholds`, `disabled`.');
    }
    await done('DELETE', `/${id}`);
  });

  it('resets a budget, and records who did', async () => {
    const made = await done('POST', '', BILL);

    const reset = await done('POST', `/${made.id}/reset`);

    expect(Date.parse(String(reset['counts_from']))).toBeGreaterThan(Date.parse(String(made['counts_from'])));
    expect(reset['created_at']).toBe(made['created_at']);
    const records = await stage.gateway.app.get(Audit, { strict: false }).list({ limit: 10, entity: 'budget' });
    expect(records.find(({ entityId, action }) => entityId === made.id && action === 'reset')).toMatchObject({
      actor: { id: 'admin:admin', name: 'admin' },
      before: { counts_from: made['counts_from'] },
      after: { counts_from: reset['counts_from'] },
    });
    await done('DELETE', `/${made.id}`);
  });

  it('lists page by page, and by whom they are for', async () => {
    const ids: string[] = [];
    for (const name of ['1', '2', '3']) ids.push((await done('POST', '', { ...BILL, name })).id);
    const ofKey = await done('POST', '', { ...BILL, scope: 'key', subject: 'client:client' });

    const first = await done('GET', '?limit=2&scope=everything');
    expect(first).toMatchObject({ object: 'list', data: [{ id: ids[2] }, { id: ids[1] }], has_more: true, last_id: ids[1] });
    expect(await done('GET', `?limit=2&scope=everything&after=${ids[1]}`)).toMatchObject({ data: [{ id: ids[0] }], has_more: false });
    expect(await done('GET', '?subject=client:client')).toMatchObject({ data: [{ id: ofKey.id }] });
    expect(await done('GET', '?tenant=client:client')).toMatchObject({ data: [], last_id: null });
    for (const id of [...ids, ofKey.id]) await done('DELETE', `/${id}`);
  });

  it.each(['GET', 'PATCH', 'DELETE'])('%s knows no budget that is not there', async (method) => {
    for (const id of [UNKNOWN, 'nonsense']) {
      const answer = await ask(method, `/${id}`, method === 'PATCH' ? { disabled: true } : undefined);
      expect([answer.status, errorOf(answer).message]).toEqual([404, `There is no budget \`${id}\`.`]);
    }
    expect((await ask('POST', `/${UNKNOWN}/reset`)).status).toBe(404);
  });

  it('lets viewers read and do nothing else, and clients neither', async () => {
    const { id } = await done('POST', '', BILL);

    expect(await done('GET', `/${id}`, undefined, viewer)).toMatchObject({ id });
    expect(await done('GET', '', undefined, viewer)).toMatchObject({ object: 'list' });
    for (const [method, path, body] of [
      ['POST', '', BILL],
      ['PATCH', `/${id}`, { disabled: true }],
      ['POST', `/${id}/reset`, undefined],
      ['DELETE', `/${id}`, undefined],
    ] as const) {
      expect((await ask(method, path, body, viewer)).status).toBe(403);
    }
    expect((await ask('GET', `/${id}`, undefined, CLIENT_KEY)).status).toBe(403);
    await done('DELETE', `/${id}`);
  });

  it.each(['/admin/budgets', '/api/v1/admin/budgets'])('also answers under %s', async (path) => {
    expect(await done('GET', path)).toMatchObject({ object: 'list' });
  });
});
