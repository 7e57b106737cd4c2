import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { ALL_SHARDS, prefixOf } from '../../src/limits/redis/shards.js';
import { describeAdmissionStore } from '../support/admission-contract.js';
import type { AdmissionHarness } from '../support/admission-harness.js';
import { checkAgainstModel } from '../support/admission-model.js';
import { openStore } from '../support/admission-shards.js';
import { createRedisDb, describeWithRedis, type RedisDb } from '../support/redis-db.js';

const HOUR_MS = 3_600_000;

describeWithRedis('admission over Redis', () => {
  let db: RedisDb;
  let redis: Redis;

  beforeAll(async () => {
    db = await createRedisDb();
    redis = new Redis(db.url);
  });

  afterAll(async () => {
    redis.disconnect();
    await db.drop();
  });

  describeAdmissionStore(openRedis);

  it('admits as its model does, whatever happens in which order', async () => {
    await expect(checkAgainstModel(openRedis, 40)).resolves.toBeUndefined();
  });

  /** The shards' clocks are put ahead of Redis's own, which they then wait for. */
  async function openRedis(): Promise<AdmissionHarness> {
    await redis.flushdb();
    const [seconds] = await redis.time();
    let ms = Number(seconds) * 1_000 + HOUR_MS;
    const advance = async (by: number): Promise<void> => {
      ms += by;
      await redis.mset(...ALL_SHARDS.flatMap((shard) => [`${prefixOf(shard)}clock`, String(ms)]));
    };
    await advance(-(ms % 1_000));
    return { store: await openStore(redis), isLent: true, now: () => ms, advance };
  }
});
