import { describe, expect, it } from '@jest/globals';
import { rateLimited, toSpanText } from './refusals.js';

describe('toSpanText', () => {
  it.each([
    [0, '1 s'],
    [1, '1 s'],
    [1_001, '2 s'],
    [59_001, '1 min'],
    [250_000, '4 min 10 s'],
    [3_600_000, '60 min'],
  ])('writes %d ms as %s, rounded up', (ms, text) => {
    expect(toSpanText(ms)).toBe(text);
  });
});

describe('rateLimited', () => {
  it('names the limit, its size and when it resets', () => {
    expect(rateLimited(1, 60_000, 12_000).message).toBe('This key has reached its limit of 1 request per minute. Try again in 12 s.');
  });
});
