import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import type { CircuitBreaker } from '../../src/routing/health/circuit-breaker.js';
import { SharedBreakers } from '../../src/routing/health/shared-breakers.js';
import { TargetHealths } from '../../src/routing/health/target-healths.js';
import { createRedis } from '../../src/platform/index.js';
import { testConfig } from '../support/config.js';
import { eventually } from '../support/eventually.js';
import { BUSY_MACHINE_MS, inTime } from '../support/in-time.js';
import { createRedisDb, describeWithRedis, type RedisDb } from '../support/redis-db.js';
import { startRedis, type RedisServer } from '../support/redis.js';

const OPEN_MS = 600_000;
const SETTINGS = { ...testConfig().breaker, consecutive: 3, openMs: OPEN_MS, halfOpenCalls: 1, slowCallMs: 0 };
const PROVIDER = 'openai';
const MODEL = 'gpt-5';
const KEY = `tollgate:breaker:${PROVIDER}/${MODEL}`;

type Connection = NonNullable<ReturnType<typeof createRedis>>;

const replicas: { stop: () => void }[] = [];

afterEach(() => {
  for (const { stop } of replicas.splice(0)) stop();
});

describeWithRedis('breakers of several replicas', () => {
  let db: RedisDb;
  let redis: Redis;

  beforeAll(async () => {
    db = await createRedisDb();
    redis = new Redis(db.url);
  });

  afterEach(async () => {
    await redis.flushdb();
  });

  afterAll(async () => {
    redis.disconnect();
    await db.drop();
  });

  it('opens everywhere for the time that is left, and is said once', async () => {
    const [a, b] = [await startReplica(db.url), await startReplica(db.url)];
    b.breaker();

    a.fail();
    await eventually(() => b.breaker().state === 'open');

    expect(b.breaker().retryInMs).toBeGreaterThan(OPEN_MS - BUSY_MACHINE_MS);
    expect(b.breaker().retryInMs).toBeLessThanOrEqual(OPEN_MS + 1);
    expect(await redis.pttl(KEY)).toBeGreaterThan(OPEN_MS - BUSY_MACHINE_MS);
    expect(await redis.pttl(KEY)).toBeLessThanOrEqual(OPEN_MS);
    expect([a.said, b.said]).toEqual([['open'], []]);
  });

  it('closes everywhere, and leaves no key behind', async () => {
    const [a, b] = [await startReplica(db.url), await startReplica(db.url)];
    b.breaker();
    a.fail();
    await eventually(() => b.breaker().state === 'open');

    b.healths.reset(PROVIDER);
    await eventually(() => a.breaker().state === 'closed');

    expect(await redis.exists(KEY)).toBe(0);
  });

  it('closes everywhere when the calls of one replica that tried were answered', async () => {
    const [a, b] = [await startReplica(db.url), await startReplica(db.url)];
    a.breaker();
    b.fail();
    await eventually(() => a.breaker().state === 'open');
    a.clock.skewMs += 2 * OPEN_MS;

    a.answer();

    expect(a.breaker().state).toBe('closed');
    await eventually(() => b.breaker().state === 'closed');
  });

  it('is known to a replica that starts later, and to one that is asked for the target later', async () => {
    const [a, b] = [await startReplica(db.url), await startReplica(db.url)];
    a.fail();
    await eventually(async () => (await redis.exists(KEY)) === 1);

    const late = await startReplica(db.url);
    [b, late].forEach((replica) => replica.breaker());

    await eventually(() => [b, late].every((replica) => replica.breaker().state === 'open'));
    expect(late.breaker().retryInMs).toBeLessThanOrEqual(OPEN_MS);
  });

  it('reaches a replica whose connection was cut meanwhile', async () => {
    const [a, b] = [await startReplica(db.url), await startReplica(db.url)];
    b.breaker();
    await eventually(async () => (await listeners(db.url, b.channel)) === 2);

    await redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    a.fail();

    await eventually(() => b.breaker().state === 'open');
    await eventually(async () => (await listeners(db.url, b.channel)) === 2);
    a.healths.reset(PROVIDER);
    await eventually(() => b.breaker().state === 'closed');
  });

  it('asks its connection now and again whether it still hears', async () => {
    const { channel } = await startReplica(db.url, 20);
    await eventually(async () => (await listeners(db.url, channel)) === 1);

    await eventually(async () => /name=tollgate-breakers [^\n]* cmd=ping /.test(String(await redis.call('CLIENT', 'LIST'))));
  });

  it('keeps to itself what an administrator forces', async () => {
    const [a, b] = [await startReplica(db.url), await startReplica(db.url)];
    b.breaker();
    a.breaker();

    a.healths.force(PROVIDER, 'open');
    a.fail('gpt-4');
    b.breaker('gpt-4');
    a.healths.force(PROVIDER, undefined);
    a.fail('gpt-4');
    await eventually(() => b.breaker('gpt-4').state === 'open');

    expect(b.breaker().state).toBe('closed');
    expect(await redis.keys('*')).toEqual(['tollgate:breaker:openai/gpt-4']);
  });

  it('hears neither what it does not understand nor what another database says', async () => {
    const b = await startReplica(db.url);
    b.breaker();
    await eventually(async () => (await listeners(db.url, b.channel)) === 1);
    const about = { from: 'x', provider: PROVIDER, model: MODEL };

    await redis.publish('tollgate:breakers:0', JSON.stringify({ ...about, state: 'open', openMs: OPEN_MS }));
    for (const text of ['', '[]', '{', '{"state":"ajar"}', JSON.stringify({ ...about, state: 'open', openMs: 'long' })]) {
      await redis.publish(b.channel, text);
    }
    const last = { ...about, model: 'gpt-4', state: 'open', openMs: 1_000, more: true };
    b.breaker('gpt-4');
    await redis.publish(b.channel, JSON.stringify(last));
    await eventually(() => b.breaker('gpt-4').state === 'open');

    expect(b.breaker().state).toBe('closed');
  });
});

