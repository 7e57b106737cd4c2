import { describe, expect, it } from '@jest/globals';
import type { Refused } from './admission-store.js';
import type { Bound } from './bounds.js';
import { toRefusal, toSpanText } from './refusals.js';

const RATE = { kind: 'requests', scope: 'key', subject: 'k', counter: 'r', limit: 60, windowMs: 60_000 } as const;
const BUDGET = {
  kind: 'budget',
  scope: 'team',
  subject: 'marketing',
  counter: 'b',
  budgetId: 'b-1',
  ref: 'b-1@0',
  limitNanoUsd: 10_000_000_000n,
  startsAt: 0,
  endsAt: 1,
} as const;

describe('toSpanText', () => {
  it.each([
    [0, '1 s'],
    [1, '1 s'],
    [1_001, '2 s'],
    [59_001, '1 min'],
    [250_000, '4 min 10 s'],
    [3_600_000, '60 min'],
    [7_200_001, '2 h 1 min'],
    [26 * 86_400_000 - 1, '26 d'],
    [2.5 * 86_400_000, '2 d 12 h'],
  ])('writes %d ms as %s, rounded up', (ms, text) => {
    expect(toSpanText(ms)).toBe(text);
  });
});

describe('toRefusal', () => {
  it('names the limit of requests, its size and when it resets', () => {
    const error = refusal({ ...RATE, limit: 1 }, { resetMs: 12_000 });

    expect(error).toMatchObject({ kind: 'rate_limited', details: { retryAfterMs: 12_000 } });
    expect(error.message).toBe('This key has reached its limit of 1 request per minute. Try again in 12 s.');
  });

  it.each([
    ['team', 'search', 'The team `search`'],
    ['user', 'u-1', 'The end user `u-1`'],
    ['tag', 'project=x', 'The tag `project=x`'],
    ['everything', '', 'This gateway'],
  ] as const)('says whose it is: %s', (scope, subject, whose) => {
    expect(refusal({ ...RATE, scope, subject }, {}).message).toBe(`${whose} has reached its limit of 60 requests per minute.`);
    expect(refusal({ kind: 'calls', scope, subject, counter: 'c', limit: 2 }, {}).message).toBe(
      `${whose} has reached its limit of 2 calls at the same time. Try again when one of them has ended.`,
    );
  });

  it('says how many tokens are used and how many the call may take', () => {
    const bound: Bound = { ...RATE, kind: 'tokens', scope: 'team', subject: 'search', limit: 1_000 };

    expect(refusal(bound, { used: 900n, needed: 200n, resetMs: 500 }).message).toBe(
      'The team `search` has used 900 of its 1000 tokens per minute, and this call may take up to 200. Try again in 1 s.',
    );
  });

  it('does not ask to wait for what will never fit', () => {
    const error = refusal({ ...RATE, kind: 'tokens', limit: 1_000 }, { needed: 2_000n, resetMs: Infinity });

    expect(error.details.retryAfterMs).toBeUndefined();
    expect(error.message).toBe(
      'This call may take up to 2000 tokens, which is more than the limit of 1000 per minute that this key has. Send a shorter prompt or ask for fewer tokens.',
    );
  });
});

describe('the refusal of a call that a budget keeps out', () => {
  it('says how much is left to the nano-dollar, and when it resets', () => {
    const error = refusal(BUDGET, { used: 9_200_000_000n, needed: 1_200_000_001n, resetMs: 86_400_000 });

    expect(error).toMatchObject({ kind: 'budget_exhausted', details: { retryAfterMs: 86_400_000 } });
    expect(error.message).toBe(
      'The budget `marketing` (the team of this key) has US$9.2 of US$10 spent or reserved, and this call may cost up to US$1.200000001. ' +
        'Send a shorter prompt or a smaller `max_tokens`, which may fit. Try again in 24 h.',
    );
  });

  it('does not ask for less where nothing is left', () => {
    expect(refusal(BUDGET, { used: 10_000_000_000n, needed: 1n, resetMs: 60_000 }).message).toBe(
      'The budget `marketing` (the team of this key) has US$10 of US$10 spent or reserved, and this call may cost up to US$0.000000001. Try again in 1 min.',
    );
  });

  it('does not ask for a shorter answer where the shortest one costs too much', () => {
    const refused = { used: 9_000_000_000n, needed: 1_500_000_000n, resetMs: 5_000 };

    expect(refusal(BUDGET, refused, 3_000_000_000n).message).toBe(
      'The budget `marketing` (the team of this key) has US$9 of US$10 spent or reserved, and this call costs at least US$1.5, however short its answer. ' +
        'Send a shorter prompt, which may fit. Try again in 5 s.',
    );
  });

  it('says of what is larger than the budget that it never fits', () => {
    const error = refusal({ ...BUDGET, scope: 'everything' }, { used: 1n, needed: 12_000_000_000n, resetMs: Infinity });

    expect(error.details.retryAfterMs).toBeUndefined();
    expect(error.message).toBe(
      'This call may cost up to US$12, which is more than all of the budget `marketing` (all calls): US$10. Send a shorter prompt or a smaller `max_tokens`.',
    );
  });

  it('says of a budget without a period that waiting does not help', () => {
    const error = refusal(BUDGET, { used: 10_000_000_000n, needed: 1n, resetMs: Infinity });

    expect(error.details.retryAfterMs).toBeUndefined();
    expect(error.message).toMatch(/US\$0\.000000001\. This budget never resets by itself; whoever manages it can raise or reset it\.$/);
  });
});

function refusal(bound: Bound, how: Partial<Refused>, costNanoUsd = how.needed ?? 1n) {
  return toRefusal({ outcome: 'refused', bound, used: 0n, needed: 1n, resetMs: undefined, ...how }, { tokens: 0, costNanoUsd });
}
