import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { OnApplicationShutdown } from '@nestjs/common';
import { ThrottlerStorageService, type ThrottlerStorage } from '@nestjs/throttler';
import type { Redis } from 'ioredis';
import type { Clock } from '../core/clock.js';
import type { Log } from '../platform/index.js';

type ThrottlerRecord = Awaited<ReturnType<ThrottlerStorage['increment']>>;

const SCRIPT = readFileSync(new URL('throttle.lua', import.meta.url), 'utf8');
const SCRIPT_SHA = createHash('sha1').update(SCRIPT).digest('hex');
/** After a failure Redis is left alone for so long: else every request would wait for the client's time-out of 100 ms. */
const REST_MS = 1_000;

/**
 * Counts throttled requests in Redis, for all replicas together; in this process while there is no Redis or it fails.
 * The window slides and a refused request is not counted, so there is nothing to block: `blockDuration` has no effect.
 */
export class ThrottlingStorage implements ThrottlerStorage, OnApplicationShutdown {
  private readonly local = new ThrottlerStorageService();
  private failing = false;
  private retryAtMs = 0;

  constructor(
    private readonly redis: Redis | undefined,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  async increment(key: string, ttl: number, limit: number, _blockDuration: number, name: string): Promise<ThrottlerRecord> {
    if (this.redis && this.clock.elapsed() >= this.retryAtMs) {
      try {
        const record = await this.count(this.redis, key, ttl, limit);
        this.setFailing(false);
        return record;
      } catch (error) {
        this.retryAtMs = this.clock.elapsed() + REST_MS;
        this.setFailing(true, error);
      }
    }
    return this.local.increment(key, ttl, limit, 0, name);
  }

  onApplicationShutdown(): void {
    this.local.onApplicationShutdown();
  }

  private async count(redis: Redis, key: string, ttl: number, limit: number): Promise<ThrottlerRecord> {
    const [admitted, hits, resetMs] = await run(redis, `tollgate:throttle:{${key}}`, ttl, limit);
    const resetSeconds = Math.ceil(resetMs / 1_000);
    const isBlocked = admitted === 0;
    return { totalHits: hits, timeToExpire: resetSeconds, isBlocked, timeToBlockExpire: isBlocked ? resetSeconds : 0 };
  }

  private setFailing(failing: boolean, error?: unknown): void {
    if (failing === this.failing) return;
    this.failing = failing;
    if (failing)
      this.log.warn({ event: 'throttle_store_down', reason: String(error) }, 'requests are throttled per process until Redis answers');
    else this.log.info({ event: 'throttle_store_up' }, 'requests are throttled across replicas again');
  }
}

async function run(redis: Redis, key: string, ttl: number, limit: number): Promise<[number, number, number]> {
  try {
    return (await redis.evalsha(SCRIPT_SHA, 1, key, ttl, limit)) as [number, number, number];
  } catch (error) {
    if (!String(error).includes('NOSCRIPT')) throw error;
    return (await redis.eval(SCRIPT, 1, key, ttl, limit)) as [number, number, number];
  }
}
