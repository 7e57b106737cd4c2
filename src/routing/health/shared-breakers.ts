import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import type { BreakerState } from '../../core/target-health.js';
import type { RedisConnection } from '../../platform/index.js';
import { type BreakerNews, toBreakerNews } from './breaker-news.js';
import type { BreakerReason } from './circuit-breaker.js';
import type { ModelHealth } from './model-health.js';
import type { HealthWatcher, TargetHealths } from './target-healths.js';

/** How often it looks whether the connection still hears, and says or reads what failed before. */
const CHECK_MS = 5_000;

type Subscriber = ReturnType<RedisConnection['duplicate']>;

/**
 * Shares what breakers decide between replicas through Redis: an opening is a key that lives as long as it (for replicas that start or
 * come back later) and a message (for those that listen); so is a closing. A call never waits for it: without Redis each replica
 * finds out by itself. What an administrator forces comes by another way and is not shared here.
 *
 * A key that is missing is not taken for a closing: Redis may have lost it, and an opening ends by itself.
 */
export class SharedBreakers implements HealthWatcher, OnApplicationBootstrap, OnApplicationShutdown {
  private subscriber: Subscriber | undefined;
  private timer: NodeJS.Timeout | undefined;
  private isListening = false;
  private readonly channel: string;
  /** Those whose last word did not reach Redis. */
  private readonly unsaid = new Set<ModelHealth>();
  /** Whether there may be keys that were not seen. */
  private isBehind = false;
  private readonly catchUp = (): void => void this.heal();

  /** `replica`: a name that no other replica has. */
  constructor(
    private readonly healths: TargetHealths,
    private readonly redis: RedisConnection | undefined,
    private readonly replica: string,
    private readonly checkMs = CHECK_MS,
  ) {
    // Channels, unlike keys, are common to all databases of a Redis.
    this.channel = `tollgate:breakers:${redis?.options.db ?? 0}`;
    if (redis) healths.watch(this);
  }

  onApplicationBootstrap(): void {
    if (!this.redis) return;
    const subscriber = this.redis.duplicate({ connectionName: 'tollgate-breakers' });
    this.subscriber = subscriber;
    subscriber.on('ready', () => void this.listen(subscriber));
    subscriber.on('message', (_channel: string, text: string) => this.hear(toBreakerNews(text)));
    this.redis.on('ready', this.catchUp);
    this.timer = setInterval(() => this.check(subscriber), this.checkMs).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
    this.redis?.off('ready', this.catchUp);
    this.subscriber?.disconnect();
  }

  created(health: ModelHealth): void {
    void this.readOne(health);
  }

  changed(health: ModelHealth, state: BreakerState, reason: BreakerReason): void {
    if (reason === 'forced' || state === 'half_open') return;
    void this.say(health, state);
  }

  private async listen(subscriber: Subscriber): Promise<void> {
    this.isListening = false;
    try {
      await subscriber.subscribe(this.channel);
      this.isListening = true;
    } catch {
      return;
    }
    await this.heal();
  }

  private check(subscriber: Subscriber): void {
    if (subscriber.status === 'ready') {
      // A connection that has gone deaf shows no error by itself: one without an answer to this is given up and replaced.
      if (this.isListening) subscriber.ping().catch(() => undefined);
      else void this.listen(subscriber);
    }
    if (this.isBehind || this.unsaid.size > 0) this.catchUp();
  }

  private hear(news: BreakerNews | undefined): void {
    if (!news || news.from === this.replica) return;
    // A target that nobody has asked for yet is read when it is.
    const breaker = this.healths.find(news.provider, news.model)?.breaker;
    if (news.state === 'open') breaker?.openFor(news.openMs);
    else breaker?.close();
  }

  private async heal(): Promise<void> {
    const unsaid = [...this.unsaid];
    this.unsaid.clear();
    for (const health of unsaid) {
      const { state, forced } = health.breaker;
      if (forced === undefined && state !== 'half_open') await this.say(health, state);
    }
    this.isBehind = !(await this.read([...this.healths.all()].filter((health) => !this.unsaid.has(health))));
  }

  private async say(health: ModelHealth, state: 'open' | 'closed'): Promise<void> {
    const redis = this.redis!;
    const { provider, model } = health;
    const about = { from: this.replica, provider, model };
    const openMs = Math.ceil(health.retryInMs);
    const news: BreakerNews = state === 'open' ? { ...about, state, openMs } : { ...about, state };
    const key = toKey(health);
    this.unsaid.delete(health);
    try {
      const kept = state === 'open' ? redis.set(key, this.replica, 'PX', openMs) : redis.del(key);
      // Behind the key on the same connection: who does not hear of it reads it.
      await Promise.all([kept, redis.publish(this.channel, JSON.stringify(news))]);
    } catch {
      this.unsaid.add(health);
    }
  }

  private async readOne(health: ModelHealth): Promise<void> {
    if (!(await this.read([health]))) this.isBehind = true;
  }

  /** Takes over the openings that are kept; whether it could. */
  private async read(healths: readonly ModelHealth[]): Promise<boolean> {
    try {
      const remaining = await Promise.all(healths.map((health) => this.redis!.pttl(toKey(health))));
      // The time of a key that is missing is negative.
      healths.forEach(({ breaker }, at) => breaker.state !== 'open' && breaker.openFor(remaining[at]!));
      return true;
    } catch {
      return false;
    }
  }
}

function toKey({ provider, model }: ModelHealth): string {
  return `tollgate:breaker:${provider}/${model}`;
}
