import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import { CLOCK, type Clock } from '../../core/clock.js';
import { makeId } from '../../core/ids.js';
import { CONFIG, type Config } from '../config/config.js';
import { Database } from '../database/database.js';
import { GatewaysStore } from './gateways.store.js';

const BEAT_MS = 5_000;
/** Boot and shutdown wait no longer for a database that does not answer. */
const PATIENCE_MS = 1_000;

/**
 * Who shares this database and its Redis: each gateway says every 5 s that it lives, and one that has not for 15 s is dead. Without
 * Redis there is only this one, and nothing is written.
 */
@Injectable()
export class Gateways implements OnModuleInit, OnApplicationShutdown {
  /** This process's own: a new one with each start. */
  readonly id: string;
  private readonly isShared: boolean;
  private seen = 1;
  private heart: NodeJS.Timeout | undefined;
  private lastBeat: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly store: GatewaysStore,
    private readonly database: Database,
    @Inject(CONFIG) config: Pick<Config, 'redis'>,
    @Inject(CLOCK) clock: Pick<Clock, 'now'>,
  ) {
    this.id = makeId(clock.now());
    this.isShared = config.redis.url !== undefined;
  }

  /** How many lived when the database last told, this one included: what an outage is got through with. */
  get lastSeen(): number {
    return this.seen;
  }

  /** The ids of those that live, this one's always among them. Rejects where the database is away. */
  async living(): Promise<readonly string[]> {
    if (!this.isShared) return [this.id];
    const living = await this.store.findLiving();
    return living.includes(this.id) ? living : [...living, this.id];
  }

  async onModuleInit(): Promise<void> {
    if (!this.isShared) return;
    this.heart = setInterval(() => this.beatSoon(), BEAT_MS).unref();
    const first = this.database.whenReachable.then(() => this.beatSoon());
    if (this.database.isReachable) await this.atMost(first.then(() => this.lastBeat));
  }

  /** Says farewell, so that nobody waits for this one. */
  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.heart);
    if (!this.isShared) return;
    // A heartbeat under way would bring back what is removed.
    const farewell = this.lastBeat.then(() => this.store.remove(this.id));
    await this.atMost(farewell.catch(() => undefined));
  }

  /** A database that is away is reported by its own watch; the next heartbeat finds it back. */
  async beat(): Promise<void> {
    try {
      this.seen = await this.store.beat(this.id);
    } catch {
      return;
    }
  }

  private beatSoon(): void {
    this.lastBeat = this.beat();
  }

  private async atMost(work: Promise<unknown>): Promise<void> {
    await Promise.race([work, sleep(PATIENCE_MS, undefined, { ref: false })]);
  }
}
