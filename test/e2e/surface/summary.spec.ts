import { describe, expect, it } from '@jest/globals';
import { ADMIN_KEY, CLIENT_KEY } from '../../support/gateway.js';
import { Stage } from '../stage.js';
import { errorOf } from '../wire-error.js';

type Json = Record<string, unknown>;

describe('GET /v1/admin/summary', () => {
  const stage = Stage.set();

  const ask = (path: string, key = ADMIN_KEY, body?: object) =>
    stage.raw({
      method: body ? 'POST' : 'GET',
      path,
      headers: { authorization: `Bearer ${key}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
  const read = async (query = ''): Promise<Json> => {
    const answer = await ask(`/v1/admin/summary${query}`);
    expect([answer.status, answer.body.toString()]).toEqual([200, answer.body.toString()]);
    return JSON.parse(answer.body.toString()) as Json;
  };

  it('tells how the gateway and its providers stand', async () => {
    expect(await read()).toMatchObject({
      version: expect.any(String),
      uptime_s: expect.any(Number),
      window_hours: 24,
      providers: ['scripted'],
      provider_states: [{ name: 'scripted', enabled: true, health: expect.any(String), breaker: 'closed' }],
      budgets_near_limit: [],
      refused_requests: expect.any(Number),
    });
  });

  it('has the budgets of which the least is left, but none that is switched off', async () => {
    const budget = { scope: 'everything', period: 'total' };
    for (const more of [
      { name: 'wide', limit_usd: '250' },
      { name: 'shut', limit_usd: '0' },
      { name: 'off', limit_usd: '0', disabled: true },
    ]) {
      expect((await ask('/v1/admin/budgets', ADMIN_KEY, { ...budget, ...more })).status).toBe(200);
    }

    expect((await read())['budgets_near_limit']).toEqual([
      expect.objectContaining({ name: 'shut', scope: 'everything', subject: null, limit_usd: '0', remaining_usd: '0', resets_at: null }),
      expect.objectContaining({ name: 'wide', limit_usd: '250', spent_usd: '0', held_usd: '0', remaining_usd: '250' }),
    ]);
  });

  it.each([
    ['?window=7d', 168],
    ['?window=36h', 36],
    ['?window_hours=48', 48],
    ['?window=397d', 9_528],
  ])('looks as far back as it is told to by %s', async (query, hours) => {
    const { window_hours: told, from, to } = await read(query);

    expect(told).toBe(hours);
    expect(Date.parse(String(to)) - Date.parse(String(from))).toBeGreaterThanOrEqual(hours * 3_600_000);
    expect(Date.parse(String(to)) - Date.parse(String(from))).toBeLessThan(hours * 3_600_000 + 900_000);
  });

  it.each([
    ['?window=398d', 'window'],
    ['?window=0d', 'window'],
    ['?window=1.5d', 'window'],
    ['?window=day', 'window'],
    ['?window=24h&window_hours=24', 'window'],
    ['?window_hours=0', 'window_hours'],
    ['?window_hours=9529', 'window_hours'],
  ])('refuses %s', async (query, param) => {
    const answer = await ask(`/v1/admin/summary${query}`);

    expect([answer.status, errorOf(answer)['param']]).toEqual([400, param]);
  });

  it('is not for those who call models', async () => {
    expect((await ask('/v1/admin/summary', CLIENT_KEY)).status).toBe(403);
  });
});
