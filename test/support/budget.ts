import { makeId } from '../../src/core/ids.js';
import type { Budget } from '../../src/limits/budgets/budget.js';

/** US$10 on everything, for ever, unless told otherwise. */
export function aBudget(changes: Partial<Budget> = {}): Budget {
  return {
    id: makeId(0),
    name: 'the bill',
    scope: 'everything',
    tenant: undefined,
    subject: undefined,
    limitNanoUsd: 10_000_000_000n,
    period: 'total',
    windowSeconds: undefined,
    timeZone: 'UTC',
    thresholds: [],
    isDisabled: false,
    countsFrom: 0,
    createdAt: 0,
    changedAt: 0,
    ...changes,
  };
}
