import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { toPicoUsd } from './pico-usd.js';

describe('toPicoUsd', () => {
  it.each([
    ['0', 1n, 0n],
    ['0.00001', 1n, 10_000_000n],
    ['2e-5', 1n, 20_000_000n],
    ['.5', 1_000_000n, 500_000n],
    ['2.', 1_000_000n, 2_000_000n],
    ['0.01875', 1_000_000n, 18_750n],
    ['0.123456', 1_000_000n, 123_456n],
    ['3', 3n, 1_000_000_000_000n],
  ])('reads %s for %s tokens', (written, per, pico) => {
    expect(toPicoUsd(written, per)).toBe(pico);
  });

  it.each(['', '.', '-1', '+1', '1,5', 'abc', '0x10', '1e', 'Infinity', '1e999', ' 1'])('refuses %j, which is not a price', (written) => {
    expect(toPicoUsd(written)).toEqual({ problem: expect.stringContaining('expected a price in US dollars') });
  });

  it('refuses what it would have to round', () => {
    expect(toPicoUsd('1e-13')).toEqual({ problem: expect.stringContaining('whole number of pico-dollars') });
    expect(toPicoUsd('1', 3n)).toEqual({ problem: expect.stringContaining('whole number of pico-dollars') });
    expect(toPicoUsd('0.0000001', 1_000_000n)).toEqual({ problem: expect.stringContaining('whole number of pico-dollars') });
  });

  it('refuses what no price can be', () => {
    expect(toPicoUsd('1000')).toBe(10n ** 15n);
    expect(toPicoUsd('1000.000000000001')).toEqual({ problem: 'expected at most 1000 US dollars per token' });
    expect(toPicoUsd('1e99')).toEqual({ problem: 'expected at most 1000 US dollars per token' });
  });

  it('loses no digit of any price', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 10n ** 15n), (pico) => {
        const digits = pico.toString().padStart(13, '0');
        expect(toPicoUsd(`${digits.slice(0, -12)}.${digits.slice(-12)}`)).toBe(pico);
        expect(toPicoUsd(`${pico}e-12`)).toBe(pico);
      }),
    );
  });
});
