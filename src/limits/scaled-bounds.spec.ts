import { describe, expect, it } from '@jest/globals';
import type { Bound } from './bounds.js';
import { scaledBounds } from './scaled-bounds.js';

const COMMON = { scope: 'key', subject: 'k', counter: 'c' } as const;
const RATE: Bound = { kind: 'requests', ...COMMON, limit: 60, windowMs: 60_000 };
const CALLS: Bound = { kind: 'calls', ...COMMON, limit: 8 };
const BUDGET: Bound = { kind: 'budget', ...COMMON, budgetId: 'b', ref: 'b@0', limitNanoUsd: 90n, startsAt: 0, endsAt: 1 };

describe('scaledBounds', () => {
  it('gives each replica its share, rounded down, and leaves all else as it is', () => {
    expect(scaledBounds([RATE, CALLS], 7)).toEqual([
      { ...RATE, limit: 8 },
      { ...CALLS, limit: 1 },
    ]);
  });

  it('leaves at least one', () => {
    expect(scaledBounds([CALLS], 100)).toEqual([{ ...CALLS, limit: 1 }]);
  });

  it('divides no money', () => {
    expect(scaledBounds([BUDGET], 3)).toEqual([BUDGET]);
  });

  it.each([0, 1])('changes nothing for one that has seen %d', (replicas) => {
    expect(scaledBounds([RATE, CALLS], replicas)).toEqual([RATE, CALLS]);
  });
});
