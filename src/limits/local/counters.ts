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

/** Money that was spent before this process began. */
export interface Spent {
  /** On the clock's rising scale: below zero for what was spent before that began. */
  readonly elapsedMs: number;
  readonly costNanoUsd: bigint;
}

/** Why a call does not fit. */
export interface Misfit {
  readonly used: bigint;
  readonly needed: bigint;
  readonly resetMs: number | undefined;
}

/** A counter of one kind, and what becomes of it in the life of a call. */
export interface Counter<B extends Bound = Bound> {
  /** How much money is left, not below zero; undefined for a counter of anything else. */
  room(bound: B, now: Moment): bigint | undefined;
  /** Money that it begins with. Being told again changes nothing. */
  seed(spent: readonly Spent[]): void;
  /** Undefined = it fits. What costs nothing fits into every budget. */
  misfit(bound: B, worst: Taken, now: Moment): Misfit | undefined;
  /** Returns the receipt that `settle` wants back. */
  take(worst: Taken, now: Moment): number;
  /** The call is over. */
  release(): void;
  /** What stands for the call changes from `held` to `actual`. */
  settle(receipt: number, held: Taken, actual: Taken): void;
  /** The same for a call that is settled already. */
  amend(receipt: number, charged: Taken, actual: Taken): void;
  reading(bound: B, now: Moment): Reading;
  /** Nothing is lost if it is forgotten. */
  isIdle(now: Moment): boolean;
}

const NOTHING_HELD = 0n;

export class WindowCounter implements Counter<WindowBound> {
  readonly window: SlidingWindow;
  private isSeeded = false;

  constructor(private readonly bound: WindowBound) {
    this.window = new SlidingWindow(bound.windowMs);
  }

  room(bound: WindowBound, { elapsedMs }: Moment): bigint | undefined {
    if (bound.kind !== 'rolling') return undefined;
    return BigInt(Math.max(0, numberOf(bound) - this.window.sum(elapsedMs)));
  }

  seed(spent: readonly Spent[]): void {
    if (this.isSeeded) return;
    this.isSeeded = true;
    const latestFirst = [...spent].sort((one, other) => other.elapsedMs - one.elapsedMs);
    for (const { elapsedMs, costNanoUsd } of latestFirst) this.window.takeEarlier(elapsedMs, Number(costNanoUsd));
  }

  misfit(bound: WindowBound, worst: Taken, { elapsedMs }: Moment): Misfit | undefined {
    const limit = numberOf(bound);
    const needed = this.amountOf(worst);
    const used = this.window.sum(elapsedMs);
    if (needed <= limit - used || (needed === 0 && bound.kind === 'rolling')) return undefined;
    return { used: BigInt(used), needed: BigInt(needed), resetMs: this.window.resetMs(elapsedMs, limit, needed) };
  }

  take(worst: Taken, { elapsedMs }: Moment): number {
    return this.window.take(elapsedMs, this.amountOf(worst));
  }

  release(): void {}

  settle(receipt: number, held: Taken, actual: Taken): void {
    const by = this.amountOf(actual) - this.amountOf(held);
    if (by !== 0) this.window.change(receipt, by);
  }

  amend(receipt: number, charged: Taken, actual: Taken): void {
    this.settle(receipt, charged, actual);
  }

  reading(bound: WindowBound, { elapsedMs }: Moment): Reading {
    const used = BigInt(this.window.sum(elapsedMs));
    return { used, held: NOTHING_HELD, resetMs: this.window.resetMs(elapsedMs, numberOf(bound), 0) };
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

  room(): undefined {}

  seed(): void {}

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

  amend(): void {}

  reading(): Reading {
    return { used: BigInt(this.inFlight), held: NOTHING_HELD, resetMs: undefined };
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
  private isSeeded = false;

  constructor(private readonly endsAt: number) {}

  room({ limitNanoUsd }: PeriodBudget): bigint {
    const left = limitNanoUsd - this.spent - this.held;
    return left > 0n ? left : 0n;
  }

  seed(spent: readonly Spent[]): void {
    if (this.isSeeded) return;
    this.isSeeded = true;
    for (const { costNanoUsd } of spent) this.spent += costNanoUsd;
  }

  misfit(bound: PeriodBudget, worst: Taken, { epochMs }: Moment): Misfit | undefined {
    const needed = worst.costNanoUsd;
    if (needed <= this.room(bound)) return undefined;
    return { used: this.spent + this.held, needed, resetMs: needed > bound.limitNanoUsd ? Infinity : bound.endsAt - epochMs };
  }

  take(worst: Taken): number {
    this.held += worst.costNanoUsd;
    return 0;
  }

  release(): void {}

  settle(_receipt: number, held: Taken, actual: Taken): void {
    this.held -= held.costNanoUsd;
    this.spent += actual.costNanoUsd;
  }

  amend(_receipt: number, charged: Taken, actual: Taken): void {
    this.spent += actual.costNanoUsd - charged.costNanoUsd;
  }

  reading({ endsAt }: PeriodBudget, { epochMs }: Moment): Reading {
    return { used: this.spent + this.held, held: this.held, resetMs: Math.max(0, endsAt - epochMs) };
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

function numberOf(bound: WindowBound): number {
  return bound.kind === 'rolling' ? Number(bound.limitNanoUsd) : bound.limit;
}
