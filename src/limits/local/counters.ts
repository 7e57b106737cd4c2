import type { Amounts, Reading } from '../admission-store.js';
import type { Bound, CallsBound, PeriodBudget, WindowBound } from '../bounds.js';
import { SlidingWindow } from './sliding-window.js';

/** The same instant on both of the clock's scales. */
export interface Moment {
  /** For spans. */
  readonly elapsedMs: number;
  /** For periods; never goes back. */
  readonly epochMs: number;
}

/** What a call takes of one counter; a call that did not go out took no request either. */
export interface Taken extends Amounts {
  readonly requests: number;
}

/** Why a call does not fit. */
export interface Misfit {
  readonly used: bigint;
  readonly needed: bigint;
  readonly resetMs: number | undefined;
}

/** A counter of one kind, and what becomes of it in the life of a call. */
export interface Counter<B extends Bound = Bound> {
  /** Undefined = it fits. */
  misfit(bound: B, worst: Taken, now: Moment): Misfit | undefined;
  /** Returns the receipt that `settle` wants back. */
  take(worst: Taken, now: Moment): number;
  /** The call is over. */
  release(): void;
  settle(receipt: number, worst: Taken, actual: Taken): void;
  /** The worst case is taken for the truth. */
  reap(worst: Taken): void;
  /** `settle` after `reap`. */
  amend(receipt: number, worst: Taken, actual: Taken): void;
  reading(now: Moment): Reading;
  /** Nothing is lost if it is forgotten. */
  isIdle(now: Moment): boolean;
}

const NOTHING_HELD = 0n;

export class WindowCounter implements Counter<WindowBound> {
  readonly window: SlidingWindow;

  constructor(private readonly bound: WindowBound) {
    this.window = new SlidingWindow(bound.windowMs);
  }

  misfit(bound: WindowBound, worst: Taken, { elapsedMs }: Moment): Misfit | undefined {
    const limit = bound.kind === 'rolling' ? Number(bound.limitNanoUsd) : bound.limit;
    const needed = this.amountOf(worst);
    const used = this.window.sum(elapsedMs);
    if (needed <= limit - used) return undefined;
    return { used: BigInt(used), needed: BigInt(needed), resetMs: this.window.resetMs(elapsedMs, limit, needed) };
  }

  take(worst: Taken, { elapsedMs }: Moment): number {
    return this.window.take(elapsedMs, this.amountOf(worst));
  }

  release(): void {}

  settle(receipt: number, worst: Taken, actual: Taken): void {
    const by = this.amountOf(actual) - this.amountOf(worst);
    if (by !== 0) this.window.change(receipt, by);
  }

  reap(): void {}

  amend(receipt: number, worst: Taken, actual: Taken): void {
    this.settle(receipt, worst, actual);
  }

  reading({ elapsedMs }: Moment): Reading {
    return { used: BigInt(this.window.sum(elapsedMs)), held: NOTHING_HELD };
  }

  isIdle({ elapsedMs }: Moment): boolean {
    return this.window.isEmpty(elapsedMs);
  }

  /** Money is exact as a number here: its sums stay below 2^53. */
  private amountOf(taken: Taken): number {
    const { kind } = this.bound;
    if (kind === 'requests') return taken.requests;
    return kind === 'tokens' ? taken.tokens : Number(taken.costNanoUsd);
  }
}

export class CallsCounter implements Counter<CallsBound> {
  private inFlight = 0;

  misfit({ limit }: CallsBound): Misfit | undefined {
    return this.inFlight < limit ? undefined : { used: BigInt(this.inFlight), needed: 1n, resetMs: undefined };
  }

  take(): number {
    this.inFlight += 1;
    return 0;
  }

  release(): void {
    this.inFlight -= 1;
  }

  settle(): void {}

  reap(): void {}

  amend(): void {}

  reading(): Reading {
    return { used: BigInt(this.inFlight), held: NOTHING_HELD };
  }

  isIdle(): boolean {
    return this.inFlight === 0;
  }
}

/** How long a period that is over is kept, for calls that are settled late. */
const KEEP_MS = 24 * 3_600_000;

export class BudgetCounter implements Counter<PeriodBudget> {
  private spent = 0n;
  private held = 0n;

  constructor(private readonly endsAt: number) {}

  misfit({ limitNanoUsd, endsAt }: PeriodBudget, worst: Taken, { epochMs }: Moment): Misfit | undefined {
    const used = this.spent + this.held;
    const needed = worst.costNanoUsd;
    if (needed <= limitNanoUsd - used) return undefined;
    return { used, needed, resetMs: needed > limitNanoUsd ? Infinity : endsAt - epochMs };
  }

  take(worst: Taken): number {
    this.held += worst.costNanoUsd;
    return 0;
  }

  release(): void {}

  settle(_receipt: number, worst: Taken, actual: Taken): void {
    this.held -= worst.costNanoUsd;
    this.spent += actual.costNanoUsd;
  }

  reap(worst: Taken): void {
    this.settle(0, worst, worst);
  }

  amend(_receipt: number, worst: Taken, actual: Taken): void {
    this.spent += actual.costNanoUsd - worst.costNanoUsd;
  }

  reading(): Reading {
    return { used: this.spent + this.held, held: this.held };
  }

  isIdle({ epochMs }: Moment): boolean {
    return this.held === 0n && epochMs >= this.endsAt + KEEP_MS;
  }
}

export function makeCounter(bound: Bound): Counter {
  switch (bound.kind) {
    case 'calls':
      return new CallsCounter();
    case 'budget':
      return new BudgetCounter(bound.endsAt);
    default:
      return new WindowCounter(bound);
  }
}
