import { describe, expect, it } from '@jest/globals';
import type { Bound, BudgetBound } from '../bounds.js';
import type { CounterSeed, StoredCall } from '../budgets/spend.store.js';
import { shardNumberOf } from '../redis/shards.js';
import { Seeds } from './seeds.js';

const clock = { now: () => 1_000, elapsed: () => 0 };
const TENANT = 'team-7';

function budget(id: string, bucketMs: number, kind: 'budget' | 'rolling' = 'budget'): BudgetBound {
  const common = {
    scope: 'team',
    subject: id,
    counter: `${kind}:${id}`,
    budgetId: id,
    limitNanoUsd: 100n,
    ref: `${id}@${bucketMs}`,
  } as const;
  const bound: Bound = kind === 'budget' ? { ...common, kind, startsAt: 0, endsAt: Infinity } : { ...common, kind, windowMs: 60_000 };
  return bound;
}

function seedsFrom(seeds: readonly CounterSeed[], stored: ReadonlyMap<string, StoredCall> = new Map()) {
  return new Seeds({ read: () => Promise.resolve({ seeds, stored }) }, clock);
}

const held = { callId: 'call-1', tenant: TENANT };
const spent = (bucketMs: number, costNanoUsd: bigint) => ({ atMs: bucketMs + 999, bucketMs, costNanoUsd });

describe('Seeds', () => {
  it('go to the shard of their tenant, or of their own name above all tenants', async () => {
    const everything = { ...budget('all', 0), scope: 'everything' as const };
    const seeds = seedsFrom([
      { tenant: TENANT, bound: budget('a', 0), spent: [spent(0, 5n)] },
      { tenant: undefined, bound: everything, spent: [spent(0, 7n)] },
    ]);
    const [ofTenant, ofAll] = [shardNumberOf(TENANT), shardNumberOf(everything.counter)];

    const found = await seeds.read([ofTenant, ofAll], []);

    expect(found.get(ofTenant)).toMatchObject([{ bound: { budgetId: 'a' }, spent: [{ costNanoUsd: 5n }] }]);
    expect(found.get(ofAll)).toMatchObject([{ bound: { budgetId: 'all' }, spent: [{ costNanoUsd: 7n }] }]);
  });

  it('leave out, bucket by bucket, what calls came to that are still held', async () => {
    const bound = budget('r', 2_000, 'rolling');
    const stored = new Map([['call-1', { costNanoUsd: 30n, budgets: ['r@1000', 'other@1000'] }]]);
    const seeds = seedsFrom([{ tenant: TENANT, bound, spent: [spent(0, 40n), spent(1_000, 50n), spent(2_000, 60n)] }], stored);

    const found = await seeds.read([shardNumberOf(TENANT)], [held]);

    expect(found.get(shardNumberOf(TENANT))![0]!.spent.map(({ costNanoUsd }) => costNanoUsd)).toEqual([40n, 20n, 60n]);
  });

  it('know nothing of a bucket that is gone', async () => {
    const stored = new Map([['call-1', { costNanoUsd: 30n, budgets: ['r@-5000'] }]]);
    const seeds = seedsFrom([{ tenant: TENANT, bound: budget('r', 0, 'rolling'), spent: [spent(0, 40n)] }], stored);

    expect((await seeds.read([shardNumberOf(TENANT)], [held])).get(shardNumberOf(TENANT))).toMatchObject([
      { spent: [{ costNanoUsd: 40n }] },
    ]);
  });
});
