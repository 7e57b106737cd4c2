import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { CLOCK, type Clock } from '../../core/clock.js';
import { LOG, type Log } from '../log/log.js';
import { type StoreHealth, StoreWatch } from '../store-health.js';
import { evictionProblem } from './eviction-policy.js';
import { REDIS } from './redis.js';
import type { RedisConnection } from './redis-connection.js';

const CONNECT_MS = 900;
const POLICY_CHECK_MS = 60_000;

/** Watches Redis where there is one, and lets go of it at the end. */
@Injectable()
export class RedisWatch implements OnModuleInit, OnApplicationShutdown {
  private readonly watch: StoreWatch | undefined;
  private problem: string | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(REDIS) private readonly redis: RedisConnection | undefined,
    @Inject(CLOCK) clock: Clock,
    @Inject(LOG) private readonly log: Log,
  ) {
    if (redis) this.watch = new StoreWatch('redis', () => ping(redis), clock, log);
  }

  /** `undefined` where no Redis is configured. */
  health(): StoreHealth | undefined {
    return this.watch?.latest;
  }

  /** Why this Redis must not keep budgets, in a sentence; undefined where it may, and until it has been asked. */
  policyProblem(): string | undefined {
    return this.problem;
  }

  async onModuleInit(): Promise<void> {
    this.redis?.onReady(() => void this.checkPolicy());
    this.timer = setInterval(() => void this.checkPolicy(), POLICY_CHECK_MS).unref();
    await this.watch?.start();
    await this.checkPolicy();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
    this.watch?.stop();
    this.redis?.disconnect();
  }

  /** What was found stands while Redis does not answer; one that answers, but does not say, is not trusted. */
  async checkPolicy(): Promise<void> {
    if (this.redis?.status !== 'ready') return;
    const before = this.problem;
    try {
      this.problem = (await this.redis.info('memory')).map(evictionProblem).find((problem) => problem !== undefined);
    } catch (error) {
      if ((error as Error).name !== 'ReplyError') return;
      this.problem = evictionProblem('');
    }
    if (this.problem !== undefined && this.problem !== before) this.log.warn({ event: 'redis_policy_unfit', reason: this.problem });
  }
}

/** A connection under way is waited for; one that cannot be made fails the check at once, with the reason. */
async function ping(redis: RedisConnection): Promise<void> {
  await redis.whenReady(CONNECT_MS);
  await redis.ping();
}
