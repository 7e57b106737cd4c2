import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BUCKETS, inputTokensOf, NO_USAGE, outputTokensOf } from './usage.js';

describe('the buckets', () => {
  it('are disjoint: each counts exactly once, as input or as output', () => {
    fc.assert(
      fc.property(fc.constantFrom(...BUCKETS), fc.nat(), (bucket, tokens) => {
        const usage = { ...NO_USAGE, [bucket]: tokens };

        expect(inputTokensOf(usage) + outputTokensOf(usage)).toBe(tokens);
      }),
    );
  });

  it('leave reasoning out of every sum', () => {
    const usage = { ...NO_USAGE, output: 10, reasoning: 7 };

    expect(outputTokensOf(usage)).toBe(10);
    expect(inputTokensOf(usage)).toBe(0);
  });
});
