import type { OnApplicationShutdown } from '@nestjs/common';
import type { Clock } from '../../core/clock.js';
import type { PricedModel } from '../../core/price.js';
import { type Log, reasonOf } from '../../platform/index.js';
import { Pause } from '../ledger/pause.js';
import type { ChargedPricesStore } from './charged-prices.store.js';

export interface ChargedPricesLimits {
  /** After a failure; doubles with each further one. */
  readonly retryMs: number;
  readonly maxRetryMs: number;
  /** How long what still waits may take at shutdown. */
  readonly closeMs: number;
}

const LIMITS: ChargedPricesLimits = { retryMs: 100, maxRetryMs: 5_000, closeMs: 2_000 };

/** Names come from callers where a provider takes any; beyond this many prices the memory of them starts anew. */
const MOST_KNOWN = 100_000;

/** Sees to it that each price by which calls are charged is kept for ever, so that every ledger row can be explained. */
export class ChargedPrices implements OnApplicationShutdown {
  private readonly known = new Set<string>();
  private readonly waiting = new Map<string, { readonly priced: PricedModel; readonly at: number }>();
  private readonly pause = new Pause();
  private writing: Promise<void> | undefined;
  private isClosing = false;
  private failures = 0;

  constructor(
    private readonly store: Pick<ChargedPricesStore, 'insert'>,
    private readonly clock: Pick<Clock, 'now'>,
    private readonly log: Log,
    private readonly limits: ChargedPricesLimits = LIMITS,
  ) {}

  /**
   * Told of a price before a call goes out that may be charged by it: it is there before the call's row is. Never throws and never
   * waits; of a price that is known, which all but the first call's is, it is one look-up.
   */
  keep(priced: PricedModel): void {
    if (this.known.has(priced.id)) return;
    if (this.known.size >= MOST_KNOWN) this.known.clear();
    this.known.add(priced.id);
    this.waiting.set(priced.id, { priced, at: this.clock.now() });
    this.writing ??= this.writeWaiting();
  }

  /** Prices that are not stored yet. */
  get waitingPrices(): number {
    return this.waiting.size;
  }

  async onApplicationShutdown(): Promise<void> {
    this.isClosing = true;
    this.pause.end();
    const deadline = new Pause();
    await Promise.race([this.writing, deadline.wait(this.limits.closeMs)]);
    deadline.end();
    if (this.waiting.size === 0) return;
    const ids = [...this.waiting.keys()];
    this.log.error({ event: 'charged_prices_unstored', ids }, 'Prices that calls were charged by could not be stored.');
  }

  /** In turn, until all are stored. At shutdown the first failure ends it. */
  private async writeWaiting(): Promise<void> {
    for (let [next] = this.waiting.values(); next; [next] = this.waiting.values()) {
      try {
        await this.store.insert(next.priced, next.at);
        this.waiting.delete(next.priced.id);
        this.failures = 0;
      } catch (error) {
        if (this.isClosing) break;
        await this.afterFailure(error);
      }
    }
    this.writing = undefined;
  }

  private async afterFailure(error: unknown): Promise<void> {
    const waiting = { event: 'charged_prices_delayed', prices: this.waiting.size, reason: reasonOf(error) };
    if (this.failures === 0) this.log.warn(waiting, 'Prices that calls are charged by cannot be stored; they are kept and tried again.');
    this.failures += 1;
    await this.pause.wait(Math.min(this.limits.maxRetryMs, this.limits.retryMs * 2 ** (this.failures - 1)));
  }
}
