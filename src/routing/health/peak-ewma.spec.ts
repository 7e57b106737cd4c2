import { describe, expect, it } from '@jest/globals';
import { PeakEwma } from './peak-ewma.js';

describe('PeakEwma', () => {
  it('costs nothing while nothing is known, but only for one call at a time', () => {
    const { latency } = setUp();

    expect(latency.load(0)).toBe(0);
    expect(latency.load(1)).toBeGreaterThanOrEqual(1_000_000);
    expect(latency.load(2)).toBeGreaterThan(latency.load(1));
  });

  it('is the latency times the calls that there would be', () => {
    const { latency } = setUp();

    latency.observe(200);

    expect([0, 1, 4].map((inFlight) => latency.load(inFlight))).toEqual([200, 400, 1_000]);
  });

  it('jumps to a peak at once and comes down slowly', () => {
    const { latency, clock } = setUp();
    latency.observe(200);
    latency.observe(3_000);
    expect(latency.load(0)).toBe(3_000);

    clock.ms += 1_000;
    latency.observe(200);
    const soon = latency.load(0);
    for (let second = 0; second < 60; second += 1) {
      clock.ms += 1_000;
      latency.observe(200);
    }

    expect(soon).toBeGreaterThan(2_500);
    expect(soon).toBeLessThan(3_000);
    expect(latency.load(0)).toBeGreaterThanOrEqual(200);
    expect(latency.load(0)).toBeLessThan(220);
  });

  it('falls while nobody asks, so that a slow target is tried again', () => {
    const { latency, clock } = setUp();
    latency.observe(1_000);

    clock.ms += 10_000;
    expect(latency.load(0)).toBeCloseTo(1_000 / Math.E);
    clock.ms += 50_001;

    expect(latency.load(0)).toBe(0);
    expect(latency.load(1)).toBeGreaterThanOrEqual(1_000_000);
  });

  it('is higher after a higher latency, whatever was before', () => {
    const after = (latencyMs: number) => {
      const { latency, clock } = setUp();
      latency.observe(100);
      clock.ms += 10_000;
      latency.observe(latencyMs);
      return latency.load(0);
    };

    const loads = [0, 10, 30, 36, 38, 50, 90, 99, 100, 101, 500].map(after);

    expect(loads).toEqual([...loads].sort((a, b) => a - b));
  });
});

function setUp() {
  const clock = { ms: 5, elapsed: () => clock.ms };
  return { clock, latency: new PeakEwma(clock) };
}
