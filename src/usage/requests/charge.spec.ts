import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { costOf, type Price } from '../../core/price.js';
import { type Bucket, BUCKETS, NO_USAGE, type Usage } from '../../core/usage.js';
import { explainCharge } from './charge.js';
import type { ChargedPrice } from './request-row.js';

const FREE = Object.fromEntries(BUCKETS.map((bucket) => [bucket, 0n])) as Record<Bucket, bigint>;
/** US dollars per million: 2.50 input, 1.25 cached, 10 output. */
const BASE: Price = { ...FREE, input: 2_500_000n, cacheRead: 1_250_000n, output: 10_000_000n };
const PRICE: ChargedPrice = {
  base: BASE,
  tiers: [{ aboveInputTokens: 200_000, price: { ...BASE, input: 5_000_000n } }],
  factors: { flex: { numerator: 1n, denominator: 2n } },
};

function row(overrides: Partial<Parameters<typeof explainCharge>[0]> = {}): Parameters<typeof explainCharge>[0] {
  return {
    ...NO_USAGE,
    costNanoUsd: 0n,
    providerCostNanoUsd: null,
    failedCostNanoUsd: 0n,
    priceVersion: 'yaml',
    tierAbove: null,
    serviceTier: null,
    ending: 'complete',
    usageSource: 'provider',
    ...overrides,
  };
}

