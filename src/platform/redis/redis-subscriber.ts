import { EventEmitter } from 'node:events';
import type { Redis } from 'ioredis';
import { openRedis, pauseMs, type RedisAddress } from './redis-options.js';

interface SubscriberEvents {
  /** It is connected anew and hears nothing yet: subscribe. */
  ready: [];
  message: [channel: string, text: string];
}

/** A connection that hears what is published. In a Cluster any node will do: they tell each other. Made again whenever it breaks. */
export class RedisSubscriber extends EventEmitter<SubscriberEvents> {
  private client: Redis;
  private timer: NodeJS.Timeout | undefined;
  private attempts = 0;
  private isClosed = false;

  /** `place` is asked before each attempt. */
  constructor(
    private readonly place: () => RedisAddress,
    private readonly connectionName: string,
  ) {
    super();
    this.client = this.open();
  }

  get status(): string {
    return this.client.status;
  }

  async subscribe(channel: string): Promise<void> {
    await this.client.subscribe(channel);
  }

  async ping(): Promise<void> {
    await this.client.ping();
  }

  disconnect(): void {
    this.isClosed = true;
    clearTimeout(this.timer);
    this.client.disconnect();
  }

  private open(): Redis {
    const { connectionName } = this;
    const never = () => null;
    const client = openRedis(this.place(), { connectionName, autoResubscribe: false, retryStrategy: never, sentinelRetryStrategy: never });
    // Without a listener each failed attempt would be printed; the watch over the other connection reports the outage.
    client.on('error', () => undefined);
    client.on('ready', () => {
      this.attempts = 0;
      this.emit('ready');
    });
    client.on('message', (channel: string, text: string) => this.emit('message', channel, text));
    client.once('end', () => this.openLater());
    return client;
  }

  private openLater(): void {
    if (this.isClosed) return;
    this.attempts += 1;
    this.timer = setTimeout(() => {
      this.client = this.open();
    }, pauseMs(this.attempts)).unref();
  }
}
