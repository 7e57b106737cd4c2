import type { Seed } from '../../src/limits/redis/redis-store.js';
import { RedisStore, type StoreRedis } from '../../src/limits/redis/redis-store.js';
import { ALL_SHARDS, shardNumberOf } from '../../src/limits/redis/shards.js';

/** Opens all shards for a gateway that holds nothing, with what was spent before. */
export async function openShards(store: RedisStore, seeds: readonly Seed[] = [], tenant = ''): Promise<void> {
  const states = await Promise.all(ALL_SHARDS.map((shard) => store.attend(shard)));
  await Promise.all(
    states.map(async ({ epoch, isOpen }, shard) => {
      const seedsOfShard = seeds.filter(({ bound }) => shardNumberOf(bound.scope === 'everything' ? bound.counter : tenant) === shard);
      if (!isOpen) await store.open(shard, epoch, seedsOfShard);
    }),
  );
}

/** A store over a Redis that is empty, or was opened before. */
export async function openStore(redis: StoreRedis): Promise<RedisStore> {
  const store = new RedisStore(redis);
  await openShards(store);
  return store;
}
