import { describe, expect, it } from '@jest/globals';
import { Secret } from '../secret.js';
import { isSame } from './is-same.js';

describe('isSame', () => {
  it.each<[string, unknown, unknown]>([
    ['texts', 'a', 'a'],
    ['whole numbers without bounds', 1n, 1n],
    ['secrets', new Secret('key-1'), new Secret('key-1')],
    ['lists of mappings', [{ a: [1, new Secret('k')] }], [{ a: [1, new Secret('k')] }]],
    ['what is absent and what is undefined', { a: 1, b: undefined }, { a: 1 }],
  ])('holds for %s that say the same', (_, left, right) => {
    expect(isSame(left, right)).toBe(true);
  });

  it.each<[string, unknown, unknown]>([
    ['other texts', 'a', 'b'],
    ['other secrets', { key: new Secret('key-1') }, { key: new Secret('key-2') }],
    ['a secret and its text', new Secret('key-1'), 'key-1'],
    ['another order', [1, 2], [2, 1]],
    ['a longer list', [1], [1, 2]],
    ['a list and a mapping', ['a'], { 0: 'a' }],
    ['a further key', { a: 1 }, { a: 1, b: 2 }],
    ['something and nothing', { a: {} }, { a: undefined }],
  ])('does not hold for %s', (_, left, right) => {
    expect(isSame(left, right)).toBe(false);
    expect(isSame(right, left)).toBe(false);
  });
});
