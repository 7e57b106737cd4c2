import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Global, Module, UseGuards, type ExecutionContext } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { ThrottlerGuard } from '@nestjs/throttler';
import { Redis } from 'ioredis';
import { once } from 'node:events';
import { pino } from 'pino';
import { CLOCK, systemClock } from '../../src/core/clock.js';
import { GatewayError } from '../../src/core/errors.js';
import { FailedAttempts } from '../../src/keys/failed-attempts.js';
import { ThrottlingModule } from '../../src/limits/throttling.module.js';
import { ThrottlingStorage } from '../../src/limits/throttling.storage.js';
import { createRedis, LOG, REDIS } from '../../src/platform/index.js';
import { createRedisDb, describeWithRedis, type RedisDb } from '../support/redis-db.js';
import { startRedis, type RedisServer } from '../support/redis.js';
import { silentLog } from '../support/silent-log.js';
import { inTime } from '../support/in-time.js';

const MINUTE_MS = 60_000;
const LIMIT = 120;
/** The client gives up after 100 ms; the rest is for a busy machine. */
const IN_TIME_MS = 250;

type Connection = NonNullable<ReturnType<typeof createRedis>>;

describeWithRedis('throttling over Redis', () => {
  let db: RedisDb;
  let root: Redis;
  let connections: readonly Connection[];

  beforeAll(async () => {
    db = await createRedisDb();
    root = new Redis(db.url);
    connections = await Promise.all([connected(db.url), connected(db.url)]);
  });

  afterEach(async () => {
    await root.flushdb();
  });

  afterAll(async () => {
    for (const connection of [root, ...connections]) connection.disconnect();
    await db.drop();
  });

  it('admits exactly the limit out of 200 at once, over two replicas', async () => {
    const replicas = connections.map((redis) => storageOver(redis).storage);

    const records = await Promise.all(Array.from({ length: 200 }, (_, at) => hit(replicas[at % 2]!)));

    const admitted = records.filter(({ isBlocked }) => !isBlocked);
    expect(admitted.map(({ totalHits }) => totalHits).sort((a, b) => a - b)).toEqual(Array.from({ length: LIMIT }, (_, at) => at + 1));
    expect(records.filter(({ isBlocked }) => isBlocked)).toHaveLength(80);
  });

  it('does not count what it refuses, and says when there is room', async () => {
    const { storage } = storageOver(connections[0]);
    for (let call = 0; call < 3; call += 1) await hit(storage, { limit: 2 });

    const refused = await hit(storage, { limit: 2 });

    expect(refused).toMatchObject({ totalHits: 2, isBlocked: true });
    expect(refused.timeToBlockExpire).toBeGreaterThan(55);
    expect(refused.timeToBlockExpire).toBeLessThanOrEqual(60);
    expect(await hit(storage, { limit: 3 })).toMatchObject({ totalHits: 3, isBlocked: false });
  });

  it('lets the window slide: room comes with the age of the oldest request, not before', async () => {
    const { storage } = storageOver(connections[0]);
    const startedAt = performance.now();
    await hit(storage, { limit: 1, ttl: 300 });

    while ((await hit(storage, { limit: 1, ttl: 300 })).isBlocked);

    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(298);
  });

  it('keeps callers apart, each under one hash tag, and leaves nothing behind', async () => {
    const { storage } = storageOver(connections[0]);
    await hit(storage, { key: 'default:key:a', limit: 1 });

    expect(await hit(storage, { key: 'default:key:b', limit: 1 })).toMatchObject({ isBlocked: false });
    expect((await root.keys('*')).sort()).toEqual(['tollgate:throttle:{default:key:a}', 'tollgate:throttle:{default:key:b}']);
    expect(await root.pttl('tollgate:throttle:{default:key:a}')).toBeGreaterThan(0);
  });

  it('counts keys that are not valid over all replicas, and asks no more about an address that is blocked', async () => {
    const [one, two] = connections.map((redis) => failedAttemptsOver(redis));
    for (let count = 0; count < 20; count += 1) await (count % 2 === 0 ? one! : two!).count('203.0.113.7');

    await expect(one!.count('203.0.113.7')).rejects.toMatchObject({ kind: 'rate_limited' });
    await expect(two!.count('203.0.113.7')).rejects.toMatchObject({ kind: 'rate_limited' });
    await expect(two!.count('203.0.113.8')).resolves.toBeUndefined();
    // Were Redis asked, it would know nothing of the address any more.
    await root.flushdb();
    await expect(one!.count('203.0.113.7')).rejects.toMatchObject({ kind: 'rate_limited' });
    expect(await root.keys('*')).toEqual([]);
  });
});

