import { Redis, type RedisOptions } from 'ioredis';

/** Injection token of the Redis client; `undefined` where no `REDIS_URL` is set. */
export const REDIS = Symbol('REDIS');

const COMMAND_TIMEOUT_MS = 100;
const LONGEST_PAUSE_MS = 1_000;

/**
 * A command is answered or rejected within 100 ms, whatever Redis does: nothing waits for a connection, and what was under way
 * when it broke is rejected, never sent again (its caller has moved on by then).
 */
const OPTIONS: RedisOptions = {
  commandTimeout: COMMAND_TIMEOUT_MS,
  connectTimeout: 1_000,
  // A connection that has gone deaf is given up and replaced, not kept until TCP notices.
  socketTimeout: 2_000,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  retryStrategy: (attempt) => Math.min(attempt * 50, LONGEST_PAUSE_MS),
  connectionName: 'tollgate',
};

/** Connects in the background and never throws for a Redis that is away: commands fail until it is there. */
export function createRedis(url: string | undefined): Redis | undefined {
  if (url === undefined) return undefined;
  const redis = new Redis(url, OPTIONS);
  // Without a listener each failed attempt would be printed; `StoreWatch` reports the outage, once.
  redis.on('error', () => undefined);
  return redis;
}
