import { describe, expect, it } from '@jest/globals';
import { decimal } from './decimal.js';

describe('decimal', () => {
  it.each([
    [2_500_000n, 6, '2.5'],
    [75_000n, 6, '0.075'],
    [1n, 12, '0.000000000001'],
    [0n, 6, '0'],
    [3_000_000n, 6, '3'],
    [-1_500_000n, 6, '-1.5'],
    [8_999_999_999_999_999_999_999n, 12, '8999999999.999999999999'],
  ])('writes %s with %i digits as %s', (units, digits, text) => {
    expect(decimal(units, digits)).toBe(text);
  });
});
