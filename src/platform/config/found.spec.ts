import { describe, expect, it } from '@jest/globals';
import { blot, showFound } from './found.js';

describe('showFound', () => {
  it.each([
    ['2s', '"2s"'],
    [7, '7'],
    [true, 'true'],
    [undefined, 'nothing'],
    [[1], 'a list'],
    [{ a: 1 }, 'a mapping'],
    ['two\nlines', '"two\\nlines"'],
  ])('shows %j as %s', (value, shown) => {
    expect(showFound(value)).toBe(shown);
  });

  it('cuts what is long', () => {
    expect(showFound('x'.repeat(500)).length).toBeLessThan(70);
  });

  it.each(['https://user:pass@host/v1', 'redis://:pass@host', 'https://host/v1?key=abc', 'sk-proj-123', 'Bearer abc', 'tg-live-1'])(
    'does not show %s',
    (value) => {
      expect(showFound(value)).toBe('"***"');
    },
  );
});

describe('blot', () => {
  it('takes every known secret out of a line, and leaves words alone that are too short to be one', () => {
    expect(blot('a long-secret-1 and b', ['long-secret-1', 'b'])).toBe('a *** and b');
  });
});
