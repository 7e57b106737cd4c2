import { RedisConnection } from './redis-connection.js';

/** Injection token of the `RedisConnection`; `undefined` where no `REDIS_URL` is set. */
export const REDIS = Symbol('REDIS');

/** Connects in the background and never throws for a Redis that is away: commands fail until it is there. */
export function createRedis(url: string | undefined): RedisConnection | undefined {
  return url === undefined ? undefined : new RedisConnection(url);
}
