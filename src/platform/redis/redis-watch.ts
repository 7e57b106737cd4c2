import type { Redis } from 'ioredis';
import type { Clock } from '../../core/clock.js';
import type { Log } from '../log/log.js';
import { StoreWatch } from '../store-health.js';

/** Asks Redis for its health in the background; whoever starts the watch stops it. */
export function watchRedis(redis: Redis, clock: Clock, log: Log): StoreWatch {
  return new StoreWatch('redis', () => redis.ping(), clock, log);
}
