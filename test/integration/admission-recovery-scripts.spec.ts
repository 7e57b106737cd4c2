import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { Redis } from 'ioredis';
import type { Ask } from '../../src/limits/admission-store.js';
import type { BudgetBound } from '../../src/limits/bounds.js';
import { RedisStore, type Seed, ShardClosed } from '../../src/limits/redis/redis-store.js';
import { ALL_SHARDS, prefixOf, shardNumberOf } from '../../src/limits/redis/shards.js';
import { ask, budget, calls, cost, everything, MINUTE_MS, name, requests, rolling, TENANT } from '../support/admission-harness.js';
import { openShards, openStore } from '../support/admission-shards.js';
import { eventually } from '../support/eventually.js';
import { createRedisDb, describeWithRedis, type RedisDb } from '../support/redis-db.js';
import { type RedisServer, startRedis } from '../support/redis.js';

const SHARD = shardNumberOf(TENANT);
const OTHER = (SHARD + 1) % ALL_SHARDS.length;
const US = 'gateway-a';

describeWithRedis('shards that have lost what they knew', () => {
  describe('within one Redis', () => {
    let db: RedisDb;
    let redis: Redis;
    let store: RedisStore;

    beforeAll(async () => {
      db = await createRedisDb();
      redis = new Redis(db.url);
    });

    beforeEach(async () => {
      await redis.flushdb();
      store = new RedisStore(redis);
    });

    afterAll(async () => {
      redis.disconnect();
      await db.drop();
    });

    it('begin with everybody joining, and are spoken to when they are open', async () => {
      const { epoch, ...state } = await store.attend(SHARD);
      expect(state).toEqual({ isOpen: false, arePoolsSeeded: false, joined: [] });
      await expect(store.admit(ask('early', []))).rejects.toMatchObject({ name: 'ShardClosed', shard: SHARD });

      await store.join(SHARD, epoch, US, []);
      expect(await store.attend(SHARD)).toMatchObject({ epoch, isOpen: false, joined: [US] });
      expect(await store.open(SHARD, epoch, [])).toBe(true);

      expect(await store.attend(SHARD)).toMatchObject({ epoch, isOpen: true, joined: [US] });
      expect(await store.admit(ask('call', []))).toMatchObject({ outcome: 'admitted' });
    });

    it('are of one generation, whoever attends them first, and however many at once', async () => {
      const stores = Array.from({ length: 3 }, () => new RedisStore(redis));

      await Promise.all(stores.flatMap((one) => ALL_SHARDS.map((shard) => one.attend(shard))));
      const states = await Promise.all(ALL_SHARDS.map((shard) => store.attend(shard)));

      expect(new Set(states.map(({ epoch }) => epoch)).size).toBe(1);
    });

    it('are opened once, and only in the epoch that was attended', async () => {
      const { epoch } = await store.attend(SHARD);
      const spent = [{ atMs: 0, costNanoUsd: 70n }];
      expect(await store.open(SHARD, `1.${epoch.split('.')[1]}`, [])).toBe(false);

      expect(await store.open(SHARD, epoch, [{ bound: budget(100n), spent }])).toBe(true);
      expect(await store.open(SHARD, epoch, [{ bound: budget(100n), spent }])).toBe(false);

      expect(await store.look(TENANT, [budget(100n)])).toEqual([{ used: 70n, held: 0n, resetMs: Infinity }]);
    });

    it('all begin anew where one of them was emptied, and change nothing until they are open', async () => {
      await openShards(store);
      await store.admit(ask('call', [budget(100n)], { worst: cost(60n) }));
      const before = await store.attend(SHARD);
      await redis.del(`${prefixOf(OTHER)}epoch`);

      const after = await store.attend(OTHER);

      expect(after.isOpen).toBe(false);
      expect(await store.attend(SHARD)).toMatchObject({ epoch: after.epoch, isOpen: false, joined: [] });
      expect(Number(after.epoch.split('.')[0])).toBeGreaterThan(Number(before.epoch.split('.')[0]));
      await expect(store.settle(name('call'), cost(5n), '')).rejects.toThrow(ShardClosed);
    });

    it('answer nobody any more after FLUSHALL, not even those who have not heard of it', async () => {
      await openShards(store);
      await redis.flushdb();

      await expect(store.admit(ask('call', [requests(9)]))).rejects.toThrow(ShardClosed);
      expect(store.closed).toEqual([SHARD]);
      await expect(store.look(TENANT, [requests(9)])).rejects.toThrow(ShardClosed);
      expect(await store.inherit(US)).toEqual({ holds: [], events: [] });
      expect(store.closed).toEqual(ALL_SHARDS);
      expect(await redis.dbsize()).toBe(0);
    });

    it('are left alone after the connection was lost, until they are attended', async () => {
      await openShards(store);
      await store.admit(ask('call', [requests(9)]));
      store.forget();

      await expect(store.settle(name('call'), cost(0n), '')).rejects.toThrow(ShardClosed);
      await store.attend(SHARD);

      expect(await store.settle(name('call'), cost(0n), '')).toBe('settled');
    });

    describe('when a gateway joins', () => {
      const bounds = [requests(9), calls(1), rolling(50n), budget(50n)];
      const held = (callId: string, changes: Partial<Ask> = {}): Ask => ask(callId, bounds, { worst: cost(40n, 7), memo: 'm', ...changes });

      it('hold its calls again, also beyond the limits, and settle and tell of them as before', async () => {
        const { epoch } = await store.attend(SHARD);
        await store.join(SHARD, epoch, US, [held('one'), held('two')]);
        await store.join(SHARD, epoch, US, [held('one'), held('two')]);

        expect(await store.heldIn(SHARD, epoch)).toHaveLength(2);
        await store.open(SHARD, epoch, []);
        expect((await store.look(TENANT, bounds)).map(({ used }) => used)).toEqual([0n, 2n, 80n, 80n]);
        expect(await store.admit(held('one'))).toMatchObject({ outcome: 'admitted', heldCostNanoUsd: 40n });
        expect(await store.settle(name('one'), cost(10n, 3), '')).toBe('settled');
        expect((await store.look(TENANT, bounds)).map(({ used }) => used)).toEqual([0n, 1n, 50n, 50n]);
      });

      it('hold as many calls as it has', async () => {
        const { epoch } = await store.attend(SHARD);
        const many = Array.from({ length: 450 }, (_, at) => held(`call-${at}`));
        await store.join(SHARD, epoch, US, many);

        const names = await store.heldIn(SHARD, epoch);

        expect(new Set(names.map(({ callId }) => callId))).toEqual(new Set(many.map(({ callId }) => callId)));
        expect(new Set(names.map(({ tenant }) => tenant))).toEqual(new Set([TENANT]));
      });

      it('hold them also when they were opened without it', async () => {
        const late = await openStore(redis);
        await late.admit(held('late', { bounds: [budget(50n)] }));
        await redis.flushdb();
        await openShards(store);
        await late.renew(US);
        const { epoch, isOpen } = await late.attend(SHARD);
        expect(isOpen).toBe(true);
        await expect(late.settle(name('late'), cost(1n), '')).rejects.toThrow(ShardClosed);

        await late.join(SHARD, epoch, US, [held('late', { bounds: [budget(50n)] })]);

        expect(await late.settle(name('late'), cost(1n), '')).toBe('settled');
        expect((await store.look(TENANT, [budget(50n)]))[0]!.used).toBe(1n);
      });

      it('refuse it in an epoch that is over', async () => {
        const { epoch } = await store.attend(SHARD);
        await redis.flushdb();
        await store.attend(SHARD);

        await expect(store.join(SHARD, epoch, US, [held('call')])).rejects.toThrow(ShardClosed);
        await expect(store.heldIn(SHARD, epoch)).rejects.toThrow(ShardClosed);
      });
    });

    describe('when they are opened with what was spent', () => {
      it('count that of a rolling budget until it leaves the window, before what is held', async () => {
        const bound = rolling(1_000n);
        const nowMs = await clock();
        const { epoch } = await store.attend(SHARD);
        await store.join(SHARD, epoch, US, [ask('held', [bound], { worst: cost(5n) })]);
        const ago = [MINUTE_MS + 1_000, MINUTE_MS - 20_000, 1_000].map((ms) => nowMs - ms);
        await store.open(SHARD, epoch, [{ bound, spent: ago.map((atMs, at) => ({ atMs, costNanoUsd: 10n ** BigInt(at) })) }]);
        expect((await store.look(TENANT, [bound]))[0]).toMatchObject({ used: 115n });

        await redis.set(`${prefixOf(SHARD)}clock`, nowMs + 21_000);
        expect((await store.look(TENANT, [bound]))[0]).toMatchObject({ used: 105n });
        expect(await store.admit(ask('next', [bound], { worst: cost(895n) }))).toMatchObject({ outcome: 'admitted' });
        await store.settle(name('held'), cost(3n), '');
        expect((await store.look(TENANT, [bound]))[0]).toMatchObject({ used: 998n });

        await redis.set(`${prefixOf(SHARD)}clock`, nowMs + 2 * MINUTE_MS + 60_000);
        expect((await store.look(TENANT, [bound]))[0]).toMatchObject({ used: 0n });
      });

      it('have that much less to lend of a budget on everything, and as much less as is held', async () => {
        const bound = everything(100n);
        const [one, other] = ['tenant-1', 'tenant-2'];
        const { epoch } = await store.attend(SHARD);
        await store.join(shardNumberOf(one), epoch, US, [ask('held', [bound], { tenant: one, worst: cost(30n) })]);
        await store.join(shardNumberOf(one), epoch, US, [ask('held', [bound], { tenant: one, worst: cost(30n) })]);
        await openShards(store, [seed(bound, 60n)]);

        expect(await store.look(TENANT, [bound])).toEqual([{ used: 90n, held: 30n, resetMs: Infinity }]);
        expect(await store.admit(ask('more', [bound], { tenant: other, worst: cost(11n) }))).toMatchObject({ used: 90n });
        expect(await store.admit(ask('enough', [bound], { tenant: other, worst: cost(10n) }))).toMatchObject({ outcome: 'admitted' });
        await store.settle(name('held', one), cost(20n), '');
        expect(await store.admit(ask('rest', [bound], { tenant: other, worst: cost(10n) }))).toMatchObject({ outcome: 'admitted' });
        expect(await store.admit(ask('none', [bound], { tenant: one, worst: cost(1n) }))).toMatchObject({ outcome: 'refused', used: 100n });
      });

      it('have of a rolling budget on everything more to lend when what was spent has left its window', async () => {
        const bound: BudgetBound = { ...rolling(100n), scope: 'everything' };
        const nowMs = await clock();
        await openShards(store, [{ bound, spent: [{ atMs: nowMs - 50_000, costNanoUsd: 70n }] }]);
        expect(await store.admit(ask('more', [bound], { worst: cost(31n) }))).toMatchObject({ outcome: 'refused', used: 70n });

        await redis.mset(...ALL_SHARDS.flatMap((shard) => [`${prefixOf(shard)}clock`, String(nowMs + 20_000)]));

        expect(await store.admit(ask('later', [bound], { worst: cost(100n) }))).toMatchObject({ outcome: 'admitted' });
      });
    });

    it('tell what those left in earlier generations who have died, until they are open', async () => {
      const held = (callId: string, owner: string) => ask(callId, [budget(900n)], { owner, worst: cost(3n, 4), memo: `memo of ${callId}` });
      await openShards(store);
      for (const owner of ['dead', 'alive']) {
        await store.admit(held(`held by ${owner}`, owner));
        await store.admit(held(`settled by ${owner}`, owner));
        await store.settle(name(`settled by ${owner}`), cost(2n), `event of ${owner}`);
      }
      for (let times = 0; times < 2; times += 1) {
        await redis.del(`${prefixOf(OTHER)}epoch`);
        const { epoch } = await store.attend(SHARD);

        expect(await store.remains(SHARD, epoch, ['alive'])).toEqual({
          holds: [{ ...name('held by dead'), worst: cost(3n, 4), memo: 'memo of held by dead' }],
          events: [{ ...name('settled by dead'), event: 'event of dead' }],
        });
        expect(await store.sweepGenerations()).toBe(0);
      }

      await openShards(store);
      await redis.del(`${prefixOf(OTHER)}epoch`);
      const { epoch } = await store.attend(SHARD);

      expect(await store.remains(SHARD, epoch, [])).toEqual({ holds: [], events: [] });
    });

    it('drop what earlier generations left behind, and nothing else', async () => {
      await openShards(store);
      await store.admit(ask('old', [requests(9), budget(9n)], { worst: cost(1n) }));
      await redis.del(`${prefixOf(OTHER)}epoch`);
      await openShards(store);
      await store.join(SHARD, (await store.attend(SHARD)).epoch, US, []);
      await store.admit(ask('new', [requests(9), budget(9n)], { worst: cost(1n) }));
      await redis.set('tollgate:something else', '1');
      const states = await Promise.all(ALL_SHARDS.map((shard) => store.attend(shard)));
      const generation = states[SHARD]!.epoch.split('.')[0]!;

      expect(await store.sweepGenerations()).toBeGreaterThan(0);
      expect(await store.sweepGenerations()).toBe(0);

      const keys = await redis.keys('tollgate:*:g*');
      expect(keys.length).toBeGreaterThan(0);
      expect(keys.filter((key) => !key.includes(`:g${generation}:`))).toEqual([]);
      expect(await redis.exists('tollgate:something else')).toBe(1);
      expect((await store.look(TENANT, [requests(9), budget(9n)])).map(({ used }) => used)).toEqual([2n, 1n]);
    });

    async function clock(): Promise<number> {
      const [seconds] = await redis.time();
      return Number(seconds) * 1_000;
    }
  });

  describe('in a Redis that is another', () => {
    let server: RedisServer;
    let replica: RedisServer | undefined;
    let redis: Redis;
    let store: RedisStore;

    beforeEach(async () => {
      server = await startRedis();
      redis = new Redis(server.url, { retryStrategy: () => 50, enableOfflineQueue: false, maxRetriesPerRequest: 0 });
      redis.on('error', () => undefined);
      await once(redis, 'ready');
      store = await openStore(redis);
    });

    afterEach(async () => {
      redis.disconnect();
      await server.stop();
      await replica?.stop();
      replica = undefined;
    });

    it('are closed after it was killed and has come back empty', async () => {
      await store.admit(ask('call', [budget(100n)], { worst: cost(60n) }));
      const before = await store.attend(SHARD);
      await server.stop();
      server = await startRedis({ port: Number(new URL(server.url).port) });
      if (redis.status !== 'ready') await once(redis, 'ready');

      await expect(store.admit(ask('other', [budget(100n)]))).rejects.toThrow(ShardClosed);
      const after = await store.attend(SHARD);

      expect(after.isOpen).toBe(false);
      expect(after.epoch).not.toBe(before.epoch);
      await store.join(SHARD, after.epoch, US, [ask('call', [budget(100n)], { worst: cost(60n) })]);
      await store.open(SHARD, after.epoch, [seed(budget(100n), 10n)]);
      expect(await store.look(TENANT, [budget(100n)])).toEqual([{ used: 70n, held: 60n, resetMs: Infinity }]);
    });

    it('are closed when a replica took its place, however much that knows', async () => {
      await store.admit(ask('call', [requests(9), budget(100n)], { worst: cost(60n) }));
      replica = await startRedis({ replicaOf: Number(new URL(server.url).port) });
      const promoted = new Redis(replica.url);
      try {
        await eventually(async () => (await promoted.get(`${prefixOf(SHARD)}epoch`)) !== null);
        await promoted.replicaof('NO', 'ONE');
        const moved = await openBehind(promoted, store);

        await expect(moved.admit(ask('other', [budget(100n)]))).rejects.toThrow(ShardClosed);
        const { epoch, isOpen } = await moved.attend(SHARD);
        expect(isOpen).toBe(false);
        await moved.open(SHARD, epoch, []);

        expect((await moved.look(TENANT, [requests(9), budget(100n)])).map(({ used }) => used)).toEqual([1n, 0n]);
      } finally {
        promoted.disconnect();
      }
    });

    it('cannot be attended while it is away', async () => {
      await server.stop();

      await expect(store.attend(SHARD)).rejects.toThrow(`Shard ${SHARD} does not answer.`);
    });
  });
});

/** A store that believes what another does, and talks to another Redis: as a client does that was led to the new master. */
async function openBehind(redis: Redis, store: RedisStore): Promise<RedisStore> {
  const { epoch } = await store.attend(SHARD);
  let isAsked = false;
  const believing = {
    evalsha: (sha: string, keys: number, ...rest: (string | number)[]) => {
      if (isAsked) return redis.evalsha(sha, keys, ...rest);
      const [generation] = epoch.split('.');
      return Promise.resolve(['open', generation!, epoch, '1', '0', '1']);
    },
    eval: (source: string, keys: number, ...rest: (string | number)[]) => redis.eval(source, keys, ...rest),
    scan: redis.scan.bind(redis),
    unlink: redis.unlink.bind(redis),
  };
  const moved = new RedisStore(believing);
  await moved.attend(SHARD);
  isAsked = true;
  return moved;
}

function seed(bound: BudgetBound, costNanoUsd: bigint): Seed {
  return { bound, spent: [{ atMs: 0, costNanoUsd }] };
}
