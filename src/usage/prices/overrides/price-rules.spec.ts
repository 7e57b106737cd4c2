import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PRICE_RULES, toPicoFee, toPicoRate } from './price-rules.js';

describe('fees in US dollars for each call', () => {
  it.each<[string | number, bigint]>([
    ['0', 0n],
    ['0.005', 5_000_000_000n],
    [0.014, 14_000_000_000n],
    ['0.000000000001', 1n],
    ['1000', 10n ** 15n],
  ])('%j is so many pico-dollars: %s', (usd, pico) => {
    expect(PRICE_RULES.fee(usd)).toBeUndefined();
    expect(toPicoFee(usd)).toBe(pico);
  });

  it.each<[unknown, string]>([
    ['0.0000000000001', 'finer than a pico-dollar'],
    ['1000.000000000001', 'at most 1000'],
    [-1, 'not below 0'],
    [null, 'US dollars for each call'],
    [0.012_345_678_901_234_567, 'must be text'],
  ])('%j is refused: %s', (value, reason) => {
    expect(PRICE_RULES.fee(value)).toContain(reason);
  });
});

describe('rates in US dollars per million tokens', () => {
  it.each<[string | number, bigint]>([
    [0, 0n],
    ['0', 0n],
    ['2.50', 2_500_000n],
    [2.5, 2_500_000n],
    ['0.000001', 1n],
    [1e-6, 1n],
    ['1.10000000', 1_100_000n],
    ['1000000000', 10n ** 15n],
    ['12345678.123456', 12_345_678_123_456n],
  ])('%j is so many pico-dollars for a token: %s', (usdPerMillion, pico) => {
    expect(PRICE_RULES.rate(usdPerMillion)).toBeUndefined();
    expect(toPicoRate(usdPerMillion)).toBe(pico);
  });

  it.each<[unknown, string]>([
    ['0.0000001', 'finer than a pico-dollar'],
    [1e-7, 'finer than a pico-dollar'],
    ['2.5000001', 'finer than a pico-dollar'],
    [12_345_678.123_456_78, 'must be text'],
    ['1000000000.000001', 'at most'],
    [1e21, 'at most'],
    [-1, 'not below 0'],
    ['-1', 'not below 0'],
    [Number.NaN, 'US dollars'],
    ['', 'US dollars'],
    ['1e-3', 'US dollars'],
    ['.5', 'US dollars'],
    [' 1', 'US dollars'],
    [null, 'US dollars'],
    [true, 'US dollars'],
    [{}, 'US dollars'],
  ])('%j is refused: %s', (value, reason) => {
    expect(PRICE_RULES.rate(value)).toContain(reason);
  });

  it('are exact, whatever six digits follow the point', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 15n }), (pico) => {
        const text = `${pico / 1_000_000n}.${String(pico % 1_000_000n).padStart(6, '0')}`;

        expect(PRICE_RULES.rate(text)).toBeUndefined();
        expect(toPicoRate(text)).toBe(pico);
      }),
    );
  });
});

describe('names and thresholds', () => {
  it.each([
    ['model', 'vendor/model:free', true],
    ['model', 'a b', false],
    ['model', '', false],
    ['model', 'x'.repeat(201), false],
    ['provider', 'my-provider_1.eu', true],
    ['provider', 'a/b', false],
    ['threshold', 1, true],
    ['threshold', 0, false],
    ['threshold', 1.5, false],
    ['threshold', '5', false],
  ] as const)('%s %j: %s', (rule, value, isTaken) => {
    expect(PRICE_RULES[rule](value) === undefined).toBe(isTaken);
  });
});
