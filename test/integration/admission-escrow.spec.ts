import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import type { Verdict } from '../../src/limits/admission-store.js';
import type { Bound, BudgetBound } from '../../src/limits/bounds.js';
import { RedisStore, type StoreRedis } from '../../src/limits/redis/redis-store.js';
import { ALL_SHARDS, prefixOf, shardNumberOf, SHARDS } from '../../src/limits/redis/shards.js';
import { ask, budget, cost, everything, MINUTE_MS, name, requests } from '../support/admission-harness.js';
import { openShards, openStore } from '../support/admission-shards.js';
import { createRedisDb, describeWithRedis, type RedisDb } from '../support/redis-db.js';

const DOLLAR = 1_000_000_000n;
const HOUR_MS = 3_600_000;
/** One in each shard. */
const TENANTS = ALL_SHARDS.map((shard) => tenantIn(shard));

describeWithRedis('a budget on everything over Redis', () => {
  let db: RedisDb;
  let redis: Redis;
  let store: RedisStore;
  let other: RedisStore;
  let ms: number;
  let generation: string;
  let made = 0;

  beforeAll(async () => {
    db = await createRedisDb();
    redis = new Redis(db.url);
  });

  beforeEach(async () => {
    await redis.flushdb();
    const [seconds] = await redis.time();
    ms = Number(seconds) * 1_000 + HOUR_MS;
    await advance(0);
    [store, other] = [await openStore(redis), await openStore(redis)];
    [generation] = (await store.attend(0)).epoch.split('.') as [string];
  });

  afterAll(async () => {
    redis.disconnect();
    await db.drop();
  });

  it('of US$10 admits exactly ten calls of US$1 that come at once, in all shards and from two gateways', async () => {
    const verdicts = await Promise.all(
      TENANTS.map((tenant, at) => admit(tenant, [everything(10n * DOLLAR)], DOLLAR, at % 2 ? other : store)),
    );

    expect(admitted(verdicts)).toBe(10);
    expect(await used(everything(10n * DOLLAR))).toBe(10n * DOLLAR);
    expect(verdicts.find(({ outcome }) => outcome === 'refused')).toMatchObject({ bound: everything(10n * DOLLAR), needed: DOLLAR });
  });

  it('lends ahead of need while there is much, and exactly the need when there is little', async () => {
    const bound = everything(12_800n);
    await admit(TENANTS[1]!, [bound], 10n);
    const { sum } = await pool(bound);
    for (let more = 0; more < 9; more += 1) await admit(TENANTS[1]!, [bound], 10n);

    expect(sum).toBe('100');
    expect((await pool(bound)).sum).toBe('100');
    await admit(TENANTS[2]!, [everything(120n)], 5n);
    expect((await pool(bound)).sum).toBe('105');
  });

  it('does not lend more ahead than sixteen calls like it would take', async () => {
    await admit(TENANTS[1]!, [everything(1_000_000n)], 10n);

    expect((await pool(everything(0n))).sum).toBe('160');
  });

  it('calls back what others do not use before it refuses', async () => {
    const bound = everything(12_800n);
    for (const tenant of TENANTS) await admit(tenant, [bound], 10n);

    expect(await admit(TENANTS[5]!, [bound], 12_161n)).toMatchObject({ outcome: 'refused', used: 640n, needed: 12_161n });
    expect(await admit(TENANTS[5]!, [bound], 12_160n)).toMatchObject({ outcome: 'admitted' });
    expect(await admit(TENANTS[6]!, [bound], 1n)).toMatchObject({ outcome: 'refused', used: 12_800n });
  });

  it('is one of several, and what a refused call borrowed of the others can be spent elsewhere', async () => {
    const [small, large] = [everything(5n), { ...everything(100n), counter: 'budget:b-large:0' }];

    expect(await admit(TENANTS[1]!, [small, large], 6n)).toMatchObject({ outcome: 'refused', bound: small });
    expect(await admit(TENANTS[1]!, [small, large], 5n)).toMatchObject({ outcome: 'admitted' });
    expect(await admit(TENANTS[2]!, [small, large], 1n)).toMatchObject({ outcome: 'refused', bound: small, used: 5n });

    expect(await admit(TENANTS[3]!, [large], 95n)).toMatchObject({ outcome: 'admitted' });
    expect(await used(large)).toBe(100n);
  });

  it('cuts a call to what the tightest of several pools has left', async () => {
    const bounds = [everything(80n), { ...everything(100n), counter: 'budget:b-large:0' }, budget(90n)];
    await admit(TENANTS[1]!, [bounds[0]!], 30n);
    await admit(TENANTS[2]!, [bounds[1]!], 40n);

    expect(await admit(TENANTS[3]!, bounds, 95n, store, 50n)).toMatchObject({ outcome: 'admitted', heldCostNanoUsd: 50n });
    expect(await admit(TENANTS[4]!, [bounds[1]!], 95n, store, 1n)).toMatchObject({ outcome: 'admitted', heldCostNanoUsd: 10n });
  });

  it('lets through what needs nothing, in any shard, when nothing is left', async () => {
    await admit(TENANTS[1]!, [everything(10n)], 10n);

    expect(await admit(TENANTS[2]!, [everything(10n)], 5n, store, 0n)).toMatchObject({ outcome: 'admitted', heldCostNanoUsd: 0n });
    expect(await admit(TENANTS[2]!, [everything(10n)], 0n)).toMatchObject({ outcome: 'admitted', heldCostNanoUsd: 0n });
  });

  it('asks no pool for a call that could never fit, or that another limit keeps out', async () => {
    expect(await admit(TENANTS[1]!, [everything(10n)], 11n)).toMatchObject({ outcome: 'refused', used: 0n, resetMs: Infinity });
    expect(await admit(TENANTS[1]!, [requests(0), everything(10n)], 1n)).toMatchObject({ outcome: 'refused', bound: requests(0) });

    expect(await redis.keys('*:lent:*')).toEqual([]);
  });

  it('of a rolling kind has room again, in any shard, when the oldest money has left', async () => {
    const bound: BudgetBound = {
      ...everything(100n),
      kind: 'rolling',
      counter: 'rolling:b-all:0',
      windowMs: MINUTE_MS,
    };
    await admit(TENANTS[1]!, [bound], 60n);
    await advance(20_000);
    await admit(TENANTS[2]!, [bound], 40n);
    await advance(10_000);

    expect(await admit(TENANTS[3]!, [bound], 1n)).toMatchObject({ outcome: 'refused', used: 100n, resetMs: 30_000 });
    expect(await store.look(TENANTS[3]!, [bound])).toEqual([{ used: 100n, held: 0n, resetMs: 30_000 }]);
    await advance(30_000);
    expect(await admit(TENANTS[3]!, [bound], 61n)).toMatchObject({ outcome: 'refused', used: 40n });
    expect(await admit(TENANTS[3]!, [bound], 60n)).toMatchObject({ outcome: 'admitted' });
  });

  it('counts on exactly when what was lent and given back exceeds what a double can tell apart', async () => {
    const bound = everything(100n);
    const [tenant, neighbour] = [TENANTS[1]!, TENANTS[2]!];
    await admit(tenant, [bound], 60n, store, 60n, 'first');
    const many = 9_007_199_254_740_992n;
    await redis.hset(keyOf(bound, `lent:${bound.counter}`), `to:1`, String(many + 61n), 'from:1', String(many + 1n));
    await redis.hset(keyOf(bound, bound.counter, 1), 'in', String(many + 61n), 'out', String(many + 1n));

    await store.settle(name('first', tenant), cost(59n), '');

    expect(await admit(neighbour, [bound], 42n)).toMatchObject({ outcome: 'refused', used: 59n });
    expect(await admit(neighbour, [bound], 41n)).toMatchObject({ outcome: 'admitted' });
    expect(await admit(tenant, [bound], 1n)).toMatchObject({ outcome: 'refused', used: 100n });
  });

  it('gives nobody what a call cost beyond what it was held at', async () => {
    const bound = everything(100n);
    await admit(TENANTS[1]!, [bound], 50n, store, 50n, 'dear');
    await store.settle(name('dear', TENANTS[1]), cost(70n), '');
    await store.sweepTransfers();

    expect(await admit(TENANTS[2]!, [bound], 31n)).toMatchObject({ outcome: 'refused', used: 70n });
    expect(await admit(TENANTS[2]!, [bound], 30n)).toMatchObject({ outcome: 'admitted' });
  });

  it('takes back what is lent and not used when its limit is lowered', async () => {
    await admit(TENANTS[1]!, [everything(12_800n)], 10n);
    expect((await pool(everything(0n))).sum).toBe('100');

    await store.recall(everything(100n));
    expect((await pool(everything(0n))).sum).toBe('100');
    await store.recall(everything(99n));

    expect((await pool(everything(0n))).sum).toBe('10');
  });

  describe('when a gateway dies', () => {
    it('between lending and crediting, makes no money, and strands it only until it is swept', async () => {
      const bound = everything(10n);
      const dying = await storeThatDies(({ to, count }) => to === 'tenant' && count > 1);
      await expect(admit(TENANTS[1]!, [bound], 6n, dying)).rejects.toThrow('died');

      expect(await admit(TENANTS[2]!, [bound], 5n)).toMatchObject({ outcome: 'refused', used: 6n });
      await store.sweepTransfers();

      expect(await admit(TENANTS[2]!, [bound], 10n)).toMatchObject({ outcome: 'admitted' });
      expect(await admit(TENANTS[1]!, [bound], 1n)).toMatchObject({ outcome: 'refused', used: 10n });
    });

    it('between calling back and giving back, makes no money, and the next one finds it', async () => {
      const bound = everything(12_800n);
      await admit(TENANTS[1]!, [bound], 10n);
      const dying = await storeThatDies(({ to, count }) => to === 'pool' && count > 4);
      await expect(admit(TENANTS[2]!, [bound], 12_750n, dying)).rejects.toThrow('died');
      expect(await redis.hget(keyOf(bound, bound.counter, 1), 'out')).toBe('90');

      expect(await admit(TENANTS[3]!, [bound], 12_791n)).toMatchObject({ outcome: 'refused', used: 10n });
      expect(await admit(TENANTS[3]!, [bound], 12_790n)).toMatchObject({ outcome: 'admitted' });
    });

    it('anywhere, never spends more than the limit, and leaves nothing that cannot be spent', async () => {
      const steps = fc.array(
        fc.record({
          tenant: fc.nat(5),
          worst: fc.bigInt(1n, 400n),
          share: fc.integer({ min: 0, max: 100 }),
          dies: fc.nat(60),
          cut: fc.boolean(),
        }),
        { minLength: 30, maxLength: 60, size: 'max' },
      );
      const play = fc.asyncProperty(steps, fc.bigInt(500n, 60_000n), async (calls, limit) => {
        await redis.flushdb();
        await openShards((store = new RedisStore(redis)));
        await openShards((other = new RedisStore(redis)));
        const bound = everything(limit);
        await Promise.all(
          calls.map(async ({ tenant: at, worst, share, dies, cut }, index) => {
            const tenant = TENANTS[at]!;
            const by = dies > 20 ? (index % 2 ? store : other) : await storeThatDies(({ count }) => count > dies / 4);
            const verdict = await admit(tenant, [bound], worst, by, cut ? 1n : worst, `call ${index}`).catch(() => undefined);
            if (verdict?.outcome !== 'admitted') return store.cancel(name(`call ${index}`, tenant));
            if (share < 30) return;
            await store.settle(name(`call ${index}`, tenant), cost((verdict.heldCostNanoUsd * BigInt(share)) / 100n), '');
          }),
        );
        await store.sweepTransfers();

        const taken = await used(bound);
        expect(taken).toBeLessThanOrEqual(limit);
        if (taken === limit) return;
        expect(await admit(TENANTS[9]!, [bound], limit - taken)).toMatchObject({ outcome: 'admitted' });
        expect(await admit(TENANTS[1]!, [bound], 1n)).toMatchObject({ outcome: 'refused', used: limit });
      });

      await expect(fc.assert(play, { numRuns: 25 })).resolves.toBeUndefined();
    });
  });

  /** As if its process ended just before a message. */
  async function storeThatDies(isLast: (message: Message) => boolean): Promise<RedisStore> {
    let [isArmed, isDead, count] = [false, false, 0];
    const client = {
      evalsha: (sha: string, keys: number, ...rest: (string | number)[]) => {
        const [, , first] = rest;
        if (isArmed) isDead ||= isLast({ to: recipientOf(String(first)), count: (count += 1) });
        return isDead ? Promise.reject(new Error('died')) : redis.evalsha(sha, keys, ...rest);
      },
      eval: (source: string, keys: number, ...rest: (string | number)[]) => redis.eval(source, keys, ...rest),
    };
    const dying = await openStore(client as StoreRedis);
    isArmed = true;
    return dying;
  }

  function admit(
    tenant: string,
    bounds: readonly Bound[],
    worst: bigint,
    by = store,
    least = worst,
    id = `call-${(made += 1)}`,
  ): Promise<Verdict> {
    return by.admit(ask(id, bounds, { tenant, worst: cost(worst), leastCostNanoUsd: least }));
  }

  async function used(bound: BudgetBound): Promise<bigint> {
    return (await store.look(TENANTS[0]!, [bound]))[0]!.used;
  }

  function keyOf(bound: BudgetBound, key: string, shard = shardNumberOf(bound.counter)): string {
    return `${prefixOf(shard)}g${generation}:${key}`;
  }

  function pool(bound: BudgetBound): Promise<Record<string, string>> {
    return redis.hgetall(keyOf(bound, `lent:${bound.counter}`));
  }

  async function advance(by: number): Promise<void> {
    ms += by;
    await redis.mset(...ALL_SHARDS.flatMap((shard) => [`${prefixOf(shard)}clock`, String(ms)]));
  }
});

interface Message {
  readonly to: 'tenant' | 'slice' | 'pool';
  readonly count: number;
}

function recipientOf(firstArgument: string): Message['to'] {
  if (/^\d+$/.test(firstArgument)) return 'tenant';
  return ['look', 'credit', 'call back', 'list'].includes(firstArgument) ? 'slice' : 'pool';
}

function admitted(verdicts: readonly Verdict[]): number {
  return verdicts.filter(({ outcome }) => outcome === 'admitted').length;
}

function tenantIn(shard: number): string {
  for (let number = 0; number < SHARDS * 1_000; number += 1) if (shardNumberOf(`tenant-${number}`) === shard) return `tenant-${number}`;
  throw new Error(`No tenant falls on shard ${shard}.`);
}
