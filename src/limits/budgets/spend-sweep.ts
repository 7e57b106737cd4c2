import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { CLOCK, type Clock } from '../../core/clock.js';
import { LOG, type Log } from '../../platform/index.js';
import { SpendStore } from './spend.store.js';

const INTERVAL_MS = 3_600_000;

/** Keeps the sums of rolling budgets from growing for ever: an hour's window has a bucket for each minute. */
@Injectable()
export class SpendSweep implements OnModuleInit, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(SpendStore) private readonly store: Pick<SpendStore, 'prune'>,
    @Inject(CLOCK) private readonly clock: Pick<Clock, 'now'>,
    @Inject(LOG) private readonly log: Log,
  ) {}

  onModuleInit(): void {
    this.timer = setInterval(() => void this.sweep(), INTERVAL_MS).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  private async sweep(): Promise<void> {
    try {
      const deleted = await this.store.prune(this.clock.now());
      if (deleted > 0) this.log.debug({ event: 'spending_pruned', rows: deleted });
    } catch (error) {
      this.log.warn({ event: 'spending_unpruned', reason: String(error) }, 'Old sums of rolling budgets are deleted an hour later.');
    }
  }
}
