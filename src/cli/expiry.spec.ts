import { describe, expect, it } from '@jest/globals';
import { parseExpiry } from './expiry.js';

const NOW_MS = Date.parse('2026-11-21T12:00:00Z');

describe('parseExpiry', () => {
  it.each([
    ['2027-01-01', '2027-01-01T00:00:00.000Z'],
    ['2028-02-29', '2028-02-29T00:00:00.000Z'],
    ['2027-01-01T09:00Z', '2027-01-01T09:00:00.000Z'],
    ['2027-01-01T09:00:30.5+02:00', '2027-01-01T07:00:30.500Z'],
  ])('reads %s as %s', (text, iso) => {
    expect(new Date(parseExpiry(text, NOW_MS)).toISOString()).toBe(iso);
  });

  it.each(['', '2027', '2027-1-1', '01.02.2027', '2027-02-30', '2027-13-01', '2027-01-01T09:00', '2027-01-01 09:00', '90d', '1893456000'])(
    'does not take %j',
    (text) => {
      expect(() => parseExpiry(text, NOW_MS)).toThrow('--expires takes a day like 2027-01-01');
    },
  );

  it.each(['2026-11-21', '2020-01-01', '2026-11-21T12:00:00Z'])('does not take %s, which is over', (text) => {
    expect(() => parseExpiry(text, NOW_MS)).toThrow('must lie in the future');
  });
});
