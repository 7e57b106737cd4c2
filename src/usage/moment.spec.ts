import { describe, expect, it } from '@jest/globals';
import { toRfc3339 } from './moment.js';

const at = new Date('2026-03-29T00:30:00Z');

describe('toRfc3339', () => {
  it.each([
    [0, '2026-03-29T00:30:00+00:00'],
    [3_600, '2026-03-29T01:30:00+01:00'],
    [19_800, '2026-03-29T06:00:00+05:30'],
    [-12_600, '2026-03-28T21:00:00-03:30'],
  ])('shows a moment where clocks are %d s ahead', (offset, text) => {
    expect(toRfc3339(at, offset)).toBe(text);
    expect(new Date(text)).toEqual(at);
  });

  it('keeps milliseconds where there are any', () => {
    expect(toRfc3339(new Date('2026-03-29T00:30:00.120Z'), 3_600)).toBe('2026-03-29T01:30:00.120+01:00');
  });
});
