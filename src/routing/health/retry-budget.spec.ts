import { describe, expect, it } from '@jest/globals';
import { RetryBudget } from './retry-budget.js';

describe('RetryBudget', () => {
  it('allows a share of the calls, and a few besides', () => {
    const { budget, calls, repeats } = setUp(0.1);

    calls(55);

    expect(repeats(100)).toBe(5 + 3);
    expect(budget.tryRepeat()).toBe(false);
  });

  it('allows one in five seconds without any call, and saves three of them at most', () => {
    const { clock, repeats } = setUp(0.1);
    expect(repeats(10)).toBe(3);
    clock.ms += 4_999;
    expect(repeats(10)).toBe(0);
    clock.ms += 1;
    expect(repeats(10)).toBe(1);

    clock.ms += 3_600_000;

    expect(repeats(10)).toBe(3);
  });

  it('saves no more than a hundred', () => {
    const { calls, repeats } = setUp(0.1);

    calls(1_000_000);

    expect(repeats(1_000)).toBe(100 + 3);
  });

  it('forgets calls that were long ago', () => {
    const { clock, calls, repeats } = setUp(0.1);
    calls(500);

    clock.ms += 10_000;
    expect(repeats(100)).toBe(Math.floor(50 / Math.E) + 3);
    calls(500);
    clock.ms += 60_000;

    expect(repeats(100)).toBe(3);
  });

  it('keeps the repeats of an outage to a tenth of its calls, and few more', () => {
    const { clock, budget } = setUp(0.1);
    let repeats = 0;
    for (let call = 0; call < 6_000; call += 1) {
      clock.ms += 5;
      budget.countCall();
      if (call >= 3_000 && budget.tryRepeat()) repeats += 1;
    }

    expect(repeats).toBeGreaterThan(250);
    expect(repeats).toBeLessThanOrEqual(0.1 * 3_000 + 100 + 3 + 30 / 5);
  });

  it('allows none at a ratio of 0, and keeps what is saved when the ratio changes', () => {
    const { budget, calls, repeats } = setUp(0);
    calls(100);
    expect(repeats(10)).toBe(0);
    budget.reconfigure(0.5);
    calls(10);

    budget.reconfigure(0.1);

    expect(repeats(100)).toBe(5 + 3);
  });
});

function setUp(ratio: number) {
  const clock = { ms: 0, elapsed: () => clock.ms };
  const budget = new RetryBudget(ratio, clock);
  const calls = (count: number) => {
    for (let call = 0; call < count; call += 1) budget.countCall();
  };
  const repeats = (wanted: number) => Array.from({ length: wanted }, () => budget.tryRepeat()).filter(Boolean).length;
  return { budget, calls, clock, repeats };
}
