import { type BudgetBound, counterName } from '../bounds.js';
import type { Budget } from './budget.js';
import { calendarSpan, type Span } from './calendar.js';

/** A rolling window is recorded in so many buckets, and the one that has begun. */
const BUCKETS_PER_WINDOW = 60;

/** What a budget means to calls that are admitted from `from` until before `until`, epoch milliseconds. */
export interface TimedBound {
  readonly bound: BudgetBound;
  readonly from: number;
  readonly until: number;
}

const EVER: Span = { startsAt: -Infinity, endsAt: Infinity };
const known = new WeakMap<Budget, TimedBound>();

/** The bound of a budget at a time; the same object for as long as nothing of it has changed. */
export function boundOf(budget: Budget, nowMs: number): TimedBound {
  let timed = known.get(budget);
  if (!timed || nowMs < timed.from || nowMs >= timed.until) known.set(budget, (timed = toTimedBound(budget, nowMs)));
  return timed;
}

/** Milliseconds that a bucket of a rolling window lasts. */
export function bucketLengthOf(windowMs: number): number {
  return Math.floor(windowMs / BUCKETS_PER_WINDOW);
}

function toTimedBound(budget: Budget, nowMs: number): TimedBound {
  const { id, period, timeZone, windowSeconds } = budget;
  const common = { scope: budget.scope, subject: budget.name, budgetId: id, limitNanoUsd: budget.limitNanoUsd };
  if (period === 'rolling') {
    const windowMs = windowSeconds! * 1_000;
    const { startsAt: from, endsAt: until } = bucketAt(windowMs, nowMs);
    const counter = counterName('rolling', id, budget.countsFrom);
    return { from, until, bound: { kind: 'rolling', ...common, counter, ref: refOf(budget, from), windowMs } };
  }
  const { startsAt: from, endsAt: until } = period === 'total' ? EVER : calendarSpan(period, timeZone, nowMs);
  const ref = refOf(budget, from);
  // The calendar's limits and not the budget's own beginning: the store's clock may be behind the one that it was made by.
  const span = { startsAt: Math.max(0, from), endsAt: until };
  return { from, until, bound: { kind: 'budget', ...common, counter: counterName('budget', ref), ref, ...span } };
}

function bucketAt(windowMs: number, nowMs: number): Span {
  const length = bucketLengthOf(windowMs);
  const startsAt = Math.floor(nowMs / length) * length;
  return { startsAt, endsAt: startsAt + length };
}

/** Nothing from before a reset shares a bucket with anything after it. */
function refOf({ id, countsFrom }: Budget, startsAt: number): string {
  return `${id}@${Math.max(startsAt, countsFrom)}`;
}

/** Of a `ref`: when its bucket begins, epoch milliseconds. */
export function bucketOf(ref: string): number {
  return Number(ref.slice(ref.indexOf('@') + 1));
}
