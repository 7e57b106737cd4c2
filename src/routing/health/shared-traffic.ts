import type { Clock } from '../../core/clock.js';
import type { ProviderTraffic } from '../../core/target-health.js';
import { Bulkhead } from './bulkhead.js';
import { RetryBudget } from './retry-budget.js';

/** What calls to one provider share: its places, and its budget of repeats. */
export class SharedTraffic implements ProviderTraffic {
  private readonly bulkhead: Bulkhead;
  private readonly budget: RetryBudget;

  constructor(provider: string, maxConcurrency: number, budgetRatio: number, clock: Pick<Clock, 'elapsed'>) {
    this.bulkhead = new Bulkhead(provider, maxConcurrency);
    this.budget = new RetryBudget(budgetRatio, clock);
  }

  get inFlight(): number {
    return this.bulkhead.inFlight;
  }

  get waiting(): number {
    return this.bulkhead.waiting;
  }

  enter(abandoned: () => AbortSignal, withinMs?: () => number): Promise<void> | undefined {
    return this.bulkhead.enter(abandoned, withinMs);
  }

  leave(): void {
    this.bulkhead.leave();
  }

  countCall(): void {
    this.budget.countCall();
  }

  tryRepeat(): boolean {
    return this.budget.tryRepeat();
  }

  bound(maxConcurrency: number): void {
    this.bulkhead.reconfigure(maxConcurrency);
  }

  allowRepeats(budgetRatio: number): void {
    this.budget.reconfigure(budgetRatio);
  }
}
