import { describe, expect, it } from '@jest/globals';
import { aBudget } from '../../../test/support/budget.js';
import { boundOf, bucketOf } from './budget-bound.js';
import { resetBudget } from './budget-changes.js';

const MADE_AT = Date.parse('2026-11-21T10:00:00Z');
const NEXT_DAY = Date.parse('2026-11-22T00:00:00Z');
const HOUR_MS = 3_600_000;

describe('boundOf', () => {
  it('charges a period that has begun before to the time at which the budget was made', () => {
    const budget = aBudget({ period: 'day', countsFrom: MADE_AT });

    expect(boundOf(budget, MADE_AT + 1).bound).toEqual({
      kind: 'budget',
      scope: 'everything',
      subject: budget.name,
      budgetId: budget.id,
      limitNanoUsd: budget.limitNanoUsd,
      counter: expect.stringContaining(budget.id),
      ref: `${budget.id}@${MADE_AT}`,
      startsAt: Date.parse('2026-11-21T00:00:00Z'),
      endsAt: NEXT_DAY,
    });
    expect(boundOf(budget, NEXT_DAY).bound.ref).toBe(`${budget.id}@${NEXT_DAY}`);
  });

  it('has another counter in each period, and after a reset', () => {
    const budget = aBudget({ period: 'day', countsFrom: MADE_AT });
    const reset = resetBudget(budget, MADE_AT + 5);
    const counters = [boundOf(budget, MADE_AT), boundOf(budget, NEXT_DAY), boundOf(reset, MADE_AT + 5)].map(({ bound }) => bound.counter);

    expect(new Set(counters).size).toBe(3);
  });

  it('keeps its counter when only the amount or the name changes', () => {
    for (const period of ['total', 'month', 'rolling'] as const) {
      const budget = aBudget({ period, windowSeconds: 86_400, countsFrom: MADE_AT });
      const changed = { ...budget, limitNanoUsd: 1n, name: 'another', thresholds: [1] };

      expect(boundOf(changed, MADE_AT).bound.counter).toBe(boundOf(budget, MADE_AT).bound.counter);
    }
  });

  it('never ends a total', () => {
    const budget = aBudget({ period: 'total', countsFrom: MADE_AT });

    expect(boundOf(budget, MADE_AT)).toMatchObject({
      until: Infinity,
      bound: { startsAt: 0, endsAt: Infinity, ref: `${budget.id}@${MADE_AT}` },
    });
    expect(boundOf(budget, MADE_AT + 1e12).bound).toBe(boundOf(budget, MADE_AT).bound);
  });

  it('is the same object until its period ends', () => {
    const budget = aBudget({ period: 'day', countsFrom: MADE_AT });

    expect(boundOf(budget, NEXT_DAY - 1)).toBe(boundOf(budget, MADE_AT));
    expect(boundOf(budget, NEXT_DAY)).not.toBe(boundOf(budget, MADE_AT));
  });

  it('records a rolling window in sixty buckets, the first of which begins with the budget', () => {
    const budget = aBudget({ period: 'rolling', windowSeconds: 3_600, countsFrom: MADE_AT + 30_000 });
    const refAt = (nowMs: number): number => bucketOf(boundOf(budget, nowMs).bound.ref);

    expect(refAt(MADE_AT + 31_000)).toBe(MADE_AT + 30_000);
    expect(refAt(MADE_AT + 60_000)).toBe(MADE_AT + 60_000);
    expect(refAt(MADE_AT + 119_999)).toBe(MADE_AT + 60_000);
    expect(new Set(Array.from({ length: 3_600 }, (_, second) => refAt(MADE_AT + HOUR_MS + second * 1_000))).size).toBe(60);
  });

  it('counts a rolling window on through its buckets, and anew after a reset', () => {
    const budget = aBudget({ period: 'rolling', windowSeconds: 3_600, countsFrom: MADE_AT });
    const later = MADE_AT + 2 * HOUR_MS;

    expect(boundOf(budget, later).bound).toMatchObject({ counter: boundOf(budget, MADE_AT).bound.counter, windowMs: HOUR_MS });
    const reset = resetBudget(budget, later + 1);
    expect(boundOf(reset, later + 1).bound.counter).not.toBe(boundOf(budget, later).bound.counter);
    expect(boundOf(reset, later + 1).bound.ref).not.toBe(boundOf(budget, later + 1).bound.ref);
  });

  it('binds those whose clock is behind the one by which the budget was made', () => {
    const budget = aBudget({ period: 'day', countsFrom: NEXT_DAY + 5 });
    const { bound, from, until } = boundOf(budget, NEXT_DAY - 5);

    expect(bound).toMatchObject({ startsAt: from, endsAt: NEXT_DAY, ref: `${budget.id}@${NEXT_DAY + 5}` });
    expect(until).toBe(NEXT_DAY);
    expect(boundOf(budget, NEXT_DAY + 1).bound.counter).toBe(bound.counter);
  });
});

describe('resetBudget', () => {
  it('begins a new bucket, also in the first millisecond of a period', () => {
    const budget = aBudget({ period: 'day', countsFrom: MADE_AT });

    const reset = resetBudget(budget, NEXT_DAY);

    expect(bucketOf(boundOf(reset, NEXT_DAY).bound.ref)).toBeGreaterThan(NEXT_DAY);
    expect(boundOf(reset, NEXT_DAY + HOUR_MS).bound.ref).not.toBe(boundOf(budget, NEXT_DAY + HOUR_MS).bound.ref);
  });

  it('begins a new one each time, however fast they follow', () => {
    const budget = aBudget({ period: 'total', countsFrom: MADE_AT });
    const once = resetBudget(budget, MADE_AT);
    const twice = resetBudget(once, MADE_AT);

    expect(new Set([budget, once, twice].map((each) => boundOf(each, MADE_AT).bound.counter)).size).toBe(3);
  });
});
