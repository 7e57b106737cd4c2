import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Cluster } from 'ioredis';
import { ALL_SHARDS, prefixOf } from '../../src/limits/redis/shards.js';
import { describeAdmissionStore } from '../support/admission-contract.js';
import { ask, budget, cost, requests, type AdmissionHarness } from '../support/admission-harness.js';
import { openStore } from '../support/admission-shards.js';
import { startRedisCluster, type RedisCluster } from '../support/admission-cluster.js';
import { describeWithRedis } from '../support/redis-db.js';

const HOUR_MS = 3_600_000;

describeWithRedis('admission over a Redis Cluster of three masters', () => {
  let servers: RedisCluster;
  let redis: Cluster;

  beforeAll(async () => {
    servers = await startRedisCluster();
    redis = new Cluster(servers.urls.map((url) => url));
  }, 60_000);

  afterAll(async () => {
    redis.disconnect();
    await servers.stop();
  });

  describeAdmissionStore(openCluster);

  it('spreads tenants over all masters, and keeps all of each on one', async () => {
    const { store } = await openCluster();
    const tenants = Array.from({ length: 200 }, (_, at) => `tenant-${at}`);

    const verdicts = await Promise.all(
      tenants.map(async (tenant) => store.admit(ask(`call of ${tenant}`, [requests(200), budget(1_000n)], { tenant, worst: cost(1n) }))),
    );

    expect(new Set(verdicts.map(({ outcome }) => outcome))).toEqual(new Set(['admitted']));
    const keys = await Promise.all(redis.nodes('master').map((node) => node.keys('*:hold:*')));
    expect(keys.flat()).toHaveLength(200);
    for (const ofNode of keys) expect(ofNode.length).toBeGreaterThan(20);
  });

  async function openCluster(): Promise<AdmissionHarness> {
    const masters = redis.nodes('master');
    await Promise.all(masters.map((node) => node.flushdb()));
    const [seconds] = await masters[0]!.time();
    let ms = Number(seconds) * 1_000 + HOUR_MS;
    const advance = async (by: number): Promise<void> => {
      ms += by;
      await Promise.all(ALL_SHARDS.map((shard) => redis.set(`${prefixOf(shard)}clock`, ms)));
    };
    await advance(-(ms % 1_000));
    return { store: await openStore(redis), isLent: true, now: () => ms, advance };
  }
});
