import type { OnApplicationShutdown } from '@nestjs/common';
import { ThrottlerStorageService, type ThrottlerStorage } from '@nestjs/throttler';
import type { Redis } from 'ioredis';
import type { Clock } from '../core/clock.js';
import type { Log } from '../platform/index.js';
import { Outage } from './outage.js';
import { LuaScript } from './redis/lua-script.js';

type ThrottlerRecord = Awaited<ReturnType<ThrottlerStorage['increment']>>;

const SCRIPT = LuaScript.of(import.meta.url, 'throttle.lua');

/**
 * Counts throttled requests in Redis, for all replicas together; in this process while there is no Redis or it fails.
 * The window slides and a refused request is not counted, so there is nothing to block: `blockDuration` has no effect.
 */
export class ThrottlingStorage implements ThrottlerStorage, OnApplicationShutdown {
  private readonly local = new ThrottlerStorageService();
  private readonly outage: Outage;

  constructor(
    private readonly redis: Redis | undefined,
    clock: Clock,
    log: Log,
  ) {
    this.outage = new Outage(
      clock,
      (reason) => log.warn({ event: 'throttle_store_down', reason }, 'requests are throttled per process until Redis answers'),
      () => log.info({ event: 'throttle_store_up' }, 'requests are throttled across replicas again'),
    );
  }

  async increment(key: string, ttl: number, limit: number, _blockDuration: number, name: string): Promise<ThrottlerRecord> {
    if (this.redis && this.outage.mayAsk()) {
      try {
        const record = await this.count(this.redis, key, ttl, limit);
        this.outage.answered();
        return record;
      } catch (error) {
        this.outage.failed(error);
      }
    }
    return this.local.increment(key, ttl, limit, 0, name);
  }

  onApplicationShutdown(): void {
    this.local.onApplicationShutdown();
  }

  private async count(redis: Redis, key: string, ttl: number, limit: number): Promise<ThrottlerRecord> {
    const reply = await SCRIPT.run(redis, `tollgate:throttle:{${key}}`, [ttl, limit]);
    const [admitted, hits, resetMs] = reply as [number, number, number];
    const resetSeconds = Math.ceil(resetMs / 1_000);
    const isBlocked = admitted === 0;
    return { totalHits: hits, timeToExpire: resetSeconds, isBlocked, timeToBlockExpire: isBlocked ? resetSeconds : 0 };
  }
}
