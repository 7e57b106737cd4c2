import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { createRedis } from '../../src/platform/redis/redis.js';
import type { RedisConnection } from '../../src/platform/redis/redis-connection.js';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/free-port.js';
import { expectInTime } from '../support/in-time.js';
import { describeWithRedis } from '../support/redis-db.js';
import { portOf, type SentinelGroup, startSentinelGroup } from '../support/redis-sentinel.js';

const START_MS = 60_000;
const HOUR_MS = 3_600_000;

describeWithRedis('Redis behind Sentinels', () => {
  let group: SentinelGroup;
  let redis: RedisConnection;

  beforeEach(async () => {
    group = await startSentinelGroup();
    redis = createRedis(`redis+sentinel://${group.hosts}/${group.name}/3`)!;
    await eventually(() => redis.status === 'ready');
  }, START_MS);

  afterEach(async () => {
    redis.disconnect();
    await group.stop();
  });

  it('is asked at its master, in the database of the address', async () => {
    await redis.set('here', 'it is', 'PX', HOUR_MS);

    const master = new Redis(group.master.url, { db: 3 });
    expect(await master.get('here')).toBe('it is');
    master.disconnect();
  });

  it('is followed to the replica that the Sentinels promote when the master is killed; meanwhile no command waits', async () => {
    const told: string[] = [];
    redis.onLost(() => told.push('lost'));
    redis.onReady(() => told.push('ready'));
    const subscriber = redis.duplicate({ connectionName: 'listener' });
    const heard: string[] = [];
    subscriber.on('ready', () => void subscriber.subscribe('news'));
    subscriber.on('message', (_channel, text) => heard.push(text));

    process.kill(group.master.pid, 'SIGKILL');
    let longestMs = 0;
    await eventually(async () => {
      const startedAt = performance.now();
      await redis.get('here').catch(() => undefined);
      longestMs = Math.max(longestMs, performance.now() - startedAt);
      return told.includes('ready');
    }, 60_000);

    expectInTime(longestMs, 150);
    expect(told).toEqual(['lost', 'ready']);
    await redis.set('here', 'on the replica', 'PX', HOUR_MS);
    const promoted = new Redis(group.replica.url, { db: 3 });
    expect(await promoted.get('here')).toBe('on the replica');
    await eventually(async () => {
      await redis.publish('news', 'still heard').catch(() => undefined);
      return heard.length > 0;
    });
    promoted.disconnect();
    subscriber.disconnect();
  }, 90_000);

  it('is followed when the master is demoted and lives on', async () => {
    const sentinel = new Redis(group.sentinels[0]!.url);
    await sentinel.call('SENTINEL', 'FAILOVER', group.name);

    const promoted = new Redis(group.replica.url, { db: 3 });
    await eventually(async () => {
      await redis.set('here', 'on the replica', 'PX', HOUR_MS).catch(() => undefined);
      return (await promoted.get('here')) === 'on the replica';
    }, 60_000);
    promoted.disconnect();
    sentinel.disconnect();
  }, 90_000);

  it('is found though the first Sentinel is away, and when all of them come later', async () => {
    const nobody = await freePort();
    const late = createRedis(`redis+sentinel://127.0.0.1:${nobody},127.0.0.1:${portOf(group.sentinels[1]!)}/${group.name}`)!;

    await late.whenReady(10_000).catch(() => undefined);
    await eventually(() => late.status === 'ready');

    late.disconnect();
  });

  it('fails a command at once while no Sentinel answers', async () => {
    const alone = createRedis(`redis+sentinel://127.0.0.1:${await freePort()}/${group.name}`)!;
    const startedAt = performance.now();

    await expect(alone.get('here')).rejects.toThrow('not connected');
    await expect(alone.whenReady(10_000)).rejects.toThrow(/sentinels are unreachable/);

    expectInTime(performance.now() - startedAt, 1_000);
    alone.disconnect();
  });
});
