import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { RedisStore } from '../../src/limits/redis/redis-store.js';
import { ALL_SHARDS, shardNumberOf } from '../../src/limits/redis/shards.js';
import { everything, TENANT } from '../support/admission-harness.js';
import { AdmissionReplica, SharedLedger } from '../support/admission-replica.js';
import { eventually } from '../support/eventually.js';
import { createRedisDb, describeWithRedis, type RedisDb } from '../support/redis-db.js';

const OWN_SHARD = shardNumberOf(TENANT);
const BOUND = everything(1_000n);

/** Who lives, and how often that was asked: once in each round of a recovery. */
class Living extends Set<string> {
  asked = 0;

  override [Symbol.iterator]() {
    this.asked += 1;
    return super[Symbol.iterator]();
  }
}

describeWithRedis('a budget on everything, of which all shards have a part', () => {
  let db: RedisDb;
  let redis: Redis;
  let living: Living;
  let ledger: SharedLedger;
  let replica: AdmissionReplica;

  beforeEach(async () => {
    db = await createRedisDb();
    redis = new Redis(db.url);
    living = new Living();
    ledger = new SharedLedger([BOUND]);
    replica = await new AdmissionReplica({ url: db.url, bounds: [BOUND], ledger, living }).start();
  });

  afterEach(async () => {
    await replica.stop();
    redis.disconnect();
    await db.drop();
  });

  it('is opened nowhere before it is known everywhere, so that a call is not counted where it was held and by its row as well', async () => {
    const hold = await replica.admit(300n);
    const late = new RedisStore(redis);
    await redis.flushdb();
    living.add('late');
    const { epoch } = await late.attend(OWN_SHARD);
    await late.join(OWN_SHARD, epoch, 'late', []);
    replica.settle(hold, 70n);

    await eventually(async () => (await late.attend(OWN_SHARD)).joined.includes(replica.id));
    const asked = living.asked;
    await eventually(() => living.asked > asked + 1);
    expect((await late.attend(OWN_SHARD)).isOpen).toBe(false);

    await Promise.all(ALL_SHARDS.map(async (shard) => late.join(shard, (await late.attend(shard)).epoch, 'late', [])));
    await eventually(() => replica.reads('70'));
  });

  it('begins with what the first says who may, whatever somebody has read later', async () => {
    const pool = shardNumberOf(BOUND.counter);
    const seed = (costNanoUsd: bigint) => [{ bound: BOUND, spent: [{ atMs: 0, costNanoUsd }] }];
    await replica.stop();
    await redis.flushdb();
    const [first, second] = [new RedisStore(redis), new RedisStore(redis)];
    const epochs = await Promise.all(ALL_SHARDS.map(async (shard) => (await first.attend(shard)).epoch));

    await Promise.all(epochs.map((epoch, shard) => first.seedPools(shard, epoch, shard === pool ? seed(20n) : [])));
    expect((await second.attend(pool)).arePoolsSeeded).toBe(true);
    await second.seedPools(pool, epochs[pool]!, seed(90n));
    await Promise.all(epochs.map((epoch, shard) => second.open(shard, epoch, shard === pool ? seed(90n) : [])));

    expect(await second.look(TENANT, [BOUND])).toMatchObject([{ used: 20n, held: 0n }]);
    expect(await second.seedPools(pool, epochs[pool]!, seed(90n))).toBe(false);
  });
});
