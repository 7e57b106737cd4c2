import { describe, expect, it } from '@jest/globals';
import { digestOf, findKeyParts, makeKeyParts, toKeyText } from './key-text.js';

describe('a key', () => {
  it('reads tg-<12 characters>-<36 characters>', () => {
    expect(toKeyText(makeKeyParts())).toMatch(/^tg-[A-Za-z0-9]{12}-[A-Za-z0-9]{36}$/);
  });

  it('is found again in its text', () => {
    const parts = makeKeyParts();

    expect(findKeyParts(toKeyText(parts))).toEqual(parts);
  });

  it('has no characters that people mistake for one another', () => {
    const text = Array.from({ length: 500 }, () => Object.values(makeKeyParts()).join('')).join('');

    expect(text).not.toMatch(/[0O1lI]/);
    expect(new Set(text).size).toBe(57);
  });

  it('is never the same twice', () => {
    expect(new Set(Array.from({ length: 1_000 }, () => toKeyText(makeKeyParts()))).size).toBe(1_000);
  });
});

describe('findKeyParts', () => {
  const id = 'abcdefghjkmn';
  const secret = 's'.repeat(36);

  it.each([
    '',
    'tg-',
    `tg-${id}`,
    `tg-${id}-short`,
    `sk-${id}-${secret}`,
    `tg-${id}x-${secret}`,
    `tg-${id}-${secret}!`,
    `tg-abcdefghjkm0-${secret}`,
    `TG-${id}-${secret}`,
    `tg-${id}-${'s'.repeat(65)}`,
    ` tg-${id}-${secret}`,
  ])('finds none in %j', (text) => {
    expect(findKeyParts(text)).toBeUndefined();
  });
});

describe('digestOf', () => {
  it('is SHA-256', () => {
    expect(digestOf('abc').toString('hex')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });
});
