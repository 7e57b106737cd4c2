import type { ThrottlerStorage } from '@nestjs/throttler';
import type { Clock } from '../core/clock.js';
import type { Log } from '../platform/index.js';
import { Outage } from './throttling.outage.js';
import { LuaScript, type RedisClient } from './redis/lua-script.js';
import { type Counted, LocalWindows } from './throttling.local.js';

type ThrottlerRecord = Awaited<ReturnType<ThrottlerStorage['increment']>>;

const SCRIPT = LuaScript.of(import.meta.url, 'throttle.lua');

/**
 * Counts throttled requests in Redis, for all replicas together; in this process while there is no Redis or it fails.
 * The window slides and a refused request is not counted, so there is nothing to block: `blockDuration` has no effect.
 */
export class ThrottlingStorage implements ThrottlerStorage {
  private readonly local = new LocalWindows();
  private readonly outage: Outage;

  constructor(
    private readonly redis: RedisClient | undefined,
    private readonly clock: Clock,
    log: Log,
  ) {
    this.outage = new Outage(
      clock,
      (reason) => log.warn({ event: 'throttle_store_down', reason }, 'requests are throttled per process until Redis answers'),
      () => log.info({ event: 'throttle_store_up' }, 'requests are throttled across replicas again'),
    );
  }

  async increment(key: string, ttl: number, limit: number): Promise<ThrottlerRecord> {
    if (this.redis && this.outage.mayAsk()) {
      try {
        const counted = await count(this.redis, key, ttl, limit);
        this.outage.answered();
        return toRecord(counted);
      } catch (error) {
        this.outage.failed(error);
      }
    }
    return toRecord(this.local.count(key, ttl, limit, this.clock.elapsed()));
  }
}

async function count(redis: RedisClient, key: string, ttl: number, limit: number): Promise<Counted> {
  const reply = await SCRIPT.run(redis, `tollgate:throttle:{${key}}`, [ttl, limit]);
  const [admitted, hits, resetMs] = reply as [number, number, number];
  return { isBlocked: admitted === 0, hits, resetMs };
}

/** The library counts seconds. */
function toRecord({ isBlocked, hits, resetMs }: Counted): ThrottlerRecord {
  const resetSeconds = Math.ceil(resetMs / 1_000);
  return { totalHits: hits, timeToExpire: resetSeconds, isBlocked, timeToBlockExpire: isBlocked ? resetSeconds : 0 };
}
