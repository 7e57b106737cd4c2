import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { once } from 'node:events';
import { CLOCK, type Clock } from '../../core/clock.js';
import { LOG, type Log } from '../log/log.js';
import { type StoreHealth, StoreWatch } from '../store-health.js';
import { REDIS } from './redis.js';

/** Watches Redis where there is one, and lets go of it at the end. */
@Injectable()
export class RedisWatch implements OnModuleInit, OnApplicationShutdown {
  private readonly watch: StoreWatch | undefined;

  constructor(
    @Inject(REDIS) private readonly redis: Redis | undefined,
    @Inject(CLOCK) clock: Clock,
    @Inject(LOG) log: Log,
  ) {
    if (redis) this.watch = new StoreWatch('redis', () => ping(redis), clock, log);
  }

  /** `undefined` where no Redis is configured. */
  health(): StoreHealth | undefined {
    return this.watch?.latest;
  }

  async onModuleInit(): Promise<void> {
    await this.watch?.start();
  }

  onApplicationShutdown(): void {
    this.watch?.stop();
    this.redis?.disconnect();
  }
}

const CONNECT_MS = 900;

/** A connection under way is waited for; one that cannot be made fails the check at once, with the reason. */
async function ping(redis: Redis): Promise<void> {
  if (redis.status !== 'ready') await once(redis, 'ready', { signal: AbortSignal.timeout(CONNECT_MS) });
  await redis.ping();
}
