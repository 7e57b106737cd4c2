import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatUsd, toPicoPrice, toUsd } from './money.js';

const PER_MILLION = 1_000_000n;

describe('toPicoPrice', () => {
  it.each([
    ['2.5', 2_500_000n],
    ['0.0028', 2_800n],
    ['0.01875', 18_750n],
    ['10', 10_000_000n],
    ['.5', 500_000n],
    ['2.5e-3', 2_500n],
    ['0', 0n],
  ])('reads US$%s per million tokens', (usd, pico) => {
    expect(toPicoPrice(usd, PER_MILLION)).toEqual({ pico, isRounded: false });
  });

  it('reads a price per token', () => {
    expect(toPicoPrice('0.00001', 1n)?.pico).toBe(10_000_000n);
    expect(toPicoPrice('1e-5', 1n)?.pico).toBe(10_000_000n);
  });

  it('raises what is finer than a pico-dollar, and says so', () => {
    expect(toPicoPrice('0.08333333333333334', PER_MILLION)).toEqual({ pico: 83_334n, isRounded: true });
    expect(toPicoPrice('1e-7', PER_MILLION)).toEqual({ pico: 1n, isRounded: true });
    expect(toPicoPrice('1e-20', PER_MILLION)).toEqual({ pico: 1n, isRounded: true });
  });

  it.each(['', '.', '-1', 'NaN', 'Infinity', '1,5', '0x10', ' 1'])('refuses %j', (text) => {
    expect(toPicoPrice(text, PER_MILLION)).toBeUndefined();
  });

  it('makes no float error: any price of up to six decimals per million comes back digit by digit', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 12n }), (pico) => {
        const usd = `${pico / PER_MILLION}.${(pico % PER_MILLION).toString().padStart(6, '0')}`;

        expect(toPicoPrice(usd, PER_MILLION)).toEqual({ pico, isRounded: false });
        expect(toPicoPrice(String(Number(usd)), PER_MILLION)?.pico).toBe(pico);
      }),
    );
  });
});

describe('formatUsd', () => {
  it.each([
    [0n, '0'],
    [1n, '0.000000001'],
    [1_500_000n, '0.0015'],
    [12_000_000_000n, '12'],
    [-1_500_000_000n, '-1.5'],
  ])('shows %s nano-dollars', (nano, text) => {
    expect(formatUsd(nano)).toBe(text);
  });
});

describe('toUsd', () => {
  it('prints every nano-dollar in JSON up to eight million US dollars', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 8_000_000n * 1_000_000_000n }), (nano) => {
        const printed = JSON.stringify(toUsd(nano));

        expect(toPicoPrice(printed, 1n)).toEqual({ pico: nano * 1_000n, isRounded: false });
      }),
    );
  });
});
