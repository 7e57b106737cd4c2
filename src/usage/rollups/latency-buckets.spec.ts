import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LATENCY_BOUNDS_MS, LATENCY_BUCKETS, latencyBucketName, latencyPercentile } from './latency-buckets.js';

const bucketOf = (ms: number): number => LATENCY_BOUNDS_MS.filter((bound) => bound < ms).length;

function countsOf(durations: readonly number[]): number[] {
  const counts = Array.from({ length: LATENCY_BUCKETS }, () => 0);
  for (const duration of durations) counts[bucketOf(duration)]! += 1;
  return counts;
}

describe('latency buckets', () => {
  it('double with every second one, from five milliseconds to eleven minutes', () => {
    expect(LATENCY_BOUNDS_MS.slice(0, 8)).toEqual([5, 7, 10, 14, 20, 28, 40, 56]);
    expect(LATENCY_BOUNDS_MS.at(-1)).toBe(655_360);
    expect(LATENCY_BOUNDS_MS).toHaveLength(LATENCY_BUCKETS - 1);
    expect([latencyBucketName(0), latencyBucketName(35)]).toEqual(['00', '35']);
  });
});

describe('latencyPercentile', () => {
  it('takes calls to lie evenly within their bucket', () => {
    expect(latencyPercentile([0, 0, 0, 0, 100], 0.5)).toBe(17);
    expect(latencyPercentile([0, 0, 0, 0, 100], 0.95)).toBeCloseTo(19.7);
    expect(latencyPercentile([10], 0.5)).toBe(2.5);
    expect(latencyPercentile([50, 0, 0, 0, 50], 0.75)).toBe(17);
  });

  it('has no milliseconds for no calls, and the end of a bucket for all of its calls', () => {
    expect(latencyPercentile([], 0.5)).toBeUndefined();
    expect(latencyPercentile([0, 0], 0.5)).toBeUndefined();
    expect(latencyPercentile([0, 3, 0], 1)).toBe(7);
    expect(latencyPercentile([0, 3, 0], 0)).toBe(5);
  });

  it('does not guess how long the longest took', () => {
    expect(latencyPercentile(countsOf([1_000_000, 9_000_000]), 0.99)).toBe(655_360);
  });

  it('lies in the same bucket as the exact one, and never falls with a larger share', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 655_360 }), { minLength: 1, maxLength: 200 }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        (durations, share) => {
          const rank = Math.max(1, Math.ceil(share * durations.length));
          const exact = durations.toSorted((one, other) => one - other)[rank - 1]!;
          const estimate = latencyPercentile(countsOf(durations), share)!;

          expect(bucketOf(Math.ceil(estimate))).toBe(bucketOf(exact));
          expect(latencyPercentile(countsOf(durations), share / 2)!).toBeLessThanOrEqual(estimate);
        },
      ),
    );
  });
});
