import type { OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import { type Actor, type Config, type Database, type Log, reasonOf } from '../../../platform/index.js';
import type { FetchTerms } from './fetch-price-list.js';
import type { ListComparison, ModelChange } from './price-changes.js';
import { isCompared, isUnread, type PriceSync } from './price-sync.js';
import { aloneWithPrices } from './sync-lock.js';

const HOUR_MS = 3_600_000;
const BY: Actor = { id: 'price-sync', name: 'price schedule' };
/** Of what is held back the log names so many. */
const MOST_NAMED = 20;

export interface ScheduleParts {
  readonly sync: Pick<PriceSync, 'compare' | 'apply'>;
  readonly database: Pick<Database, 'directUrl' | 'whenReachable'>;
  readonly config: { readonly billing: Pick<Config['billing'], 'priceSyncHours'> };
  readonly log: Log;
  readonly terms?: Pick<FetchTerms, 'deadlineMs'>;
}

/** `elsewhere`: another gateway is at it. `unfinished`: something failed, and stands in the log. */
export type SyncRound = 'finished' | 'elsewhere' | 'unfinished';

/**
 * Takes over published prices when a gateway has started and every so many hours, behind everything else, where it is set up to. What
 * rises or falls more than tenfold it leaves to somebody who looks.
 */
export class ScheduledPriceSync implements OnModuleInit, OnApplicationShutdown {
  private readonly stopped = new AbortController();
  private running: Promise<SyncRound> | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly parts: ScheduleParts) {}

  /** Nobody waits for it: until it is done prices are as they were. */
  onModuleInit(): void {
    if (this.parts.config.billing.priceSyncHours > 0) void this.parts.database.whenReachable.then(() => this.runAndSchedule());
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopped.abort();
    clearTimeout(this.timer);
    await this.running;
  }

  /** One round at a time, also of many that ask. Never rejects. */
  run(): Promise<SyncRound> {
    this.running ??= this.runOnce().finally(() => (this.running = undefined));
    return this.running;
  }

  private async runAndSchedule(): Promise<void> {
    if (this.stopped.signal.aborted) return;
    const outcome = await this.run();
    if (this.stopped.signal.aborted) return;
    const hours = this.parts.config.billing.priceSyncHours;
    this.timer = setTimeout(() => void this.runAndSchedule(), (outcome === 'unfinished' ? 1 : hours) * HOUR_MS).unref();
  }

  private async runOnce(): Promise<SyncRound> {
    try {
      return (await aloneWithPrices(this.parts.database.directUrl, () => this.takeOver())) ?? 'elsewhere';
    } catch (error) {
      return this.delayed([{ reason: reasonOf(error) }]);
    }
  }

  private async takeOver(): Promise<SyncRound> {
    const { sync, terms } = this.parts;
    const outcomes = await sync.compare(undefined, { ...terms, stop: this.stopped.signal });
    const compared = outcomes.filter(isCompared);
    const changes = compared.flatMap((comparison) => comparison.changes);
    const applied = await sync.apply(
      changes.filter(({ isSteep }) => !isSteep),
      BY,
    );
    const heldBack = changes.filter(({ isSteep }) => isSteep);
    if (compared.length > 0) this.tell(compared, applied.length, heldBack.length);
    if (heldBack.length > 0) this.tellOfHeldBack(heldBack);
    const unread = outcomes.filter(isUnread);
    return unread.length === 0 ? 'finished' : this.delayed(unread.map(({ provider, problem }) => ({ provider, reason: problem })));
  }

  private tell(compared: readonly ListComparison[], applied: number, heldBack: number): void {
    const sum = (count: (one: ListComparison) => number): number => compared.reduce((total, one) => total + count(one), 0);
    const counts = {
      providers: compared.map(({ provider }) => provider),
      listed: sum(({ listed }) => listed),
      applied,
      held_back: heldBack,
      unchanged: sum(({ unchanged }) => unchanged),
      gone: sum(({ gone }) => gone.length),
      skipped: sum(({ skipped }) => skipped.length),
    };
    this.parts.log.info({ event: 'prices_synced', ...counts }, 'Published prices were compared, and what has changed holds from now on.');
  }

  private tellOfHeldBack(heldBack: readonly ModelChange[]): void {
    const models = heldBack.slice(0, MOST_NAMED).map(({ provider, model }) => `${provider}/${model}`);
    const advice = 'Prices that rose or fell more than tenfold were not taken over. Look at them with `tollgate prices sync`.';
    this.parts.log.warn({ event: 'prices_held_back', count: heldBack.length, models }, advice);
  }

  private delayed(failures: readonly { readonly provider?: string; readonly reason: string }[]): SyncRound {
    if (!this.stopped.signal.aborted)
      this.parts.log.warn({ event: 'prices_unread', failures }, 'Published prices could not be read; that is tried again in an hour.');
    return 'unfinished';
  }
}