describeWithRedis('breakers of several replicas while Redis fails', () => {
  let server: RedisServer;

  beforeAll(async () => {
    server = await startRedis();
  });

  afterAll(async () => {
    await server.stop();
  });

  it('are shared as soon as Redis is back, and no call has waited', async () => {
    const [a, b] = [await startReplica(server.url), await startReplica(server.url)];
    [a, b].forEach((replica) => replica.breaker());
    const { port } = new URL(server.url);
    await server.stop();

    await inTime(10, () => a.fail());
    expect(a.breaker().state).toBe('open');
    await inTime(10, () => a.answer('gpt-4'));
    server = await startRedis({ port: Number(port) });

    await eventually(() => b.breaker().state === 'open');
    a.healths.reset(PROVIDER);
    await eventually(() => b.breaker().state === 'closed');
  });

  it('are shared when Redis goes on after it hung', async () => {
    const [a, b] = [await startReplica(server.url, 20), await startReplica(server.url, 20)];
    [a, b].forEach((replica) => replica.breaker());
    process.kill(server.pid, 'SIGSTOP');
    try {
      await inTime(10, () => a.fail());
      await eventually(() => a.redis.status !== 'ready');
    } finally {
      process.kill(server.pid, 'SIGCONT');
    }

    await eventually(() => b.breaker().state === 'open');
  });
});

describe('breakers without Redis', () => {
  it('go on by themselves', () => {
    const healths = createHealths(0).healths;
    const shared = new SharedBreakers(healths, undefined, 'only');

    shared.onApplicationBootstrap();
    fail(healths, MODEL);
    shared.onApplicationShutdown();

    expect(healths.of(PROVIDER, MODEL).state).toBe('open');
  });
});

let made = 0;

async function startReplica(url: string, checkMs?: number) {
  const redis = await connected(url);
  const { healths, clock } = createHealths(made);
  const said: string[] = [];
  const shared = new SharedBreakers(healths, redis, `replica-${made++}`, checkMs);
  healths.watch({ changed: (_, state) => said.push(state) });
  shared.onApplicationBootstrap();
  const channel = `tollgate:breakers:${redis.options.db ?? 0}`;
  const replica = {
    healths,
    clock,
    said,
    redis,
    channel,
    /** Asked for, so that it exists from then on. */
    breaker: (model = MODEL): CircuitBreaker => {
      healths.of(PROVIDER, model);
      return healths.find(PROVIDER, model)!.breaker;
    },
    fail: (model = MODEL) => fail(healths, model),
    answer: (model = MODEL) => attempt(healths, model, undefined),
    stop: () => {
      shared.onApplicationShutdown();
      redis.disconnect();
    },
  };
  replicas.push(replica);
  await eventually(async () => (await listeners(url, channel)) >= replicas.length);
  return replica;
}

/** Clocks of replicas have nothing to do with one another. */
function createHealths(at: number) {
  const clock = { skewMs: at * 123_456_789, elapsed: () => performance.now() + clock.skewMs };
  return { clock, healths: new TargetHealths(SETTINGS, { budgetRatio: 0.1 }, clock, () => 0) };
}

function fail(healths: TargetHealths, model: string): void {
  for (let at = 0; at < SETTINGS.consecutive; at += 1) attempt(healths, model, 'upstream_unavailable');
}

function attempt(healths: TargetHealths, model: string, failure: 'upstream_unavailable' | undefined): void {
  const health = healths.of(PROVIDER, model);
  if (health.tryAcquire()) health.report({ failure, stream: false, firstEventMs: undefined, durationMs: 0 });
}

/** How many listen on a channel, asked of the server that they listen at. */
async function listeners(url: string, channel: string): Promise<number> {
  const redis = new Redis(url);
  const [, count] = (await redis.pubsub('NUMSUB', channel)) as [string, number];
  redis.disconnect();
  return count;
}

async function connected(url: string): Promise<Connection> {
  const redis = createRedis(url)!;
  await redis.whenReady(5_000);
  return redis;
}
