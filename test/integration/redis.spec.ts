import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { Redis } from 'ioredis';
import { systemClock } from '../../src/core/clock.js';
import { RedisWatch } from '../../src/platform/redis/redis-watch.js';
import { createRedis } from '../../src/platform/redis/redis.js';
import type { RedisConnection } from '../../src/platform/redis/redis-connection.js';
import { eventually } from '../support/eventually.js';
import { Gate } from '../support/gate.js';
import { createRedisDb, describeWithRedis, type RedisDb } from '../support/redis-db.js';
import { type RedisServer, startRedis } from '../support/redis.js';
import { silentLog } from '../support/silent-log.js';
import { expectInTime, inTime } from '../support/in-time.js';

describeWithRedis('createRedis', () => {
  let target: RedisDb;
  let gate: Gate;
  let redis: RedisConnection;

  beforeEach(async () => {
    target = await createRedisDb();
    gate = await Gate.before(target.url);
  });

  afterEach(async () => {
    jest.restoreAllMocks();
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

  function answers(): Promise<boolean> {
    return redis.ping().then(
      () => true,
      () => false,
    );
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
    await redis.set('here', 'it is', 'PX', 60_000);
    expect(await redis.get('here')).toBe('it is');
  });

  it('fails a command within its time-out while Redis is frozen, and works after', async () => {
    const server = await startRedis();
    await connect(server.url);

    process.kill(server.pid, 'SIGSTOP');
    const tookMs = await failureMs();
    process.kill(server.pid, 'SIGCONT');

    expect(tookMs).toBeGreaterThan(90);
    expectInTime(tookMs, 250);
    await eventually(answers);
    await server.stop();
  });

  it('replaces a connection that has gone deaf', async () => {
    await gate.open();
    await connect();

    gate.silence();
    await failureMs();
    await eventually(() => redis.status !== 'ready');
    gate.restore();

    await eventually(answers);
  });

  it('does not send a command again whose caller was told that it failed', async () => {
    await gate.open();
    await connect();
    const count = (by: number) => redis.eval("return redis.call('INCRBY', KEYS[1], ARGV[1])", 1, 'count', by);
    await count(1);

    gate.silence();
    await expect(count(1)).rejects.toThrow('timed out');
    await gate.shut();
    gate.restore();
    await gate.open();
    await eventually(answers);

    expect(await redis.get('count')).toBe('1');
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

  it('tells each time that a connection was lost and is back', async () => {
    await gate.open();
    await connect();
    const told: string[] = [];
    redis.onLost(() => told.push('lost'));
    redis.onReady(() => told.push('ready'));

    for (const until of [2, 4]) {
      await gate.shut();
      await eventually(() => told.length === until - 1);
      await gate.open();
      await eventually(() => told.length === until);
    }

    expect(told).toEqual(['lost', 'ready', 'lost', 'ready']);
  });

  it('hears over a second connection what is published, also when that was cut', async () => {
    await gate.open();
    await connect();
    const heard: string[] = [];
    const subscriber = redis.duplicate({ connectionName: 'listener' });
    let listening = 0;
    subscriber.on('ready', () => void subscriber.subscribe('news').then(() => (listening += 1)));
    subscriber.on('message', (channel, text) => heard.push(`${channel}: ${text}`));
    await eventually(() => listening === 1);

    await redis.publish('news', 'first');
    await eventually(() => heard.length === 1);
    await gate.shut();
    await gate.open();
    await eventually(() => listening === 2 && redis.status === 'ready');
    await redis.publish('news', 'second');
    await eventually(() => heard.length === 2);
    subscriber.disconnect();

    expect(heard).toEqual(['news: first', 'news: second']);
  });

  it('works where Redis refuses to say what it is', async () => {
    const server = await startRedis();
    const root = new Redis(server.url);
    // ioredis says there that it cannot look.
    jest.spyOn(console, 'warn').mockReturnValue(undefined);
    await root.call('ACL', 'SETUSER', 'plain', 'on', '>secret', '~*', '+@all', '-info');
    await connect(server.url.replace('redis://', 'redis://plain:secret@'));

    await redis.set('here', 'it is', 'PX', 60_000);

    expect(await redis.get('here')).toBe('it is');
    root.disconnect();
    await server.stop();
  });
});

describeWithRedis('what Redis does when its memory is full', () => {
  let server: RedisServer;
  let root: Redis;
  let redis: RedisConnection;
  let watch: RedisWatch;

  beforeEach(async () => {
    server = await startRedis();
    root = new Redis(server.url);
    redis = createRedis(server.url)!;
    watch = new RedisWatch(redis, systemClock, silentLog);
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    watch.onApplicationShutdown();
    root.disconnect();
    await server.stop();
  });

  it('is no problem where it keeps what it was told to keep', async () => {
    await root.config('SET', 'maxmemory-policy', 'volatile-lru');

    await watch.onModuleInit();

    expect(watch.policyProblem()).toBeUndefined();
  });

  it('is a problem where it may evict anything, until that was changed', async () => {
    await root.config('SET', 'maxmemory-policy', 'allkeys-lru');

    await watch.onModuleInit();
    expect(watch.policyProblem()).toMatch(/`allkeys-lru`.*`noeviction`/);
    await root.config('SET', 'maxmemory-policy', 'noeviction');
    await watch.checkPolicy();

    expect(watch.policyProblem()).toBeUndefined();
  });

  it('is looked at again with each new connection', async () => {
    await watch.onModuleInit();
    await root.config('SET', 'maxmemory-policy', 'allkeys-random');

    await root.call('CLIENT', 'KILL', 'TYPE', 'normal');

    await eventually(() => watch.policyProblem() !== undefined);
  });

  it('is a problem where Redis does not let us look', async () => {
    jest.spyOn(console, 'warn').mockReturnValue(undefined);
    await root.call('ACL', 'SETUSER', 'default', '-info');

    await watch.onModuleInit();
    await watch.checkPolicy();

    expect(watch.policyProblem()).toMatch(/does not say/);
  });
});
