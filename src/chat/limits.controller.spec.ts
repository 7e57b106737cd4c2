import { describe, expect, it } from '@jest/globals';
import type { Caller, EndUserStanding } from '../core/caller.js';
import type { LimitReading, Payer } from '../limits/index.js';
import type { GatewayRequest } from '../platform/index.js';
import { LimitsController } from './limits.controller.js';

const NOW_MS = Date.parse('2026-11-21T12:00:00Z');
const TOKEN: Caller = { keyId: 'https://issuer.example/ ann', keyName: 'ann', role: 'client', tenant: 'team', user: 'ann' };
const VIEWER: Caller = { keyId: 'v', keyName: 'v', role: 'viewer', tenant: 'v' };
const READING: LimitReading = {
  kind: 'requests',
  scope: 'user',
  subject: 'ann',
  limit: 60n,
  used: 0n,
  held: 0n,
  windowMs: 60_000,
  resetMs: 0,
  budgetId: undefined,
};

describe('LimitsController', () => {
  it('tells the holder of a token of the limits and budgets of its own subject too', async () => {
    const { controller, asked, standing } = stage([READING]);

    await controller.rateLimits(requestOf(TOKEN));
    await controller.budgets(requestOf(TOKEN));

    const payer: Payer = { caller: TOKEN, userId: 'ann', user: standing };
    expect(asked).toEqual([payer, payer]);
  });

  it('tells it of no other end user', async () => {
    const { controller, asked } = stage([READING]);

    expect(await controller.userRateLimits('ann', {}, requestOf(TOKEN))).toMatchObject({ data: [{ subject: 'ann' }] });
    await expect(controller.userRateLimits('ben', {}, requestOf(TOKEN))).rejects.toMatchObject({ kind: 'forbidden' });
    expect(asked).toHaveLength(1);
  });

  it('tells who may read the administration of end users of any tenant, and of those of their own', async () => {
    const { controller, asked } = stage([READING]);

    await controller.userRateLimits('ann', { tenant: 'team' }, requestOf(VIEWER));
    await controller.userRateLimits('ann', {}, requestOf({ ...TOKEN, role: 'admin' }));

    expect(asked.map(({ caller, userId }) => [caller.tenant, userId])).toEqual([
      ['team', 'ann'],
      ['team', 'ann'],
    ]);
  });

  it('keeps limits and budgets apart, and shows nothing below zero', async () => {
    const budget: LimitReading = {
      ...READING,
      kind: 'budget',
      subject: 'mine',
      limit: 5n,
      used: 7n,
      held: 3n,
      windowMs: undefined,
      resetMs: Infinity,
      budgetId: 'b',
    };
    const calls: LimitReading = { ...READING, kind: 'calls', scope: 'key', limit: 2n, used: 3n, windowMs: undefined, resetMs: undefined };
    const { controller } = stage([READING, calls, budget]);

    expect((await controller.rateLimits(requestOf(VIEWER))).data).toMatchObject([
      { type: 'requests', resets_at: null },
      { type: 'concurrency', used: 3, remaining: 0, resets_at: null },
    ]);
    expect((await controller.budgets(requestOf(VIEWER))).data).toEqual([
      {
        id: 'b',
        name: 'mine',
        scope: 'user',
        limit_usd: '0.000000005',
        spent_usd: '0.000000004',
        held_usd: '0.000000003',
        remaining_usd: '0',
        window_seconds: null,
        resets_at: null,
      },
    ]);
  });
});

function stage(readings: readonly LimitReading[]) {
  const asked: Payer[] = [];
  const standing: EndUserStanding = { isDisabled: false };
  const look = (payer: Payer): Promise<readonly LimitReading[]> => {
    asked.push({ caller: payer.caller, userId: payer.userId, user: payer.user });
    return Promise.resolve(readings);
  };
  return { controller: new LimitsController({ look }, { find: () => standing }, { now: () => NOW_MS }), asked, standing };
}

function requestOf(caller: Caller): GatewayRequest {
  return { caller } as GatewayRequest;
}
