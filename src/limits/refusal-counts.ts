import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { CLOCK, type Clock } from '../core/clock.js';
import { LOG, type Log } from '../platform/index.js';
import { type RefusalCount, RefusalCountsStore } from './refusal-counts.store.js';

const FLUSH_MS = 10_000;
const HOUR_MS = 3_600_000;
/** Refusals told apart in memory; past it, those of an hour are counted together. */
const MOST_KINDS = 10_000;
const ANYBODY = '*';

/**
 * Counts the calls that were refused, by key, bound and hour: they have no row in the ledger. Counts wait here until the database has
 * them, at least 10 s; where it does not confirm them they are sent again, and a count that it had taken after all is there twice.
 */
@Injectable()
export class RefusalCounts implements OnModuleInit, OnApplicationShutdown {
  private waiting = new Map<string, RefusalCount>();
  private flushing: Promise<void> | undefined;
  private isFailing = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(RefusalCountsStore) private readonly store: Pick<RefusalCountsStore, 'add'>,
    @Inject(CLOCK) private readonly clock: Pick<Clock, 'now'>,
    @Inject(LOG) private readonly log: Log,
  ) {}

  /** `bound` as by `nameOfBound`. Never throws and never waits. */
  count(keyId: string, tenant: string, bound: string): void {
    this.add({ hourMs: Math.floor(this.clock.now() / HOUR_MS) * HOUR_MS, keyId, tenant, bound, count: 1 });
  }

  /** Resolves when what was counted before is stored, or was found not to be; never rejects. */
  flush(): Promise<void> {
    this.flushing ??= this.write().finally(() => (this.flushing = undefined));
    return this.flushing;
  }

  onModuleInit(): void {
    this.timer = setInterval(() => void this.flush(), FLUSH_MS).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.flushing;
    await this.flush();
    const counts = [...this.waiting.values()];
    if (counts.length > 0)
      this.log.warn({ event: 'refusals_unstored', counts }, 'The gateway stops, and the database does not take these.');
  }

  private add(refusal: RefusalCount): void {
    const { hourMs, keyId, bound, count } = refusal;
    const name = `${hourMs} ${bound} ${keyId}`;
    const known = this.waiting.get(name);
    if (known) known.count += count;
    else if (this.waiting.size < MOST_KINDS || keyId === ANYBODY) this.waiting.set(name, refusal);
    else this.add({ hourMs, keyId: ANYBODY, tenant: ANYBODY, bound: ANYBODY, count });
  }

  private async write(): Promise<void> {
    const counts = this.waiting;
    if (counts.size === 0) return;
    this.waiting = new Map();
    try {
      await this.store.add([...counts.values()]);
      this.isFailing = false;
    } catch (error) {
      for (const refusal of counts.values()) this.add(refusal);
      if (!this.isFailing) this.log.warn({ event: 'refusals_unstored', err: error }, 'Counts of refused calls wait for the database.');
      this.isFailing = true;
    }
  }
}
