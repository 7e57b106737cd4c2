import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { Redis } from 'ioredis';
import { systemClock } from '../../src/core/clock.js';
import { RedisWatch } from '../../src/platform/redis/redis-watch.js';
import { createRedis } from '../../src/platform/redis/redis.js';
import { eventually } from '../support/eventually.js';
import { Gate } from '../support/gate.js';
import { createRedisDb, describeWithRedis, type RedisDb } from '../support/redis-db.js';
import { startRedis } from '../support/redis.js';
import { silentLog } from '../support/silent-log.js';
import { expectInTime, inTime } from '../support/in-time.js';

describeWithRedis('createRedis', () => {
  let target: RedisDb;
  let gate: Gate;
  let redis: Redis;

  beforeEach(async () => {
    target = await createRedisDb();
    gate = await Gate.before(target.url);
  });

  afterEach(async () => {
    redis.disconnect();
    await gate.shut();
    await target.drop();
  });

  async function connect(url = gate.url): Promise<void> {
    redis = createRedis(url)!;
    await eventually(() => redis.status === 'ready');
  }

  /** How long a command took to fail. */
  async function failureMs(): Promise<number> {
    const startedAt = performance.now();
    await expect(redis.get('anything')).rejects.toThrow();
    return performance.now() - startedAt;
  }

  it('makes no client without an address', () => {
    redis = createRedis('redis://127.0.0.1:1')!;

    expect(createRedis(undefined)).toBeUndefined();
  });

  it('fails a command at once while Redis is away, and works when it comes', async () => {
    redis = createRedis(gate.url)!;

    expectInTime(await failureMs(), 250);
    await gate.open();
    await eventually(() => redis.status === 'ready');
    await redis.set('here', 1);
    expect(await redis.get('here')).toBe('1');
  });

  it('fails a command within its time-out while Redis is frozen, and works after', async () => {
    const server = await startRedis();
    await connect(server.url);

    process.kill(server.pid, 'SIGSTOP');
    const tookMs = await failureMs();
    process.kill(server.pid, 'SIGCONT');

    expect(tookMs).toBeGreaterThan(90);
    expectInTime(tookMs, 250);
    await eventually(async () => (await redis.ping().catch(() => '')) === 'PONG');
    await server.stop();
  });

  it('replaces a connection that has gone deaf', async () => {
    await gate.open();
    await connect();

    gate.silence();
    await failureMs();
    await eventually(() => redis.status !== 'ready');
    gate.restore();

    await eventually(async () => (await redis.ping().catch(() => '')) === 'PONG');
  });

  it('does not send a command again whose caller was told that it failed', async () => {
    await gate.open();
    await connect();
    await redis.set('count', 0);

    gate.silence();
    await expect(redis.incr('count')).rejects.toThrow('timed out');
    await gate.shut();
    gate.restore();
    await gate.open();
    await eventually(async () => (await redis.ping().catch(() => '')) === 'PONG');

    expect(await redis.get('count')).toBe('0');
  });

  it('comes back by itself when Redis is killed and started again', async () => {
    const first = await startRedis();
    await connect(first.url);

    process.kill(first.pid, 'SIGKILL');
    await eventually(() => redis.status !== 'ready');
    expectInTime(await failureMs(), 250);
    await first.stop();
    const second = await startRedis({ port: Number(new URL(first.url).port) });

    await eventually(() => redis.status === 'ready');
    await second.stop();
  });

  it('is watched in the background: down within 2.5 s, up again after', async () => {
    await gate.open();
    await connect();
    const watch = new RedisWatch(redis, systemClock, silentLog);
    await watch.onModuleInit();
    expect(watch.health()?.state).toBe('up');

    gate.silence();
    const frozenAt = performance.now();
    await eventually(() => watch.health()?.state === 'down');
    const tookMs = performance.now() - frozenAt;
    gate.restore();

    expectInTime(tookMs, 2_500);
    await eventually(() => watch.health()?.state === 'up');
    watch.onApplicationShutdown();
  });

  it('is up from the first check on, though the connection is only being made', async () => {
    await gate.open();
    redis = createRedis(gate.url)!;
    const watch = new RedisWatch(redis, systemClock, silentLog);

    await watch.onModuleInit();

    expect(watch.health()?.state).toBe('up');
    watch.onApplicationShutdown();
  });

  it('is down from the first check on, without a wait, where nothing listens', async () => {
    redis = createRedis(gate.url)!;
    const watch = new RedisWatch(redis, systemClock, silentLog);

    await inTime(500, () => watch.onModuleInit());

    expect(watch.health()?.state).toBe('down');
    watch.onApplicationShutdown();
  });
});