describe('explainCharge', () => {
  it('multiplies each bucket that has tokens, and never reasoning', () => {
    const used = { input: 200, cacheRead: 1_000, output: 80, reasoning: 30 };

    // 200 × 2.50 + 1,000 × 1.25 + 80 × 10.00 = 2,550 per million
    expect(explainCharge(row({ ...used, costNanoUsd: 2_550_000n }), PRICE)).toEqual({
      basis: 'prices',
      calculation: {
        buckets: [
          { bucket: 'input', tokens: 200, picoPerToken: 2_500_000n, amountPico: 500_000_000n },
          { bucket: 'cacheRead', tokens: 1_000, picoPerToken: 1_250_000n, amountPico: 1_250_000_000n },
          { bucket: 'output', tokens: 80, picoPerToken: 10_000_000n, amountPico: 800_000_000n },
        ],
        sumPico: 2_550_000_000n,
        factor: undefined,
        costNanoUsd: 2_550_000n,
      },
    });
  });

  it('tells reasoning and the fee of a call apart where they have prices of their own', () => {
    const price = { ...PRICE, base: { ...FREE, input: 2_000_000n, output: 8_000_000n, reasoning: 3_000_000n, request: 5_000_000_000n } };
    const used = { input: 10, output: 500, reasoning: 400 };

    // 10 × 2.00 + 100 × 8.00 + 400 × 3.00 = 2,020 per million, and US$0.005
    expect(explainCharge(row({ ...used, costNanoUsd: 7_020_000n }), price)).toMatchObject({
      basis: 'prices',
      calculation: {
        buckets: [
          { bucket: 'input', tokens: 10, amountPico: 20_000_000n },
          { bucket: 'output', tokens: 100, amountPico: 800_000_000n },
          { bucket: 'reasoning', tokens: 400, amountPico: 1_200_000_000n },
          { bucket: 'request', tokens: 1, picoPerToken: 5_000_000_000n, amountPico: 5_000_000_000n },
        ],
        sumPico: 7_020_000_000n,
      },
    });
    expect(explainCharge(row(), price).calculation?.buckets).toEqual([]);
  });

  it('takes the prices of the tier that was charged, whatever the tokens say', () => {
    expect(explainCharge(row({ input: 2, tierAbove: 200_000, costNanoUsd: 10_000n }), PRICE)).toMatchObject({
      basis: 'prices',
      calculation: { sumPico: 10_000_000n },
    });
    expect(explainCharge(row({ input: 2, tierAbove: 272_000, costNanoUsd: 10_000n }), PRICE)).toEqual({
      basis: 'prices_not_kept',
      calculation: undefined,
    });
  });

  it('takes the factor of the service tier into the one rounding', () => {
    const price = { ...PRICE, base: { ...FREE, input: 999n } };

    // 999 ÷ 2 = 499.5 pico are 0 nano; 999 pico rounded first would be 1, and half of that 0 or 1. 3 × 999 ÷ 2 = 1,498.5 are 1, not 2.
    expect(explainCharge(row({ input: 1, serviceTier: 'flex' }), price)).toMatchObject({ basis: 'prices', calculation: { sumPico: 999n } });
    expect(explainCharge(row({ input: 3, serviceTier: 'flex', costNanoUsd: 1n }), price).basis).toBe('prices');
  });

  it('charges a service tier of which the price says nothing as the usual one', () => {
    const { basis, calculation } = explainCharge(row({ input: 2, serviceTier: 'priority', costNanoUsd: 5_000n }), PRICE);

    expect([basis, calculation?.factor]).toEqual(['prices', undefined]);
  });

  it('knows no factor of a service tier that is named as objects have members', () => {
    expect(explainCharge(row({ input: 2, serviceTier: 'constructor', costNanoUsd: 5_000n }), PRICE).basis).toBe('prices');
  });

  it('makes of any usage what it was charged', () => {
    const tokens = fc.nat({ max: 10_000_000 });
    const pico = fc.bigInt({ min: 0n, max: 10n ** 9n });
    const usages = fc.record(Object.fromEntries([...BUCKETS, 'reasoning'].map((bucket) => [bucket, tokens]))) as fc.Arbitrary<Usage>;
    const apart = fc.option(pico, { nil: undefined });
    const buckets = Object.fromEntries(BUCKETS.map((bucket) => [bucket, pico]));
    const prices = fc.record({ ...buckets, reasoning: apart, request: apart }) as unknown as fc.Arbitrary<Price>;
    const factors = fc.record({ numerator: fc.bigInt({ min: 1n, max: 9n }), denominator: fc.bigInt({ min: 1n, max: 9n }) });

    fc.assert(
      fc.property(usages, prices, factors, (usage, base, factor) => {
        const charged = row({ ...usage, serviceTier: 'any', costNanoUsd: costOf(usage, base, factor) });
        const { basis, calculation } = explainCharge(charged, { base, tiers: [], factors: { any: factor } });

        expect(basis).toBe('prices');
        expect(calculation?.costNanoUsd).toBe(charged.costNanoUsd);
        expect(calculation?.buckets.reduce((sum, { amountPico }) => sum + amountPico, 0n)).toBe(calculation?.sumPico);
      }),
    );
  });

  it.each([
    ['what failed attempts cost is in it', { costNanoUsd: 2_700n, failedCostNanoUsd: 200n }, 'prices_and_failed_attempts'],
    ['some of what failed attempts cost is in it', { costNanoUsd: 2_501n, failedCostNanoUsd: 200n }, 'prices_and_failed_attempts'],
    ['more than they cost is in it', { costNanoUsd: 2_701n, failedCostNanoUsd: 200n }, 'unexplained'],
    ['it is the provider’s own', { costNanoUsd: 2_600n, providerCostNanoUsd: 2_600n }, 'provider'],
    ['it is what was held', { costNanoUsd: 9_000n, usageSource: 'estimated' }, 'held'],
    ['nothing explains it', { costNanoUsd: 2_501n }, 'unexplained'],
    ['one nano-dollar is missing', { costNanoUsd: 2_499n, providerCostNanoUsd: 2_498n }, 'unexplained'],
  ] as const)('says why it is not the sum: %s', (_why, stored, basis) => {
    const explained = explainCharge(row({ input: 1, ...stored }), PRICE);

    expect([explained.basis, explained.calculation?.costNanoUsd]).toEqual([basis, 2_500n]);
  });

  it.each([
    ['prices_not_kept', { input: 1, costNanoUsd: 5n }],
    ['provider', { input: 1, costNanoUsd: 5n, providerCostNanoUsd: 5n, priceVersion: null }],
    ['held', { output: 100, costNanoUsd: 5n, priceVersion: null, ending: 'interrupted', usageSource: 'estimated' }],
    ['no_price', { input: 1, priceVersion: null }],
    ['nothing_used', { priceVersion: null, ending: 'failed' }],
    ['unexplained', { input: 1, costNanoUsd: 5n, priceVersion: null }],
  ] as const)('says %s where there are no prices to show', (basis, stored) => {
    expect(explainCharge(row(stored), undefined)).toEqual({ basis, calculation: undefined });
  });
});
