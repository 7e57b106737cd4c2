import { describe, expect, it } from '@jest/globals';
import type { Refused } from './admission-store.js';
import type { Bound } from './bounds.js';
import { toRefusal, toSpanText } from './refusals.js';

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
    const error = refusal({ kind: 'requests', scope: 'key', counter: 'r', limit: 1, windowMs: 60_000 }, { resetMs: 12_000 });

    expect(error).toMatchObject({ kind: 'rate_limited', details: { retryAfterMs: 12_000 } });
    expect(error.message).toBe('This key has reached its limit of 1 request per minute. Try again in 12 s.');
  });

  it('says how many tokens are used and how many the call may take', () => {
    const bound: Bound = { kind: 'tokens', scope: 'team', counter: 't', limit: 1_000, windowMs: 60_000 };

    expect(refusal(bound, { used: 900n, needed: 200n, resetMs: 500 }).message).toBe(
      'The team of this key has used 900 of its 1000 tokens per minute, and this call may take up to 200. Try again in 1 s.',
    );
  });

  it('does not ask to wait for what will never fit', () => {
    const bound: Bound = { kind: 'tokens', scope: 'key', counter: 't', limit: 1_000, windowMs: 60_000 };
    const error = refusal(bound, { needed: 2_000n, resetMs: Infinity });

    expect(error.details.retryAfterMs).toBeUndefined();
    expect(error.message).toBe(
      'This call may take up to 2000 tokens, which is more than the limit of 1000 per minute. Send a shorter prompt or ask for fewer tokens.',
    );
  });

  it('says whose budget has how much left, to the nano-dollar', () => {
    const bound: Bound = { kind: 'budget', scope: 'user', counter: 'b', limitNanoUsd: 10_000_000_000n, startsAt: 0, endsAt: 1 };
    const error = refusal(bound, { used: 9_999_999_999n, needed: 2n, resetMs: 86_400_000 });

    expect(error).toMatchObject({ kind: 'budget_exhausted', details: { retryAfterMs: 86_400_000 } });
    expect(error.message).toBe(
      'The end user of this call has spent or reserved US$9.999999999 of its budget of US$10, and this call may cost up to US$0.000000002. Try again in 24 h.',
    );
  });
});

function refusal(bound: Bound, how: Partial<Refused>) {
  return toRefusal({ outcome: 'refused', bound, used: 0n, needed: 1n, resetMs: undefined, ...how });
}
