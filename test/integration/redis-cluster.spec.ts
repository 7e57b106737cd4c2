import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { systemClock } from '../../src/core/clock.js';
import { createRedis } from '../../src/platform/redis/redis.js';
import type { RedisConnection } from '../../src/platform/redis/redis-connection.js';
import { RedisWatch } from '../../src/platform/redis/redis-watch.js';
import { type RedisCluster, startRedisCluster } from '../support/admission-cluster.js';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/free-port.js';
import { expectInTime } from '../support/in-time.js';
import { describeWithRedis } from '../support/redis-db.js';
import { type RedisServer, startRedis } from '../support/redis.js';
import { silentLog } from '../support/silent-log.js';

const START_MS = 60_000;
const ECHO = 'return ARGV[1]';

describeWithRedis('a Redis Cluster', () => {
  let servers: RedisCluster;
  let roots: readonly Redis[];
  let redis: RedisConnection;
  const more: RedisServer[] = [];

  beforeEach(async () => {
    servers = await startRedisCluster();
    roots = servers.urls.map((url) => new Redis(url));
    for (const root of roots) {
      // A node that is down is noticed soon, and the others go on without it.
      await root.config('SET', 'cluster-node-timeout', '1000');
      await root.config('SET', 'cluster-require-full-coverage', 'no');
    }
    redis = createRedis(servers.urls[0])!;
    await eventually(async () => (await failuresOf(keys())).length === 0);
  }, START_MS);

  afterEach(async () => {
    redis.disconnect();
    for (const root of roots) root.disconnect();
    await Promise.all([servers.stop(), ...more.splice(0).map((server) => server.stop())]);
  });

  /** So many that each master has some. */
  function keys(): readonly string[] {
    return Array.from({ length: 30 }, (_, at) => `{s${at}}:key`);
  }

  /** The keys whose commands failed; that each was decided in time is checked by the way. */
  async function failuresOf(asked: readonly string[]): Promise<readonly string[]> {
    const startedAt = performance.now();
    const outcomes = await Promise.allSettled(asked.map((key) => redis.eval(ECHO, 1, key, 'x')));
    expectInTime(performance.now() - startedAt, 150);
    return asked.filter((_, at) => outcomes[at]!.status === 'rejected');
  }

  async function keysOn(at: number): Promise<readonly string[]> {
    const port = Number(new URL(servers.urls[at]!).port);
    const ranges = await roots[(at + 1) % 3]!.cluster('SLOTS');
    const slots = await Promise.all(keys().map((key) => roots[(at + 1) % 3]!.cluster('KEYSLOT', key)));
    const own = ranges.filter(([, , master]) => master?.[1] === port);
    return keys().filter((_, key) => own.some(([from, to]) => slots[key]! >= from && slots[key]! <= to));
  }

  async function kill(at: number): Promise<void> {
    process.kill(await pidOf(roots[at]!), 'SIGKILL');
  }

  it('is recognised from the server, and each command goes to the master of its slot', async () => {
    expect(redis.isCluster).toBe(true);
    await Promise.all(keys().map((key) => redis.set(key, `value of ${key}`, 'PX', 60_000)));

    const sizes = await Promise.all(roots.map((root) => root.dbsize()));
    expect(sizes.reduce((sum, size) => sum + size)).toBe(keys().length);
    for (const size of sizes) expect(size).toBeGreaterThan(0);
    expect(await Promise.all(keys().map((key) => redis.get(key)))).toEqual(keys().map((key) => `value of ${key}`));
    expect(await redis.info('memory')).toHaveLength(3);
  });

  it('fails the commands of a master that was killed, at once, and no others', async () => {
    const [lostKeys, told] = [await keysOn(1), [] as string[]];
    redis.onLost(() => told.push('lost'));
    redis.onReady(() => told.push('ready'));
    await kill(1);
    await eventually(() => told.includes('lost'));

    const startedAt = performance.now();
    for (let round = 0; round < 60; round += 1) expect(await failuresOf(keys())).toEqual(lostKeys);
    expectInTime(performance.now() - startedAt, 60 * 20);
    expect(lostKeys.length).toBeGreaterThan(0);
    await expect(redis.ping()).rejects.toThrow();
    expect(told).toEqual(['lost']);
  });

  it('fails the commands of a master that hangs within their time-out, and no others', async () => {
    const lostKeys = await keysOn(2);
    const pid = await pidOf(roots[2]!);
    process.kill(pid, 'SIGSTOP');
    try {
      expect(await failuresOf(keys())).toEqual(lostKeys);
      expect(await failuresOf(keys())).toEqual(lostKeys);
    } finally {
      process.kill(pid, 'SIGCONT');
    }

    await eventually(async () => (await failuresOf(keys())).length === 0);
  });

  it('follows the slots of a killed master to the replica that was promoted', async () => {
    const lostKeys = await keysOn(1);
    const replica = await startReplica(1);
    let readyAgain = false;
    redis.onReady(() => (readyAgain = true));

    await kill(1);
    await eventually(async () => (await failuresOf(keys())).length === 0, 30_000);

    expect(readyAgain).toBe(true);
    await redis.set(lostKeys[0]!, 'on the replica', 'PX', 60_000);
    const promoted = new Redis(replica.url);
    expect(await promoted.get(lostKeys[0]!)).toBe('on the replica');
    promoted.disconnect();
  });

  it('finds the others when the node of the address is the one that is down, also after all were cut off', async () => {
    const lostKeys = await keysOn(0);
    await kill(0);
    await eventually(async () => (await failuresOf(keys())).length === lostKeys.length);

    for (const at of [1, 2]) await roots[at]!.call('CLIENT', 'KILL', 'TYPE', 'normal').catch(() => undefined);

    await eventually(async () => (await failuresOf(keys())).length === lostKeys.length);
  });

  it('is found again when it comes back after all of it was gone', async () => {
    await Promise.all([kill(0), kill(1), kill(2)]);
    await eventually(async () => (await failuresOf(keys())).length === keys().length);
    await servers.stop();

    const again = await startRedis({ port: Number(new URL(servers.urls[0]!).port), clusterPort: await freePort() });
    more.push(again);
    const root = new Redis(again.url);
    await root.config('SET', 'cluster-announce-ip', '127.0.0.1');
    await root.cluster('ADDSLOTSRANGE', 0, 16_383);

    await eventually(async () => (await failuresOf(keys())).length === 0);
    root.disconnect();
  });

  it('hears over any node what is published, also when that node is killed', async () => {
    const heard: string[] = [];
    const subscriber = redis.duplicate({ connectionName: 'listener' });
    let listening = 0;
    subscriber.on('ready', () => void subscriber.subscribe('news').then(() => (listening += 1)));
    subscriber.on('message', (_channel, text) => heard.push(text));
    await eventually(() => listening === 1);
    await redis.publish('news', 'first');
    await eventually(() => heard.length === 1);

    const listeners = await Promise.all(roots.map(async (root) => String(await root.client('LIST')).includes('name=listener')));
    await kill(listeners.indexOf(true));
    await eventually(() => listening === 2);
    await redis.publish('news', 'second');
    await eventually(() => heard.length === 2);
    subscriber.disconnect();
  });

  it('is watched as a whole: down while one of its masters is, and its memory policy is that of the worst', async () => {
    const watch = new RedisWatch(redis, systemClock, silentLog);
    await roots[2]!.config('SET', 'maxmemory-policy', 'allkeys-lfu');
    await watch.onModuleInit();
    expect(watch.health()?.state).toBe('up');
    expect(watch.policyProblem()).toMatch(/allkeys-lfu/);

    await kill(1);

    await eventually(() => watch.health()?.state === 'down');
    watch.onApplicationShutdown();
  });

  it('is recognised when it comes later, and so is a single Redis that comes in its place', async () => {
    const port = await freePort();
    const late = createRedis(`redis://127.0.0.1:${port}`)!;
    await expect(late.eval(ECHO, 1, 'key', 'x')).rejects.toThrow('not connected');

    const first = await startRedis({ port, clusterPort: await freePort() });
    more.push(first);
    await eventually(() => late.isCluster);
    await first.stop();
    more.push(await startRedis({ port }));

    await eventually(() => !late.isCluster && late.status === 'ready');
    expect(await late.eval(ECHO, 1, 'key', 'x')).toBe('x');
    late.disconnect();
  });

  async function startReplica(at: number): Promise<RedisServer> {
    const replica = await startRedis({ clusterPort: await freePort() });
    more.push(replica);
    const root = new Redis(replica.url);
    const [masterId] = /\S+/.exec(await roots[at]!.cluster('MYID'))!;
    await roots[0]!.cluster('MEET', '127.0.0.1', Number(new URL(replica.url).port), Number(await busPortOf(root)));
    await eventually(async () => String(await root.cluster('NODES')).includes(`${masterId} `));
    await root.config('SET', 'cluster-node-timeout', '1000');
    await eventually(async () => (await root.cluster('REPLICATE', masterId).catch(() => '')) === 'OK');
    await eventually(async () => (await root.info('replication')).includes('master_link_status:up'), 30_000);
    root.disconnect();
    return replica;
  }
});

async function busPortOf(root: Redis): Promise<string> {
  const [, port] = (await root.config('GET', 'cluster-port')) as [string, string];
  return port;
}

async function pidOf(root: Redis): Promise<number> {
  return Number(/process_id:(\d+)/.exec(await root.info('server'))![1]);
}