describeWithRedis('throttling while Redis fails', () => {
  let server: RedisServer;
  let redis: Connection;

  beforeAll(async () => {
    server = await startRedis();
    redis = await connected(server.url);
  });

  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });

  it('counts in this process when Redis is killed, says so once, and returns to Redis when it is back', async () => {
    const { storage, events, clock } = storageOver(redis);
    await hit(storage);
    const { port } = new URL(server.url);
    await server.stop();

    const records = [];
    for (let call = 0; call < LIMIT + 10; call += 1) {
      clock.ms += 100;
      records.push(await inTime(IN_TIME_MS, () => hit(storage)));
    }
    server = await startRedis({ port: Number(port) });
    if (redis.status !== 'ready') await once(redis, 'ready');
    clock.ms += 1_000;
    const after = await hit(storage);

    expect(records.filter(({ isBlocked }) => !isBlocked)).toHaveLength(LIMIT);
    expect(after).toMatchObject({ totalHits: 1, isBlocked: false });
    expect(events).toEqual(['throttle_store_down', 'throttle_store_up']);
  });

  it('counts keys that are not valid in this process when Redis hangs', async () => {
    const failed = failedAttemptsOver(redis);
    process.kill(server.pid, 'SIGSTOP');
    try {
      for (let count = 0; count < 20; count += 1) await inTime(IN_TIME_MS, () => failed.count('203.0.113.7'));
      await expect(failed.count('203.0.113.7')).rejects.toMatchObject({ kind: 'rate_limited' });
    } finally {
      process.kill(server.pid, 'SIGCONT');
    }
    if (redis.status !== 'ready') await once(redis, 'ready');
  });

  it('does not wait for a Redis that hangs', async () => {
    const { storage, events } = storageOver(redis);
    process.kill(server.pid, 'SIGSTOP');
    try {
      for (let call = 1; call <= 5; call += 1) {
        expect(await inTime(IN_TIME_MS, () => hit(storage))).toMatchObject({ totalHits: call, isBlocked: false });
      }
    } finally {
      process.kill(server.pid, 'SIGCONT');
    }
    expect(events).toEqual(['throttle_store_down']);
  });
});

describe('throttling without Redis', () => {
  it('counts in this process, with a window that slides', async () => {
    const { storage } = storageOver(undefined);
    for (let call = 0; call < LIMIT; call += 1) expect((await hit(storage)).isBlocked).toBe(false);

    const refused = await hit(storage);

    expect(refused.isBlocked).toBe(true);
    expect(refused.timeToBlockExpire).toBeGreaterThan(55);
    expect(refused.timeToBlockExpire).toBeLessThanOrEqual(60);
  });
});

describe('@UseGuards(ThrottlerGuard)', () => {
  let app: NestFastifyApplication;
  const refusals: GatewayError[] = [];

  @Controller()
  @UseGuards(ThrottlerGuard)
  class Reading {
    @Get('one')
    one(): string {
      return 'one';
    }

    @Get('two')
    two(): string {
      return 'two';
    }
  }

  @Global()
  @Module({
    providers: [
      { provide: REDIS, useValue: undefined },
      { provide: CLOCK, useValue: systemClock },
      { provide: LOG, useValue: silentLog },
    ],
    exports: [REDIS, CLOCK, LOG],
  })
  class Platform {}

  beforeAll(async () => {
    const module = await Test.createTestingModule({ imports: [Platform, ThrottlingModule], controllers: [Reading] }).compile();
    app = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter(), { logger: false });
    // As the key guard does.
    app.useGlobalGuards({
      canActivate: (context: ExecutionContext) => {
        const request = context.switchToHttp().getRequest<{ headers: Record<string, string>; caller?: object }>();
        if (request.headers['x-api-key']) request.caller = { keyId: request.headers['x-api-key'] };
        return true;
      },
    });
    app.useGlobalFilters({
      catch: (error: GatewayError, host) => {
        refusals.push(error);
        host.switchToHttp().getResponse<{ status: (code: number) => { send: () => void } }>().status(429).send();
      },
    });
    await app.init();
  });

  afterAll(() => app.close());

  it('takes 120 requests a minute from one key over all routes, and refuses in our own words', async () => {
    for (let call = 0; call < LIMIT; call += 1) {
      expect((await get(call % 2 === 0 ? '/one' : '/two', 'key-a')).statusCode).toBe(200);
    }

    const refused = await get('/one', 'key-a');
    const other = await get('/one', 'key-b');

    expect(refused.statusCode).toBe(429);
    expect(refusals[0]).toBeInstanceOf(GatewayError);
    expect(refusals[0]).toMatchObject({ kind: 'rate_limited', message: expect.stringMatching(/^Too many requests: .* 120 per minute/) });
    expect(refusals[0]!.details.retryAfterMs).toBeGreaterThan(50_000);
    expect(other).toMatchObject({ statusCode: 200, headers: { 'x-ratelimit-limit': '120', 'x-ratelimit-remaining': '119' } });
  });

  it('takes as many from one address that shows no key', async () => {
    for (let call = 0; call < LIMIT; call += 1) expect((await get('/one')).statusCode).toBe(200);

    expect((await get('/two')).statusCode).toBe(429);
  });

  function get(url: string, key?: string) {
    return app.inject({ url, headers: key === undefined ? {} : { 'x-api-key': key } });
  }
});

function storageOver(redis: Connection | undefined) {
  const clock = { ms: 0, now: () => clock.ms, elapsed: () => clock.ms };
  const events: string[] = [];
  const log = pino({}, { write: (line) => void events.push((JSON.parse(line) as { event: string }).event) });
  return { storage: new ThrottlingStorage(redis, clock, log), clock, events };
}

function failedAttemptsOver(redis: Connection): FailedAttempts {
  const { storage, clock } = storageOver(redis);
  return new FailedAttempts(storage, clock);
}

function hit(storage: ThrottlingStorage, { key = 'default:key:a', ttl = MINUTE_MS, limit = LIMIT } = {}) {
  return storage.increment(key, ttl, limit);
}

async function connected(url: string): Promise<Connection> {
  const redis = createRedis(url)!;
  if (redis.status !== 'ready') await once(redis, 'ready');
  return redis;
}
