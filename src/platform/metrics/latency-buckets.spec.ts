import { describe, expect, it } from '@jest/globals';
import { LATENCY_BUCKETS, latencyAt, latencyBucket } from './latency-buckets.js';

function counted(latenciesMs: readonly number[]): Uint32Array {
  const counts = new Uint32Array(LATENCY_BUCKETS);
  for (const ms of latenciesMs) counts[latencyBucket(ms)]! += 1;
  return counts;
}

describe('latencies in buckets', () => {
  it.each([1.2, 7, 40, 999, 5_000, 61_234, 599_000, 1_100_000])('are told again to a tenth: %d ms', (ms) => {
    const told = latencyAt(0.5, counted([ms]))!;

    expect(Math.abs(told - ms) / ms).toBeLessThan(0.1);
  });

  it('say what share of all stayed within which time', () => {
    const counts = counted([...Array.from({ length: 90 }, () => 100), ...Array.from({ length: 10 }, () => 3_000)]);

    expect(latencyAt(0.5, counts)).toBeCloseTo(100, -1.3);
    expect(latencyAt(0.9, counts)).toBeCloseTo(100, -1.3);
    expect(latencyAt(0.95, counts)).toBeGreaterThan(2_700);
  });

  it.each([
    ['too short to matter', 0, 1],
    ['longer than any call may take', 86_400_000, 20 * 60_000],
  ])('keep what is %s', (_, ms, about) => {
    expect(latencyAt(1, counted([ms]))).toBeGreaterThan(about * 0.8);
  });

  it('know nothing of none', () => {
    expect(latencyAt(0.5, counted([]))).toBeUndefined();
  });
});
