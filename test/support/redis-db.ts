import { describe } from '@jest/globals';
import { Redis } from 'ioredis';

/** An empty numbered database on the Redis of this test run. */
export interface RedisDb {
  readonly url: string;
  drop(): Promise<void>;
}

/** The Redis of this test run; undefined where there is none (see `describeWithRedis`). */
export function redisUrl(): string | undefined {
  return process.env.TOLLGATE_TEST_REDIS_URL;
}

/** `describe`, but skipped where no Redis could be had; the start of the run has said so, and under CI it has failed. */
export const describeWithRedis = redisUrl() === undefined ? describe.skip : describe;

const TURN = 'tollgate-test:turn';

/** A database that nobody else uses, also on a server that holds other things: those that are not empty are passed over. */
export async function createRedisDb(): Promise<RedisDb> {
  const url = redisUrl();
  if (url === undefined) throw new Error('There is no Redis: use describeWithRedis.');
  const redis = new Redis(url);
  try {
    const db = await findEmpty(redis);
    return { url: Object.assign(new URL(url), { pathname: `/${db}` }).href, drop: () => flush(url, db) };
  } finally {
    redis.disconnect();
  }
}

async function findEmpty(redis: Redis): Promise<number> {
  const [, count] = await redis.config('GET', 'databases');
  for (let tries = 1; tries < Number(count); tries++) {
    const db = 1 + ((await redis.incr(TURN)) % (Number(count) - 1));
    await redis.select(db);
    const size = await redis.dbsize();
    await redis.select(0);
    if (size === 0) return db;
  }
  throw new Error(`Redis has no empty database among its ${count}.`);
}

async function flush(url: string, db: number): Promise<void> {
  const redis = new Redis(url, { db });
  await redis.flushdb();
  redis.disconnect();
}
