import { describe, expect, it } from '@jest/globals';
import { formatUsd } from '../../core/money.js';
import { BUDGET_RULES, toNanoUsd } from './budget-rules.js';

describe('the amount of a budget', () => {
  it.each<[string | number, bigint]>([
    ['0', 0n],
    [0, 0n],
    ['25', 25_000_000_000n],
    [0.5, 500_000_000n],
    ['0.000000001', 1n],
    [1e-9, 1n],
    [1.5e-7, 150n],
    ['8900000.123456789', 8_900_000_123_456_789n],
    ['9000000.000000000', 9_000_000_000_000_000n],
    ['0012.50', 12_500_000_000n],
  ])('%p is exact to the nano-dollar', (amount, nanoUsd) => {
    expect(BUDGET_RULES.limitUsd(amount)).toBeUndefined();
    expect(toNanoUsd(amount)).toBe(nanoUsd);
  });

  it('comes out as it went in', () => {
    expect(formatUsd(toNanoUsd('8900000.000000001'))).toBe('8900000.000000001');
  });

  it.each(['9000000.000000001', 9_000_001, '99999999999999999'])('%p is too large, in so many words', (amount) => {
    expect(BUDGET_RULES.limitUsd(amount)).toMatch(/^must be at most US\$9000000: larger sums could not be counted to the nano-dollar$/);
  });

  it.each(['0.0000000001', 1e-10, '1.0000000005'])('%p is too fine', (amount) => {
    expect(BUDGET_RULES.limitUsd(amount)).toMatch(/finer than a nano-dollar/);
  });

  it('is not taken for a number that does not hold its digits', () => {
    expect(BUDGET_RULES.limitUsd(8_900_000.123_456_78)).toBeUndefined();
    expect(BUDGET_RULES.limitUsd(1_234_567.890_123_456)).toMatch(/^must be text, such as "1234567\.890123456"/);
  });

  it.each(['', '-1', -1, 'ten', '1e3', '1,5', '.5', '5.', NaN, Infinity, 1e21, null, true, ['1'], { amount: 1 }])('is not %p', (amount) => {
    expect(BUDGET_RULES.limitUsd(amount)).toMatch(/^must be/);
  });
});

describe('what a budget may be', () => {
  it.each([
    ['scope', 'tag', 'planet'],
    ['period', 'rolling', 'year'],
    ['subject', 'app=search', ''],
    ['subject', 'x'.repeat(512), 'x'.repeat(513)],
    ['subject', 'Zoë 👩', 'two\nlines'],
    ['windowSeconds', 3_600, 3_599],
    ['windowSeconds', 31_622_400, 31_622_401],
    ['windowSeconds', 7_201, 7_200.5],
    ['timeZone', 'Asia/Kathmandu', 'Mars/Olympus'],
    ['timeZone', 'UTC', '+05:45'],
    ['thresholds', [], [0]],
    ['thresholds', [1, 100], [101]],
    ['thresholds', [80, 50], [50, 50]],
    ['thresholds', [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]],
    ['thresholds', [99], [99.5]],
  ] as const)('takes for %s %p, and not %p', (field, good, bad) => {
    expect(BUDGET_RULES[field](good)).toBeUndefined();
    expect(BUDGET_RULES[field](bad)).toMatch(/^must be/);
  });
});
