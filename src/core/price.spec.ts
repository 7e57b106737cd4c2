import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { chargeOf, costOf, divideHalfEven, priceFor, type Price, type PricedModel } from './price.js';
import { type Bucket, BUCKETS, NO_USAGE, type Usage } from './usage.js';

const tokens = fc.nat({ max: 10_000_000 });
const pico = fc.bigInt({ min: 0n, max: 10n ** 9n });
const anyUsage: fc.Arbitrary<Usage> = fc.record({
  ...(Object.fromEntries(BUCKETS.map((bucket) => [bucket, tokens])) as Record<(typeof BUCKETS)[number], typeof tokens>),
  reasoning: tokens,
});
const anyPrice: fc.Arbitrary<Price> = fc.record(
  Object.fromEntries(BUCKETS.map((bucket) => [bucket, pico])) as Record<(typeof BUCKETS)[number], typeof pico>,
);
const FREE = Object.fromEntries(BUCKETS.map((bucket) => [bucket, 0n])) as Record<Bucket, bigint>;
const anyBucket = fc.constantFrom(...BUCKETS);

describe('costOf', () => {
  it('charges each bucket its own price', () => {
    // gpt-4o, US$ per million: 2.50 input, 1.25 cached input, 10 output.
    const price = { ...FREE, input: 2_500_000n, cacheRead: 1_250_000n, output: 10_000_000n };
    const usage = { ...NO_USAGE, input: 1_000, cacheRead: 2_000, output: 500, reasoning: 400 };

    // 1,000 × 2.50 + 2,000 × 1.25 + 500 × 10.00 = 10,000 per million = US$0.01
    expect(costOf(usage, price)).toBe(10_000_000n);
  });

  it('never counts reasoning, which is already in the output', () => {
    fc.assert(
      fc.property(anyUsage, anyPrice, (usage, price) => {
        expect(costOf(usage, price)).toBe(costOf({ ...usage, reasoning: 0 }, price));
      }),
    );
  });

  it('charges reasoning by its own price where it has one, and the rest of the output by that of output', () => {
    const price = { ...FREE, output: 8_000_000n, reasoning: 3_000_000n };

    // (500 − 400) × 8.00 + 400 × 3.00 = 2,000 per million
    expect(costOf({ ...NO_USAGE, output: 500, reasoning: 400 }, price)).toBe(2_000_000n);
    // No more can have been reasoning than was said: 500 × 3.00
    expect(costOf({ ...NO_USAGE, output: 500, reasoning: 900 }, price)).toBe(1_500_000n);
  });

  it('has a fee once for a call that used tokens, and none for one that did not', () => {
    const price = { ...FREE, input: 1_000_000n, request: 5_000_000_001n };

    // 10 × 1.00 per million and US$0.005000000001: 5,010,000.001 nano-dollars
    expect(costOf({ ...NO_USAGE, input: 10 }, price)).toBe(5_010_000n);
    expect(costOf({ ...NO_USAGE, output: 1 }, price)).toBe(5_000_000n);
    expect(costOf({ ...NO_USAGE, input: 10 }, price, { numerator: 1n, denominator: 2n })).toBe(2_505_000n);
    expect(costOf(NO_USAGE, price)).toBe(0n);
  });

  it('is the sum of its buckets, rounded once: no bucket by bucket rounding creeps in', () => {
    fc.assert(
      fc.property(anyUsage, anyPrice, (usage, price) => {
        const exact = BUCKETS.reduce((sum, bucket) => sum + BigInt(usage[bucket]) * price[bucket], 0n);
        const error = costOf(usage, price) * 1_000n - exact;

        expect(error >= -500n && error <= 500n).toBe(true);
        expect(costOf(usage, price)).toBe(divideHalfEven(exact, 1_000n));
      }),
    );
  });

  it('is exact for parts whose cost is whole nano-dollars', () => {
    const wholeNano = fc.bigInt({ min: 0n, max: 10n ** 6n }).map((nano) => nano * 1_000n);

    fc.assert(
      fc.property(anyUsage, anyUsage, wholeNano, (first, second, each) => {
        const price = Object.fromEntries(BUCKETS.map((bucket) => [bucket, each])) as Record<Bucket, bigint>;
        const both = Object.fromEntries(BUCKETS.map((bucket) => [bucket, first[bucket] + second[bucket]]));

        expect(costOf({ ...NO_USAGE, ...both }, price)).toBe(costOf(first, price) + costOf(second, price));
      }),
    );
  });

  it('never falls when a bucket or its price grows', () => {
    fc.assert(
      fc.property(anyUsage, anyPrice, anyBucket, tokens, pico, (usage, price, bucket, more, dearer) => {
        const before = costOf(usage, price);

        expect(costOf({ ...usage, [bucket]: usage[bucket] + more }, price) >= before).toBe(true);
        expect(costOf(usage, { ...price, [bucket]: price[bucket] + dearer }) >= before).toBe(true);
      }),
    );
  });
});

describe('divideHalfEven', () => {
  it.each([
    [2_499n, 2n],
    [2_500n, 2n],
    [2_501n, 3n],
    [3_500n, 4n],
    [0n, 0n],
  ])('rounds %s thousandths', (dividend, quotient) => {
    expect(divideHalfEven(dividend, 1_000n)).toBe(quotient);
  });
});

describe('priceFor', () => {
  const base = { ...FREE, input: 1n };
  const long = { ...FREE, input: 2n };
  const longest = { ...FREE, input: 3n };
  const model: PricedModel = {
    price: base,
    tiers: [
      { aboveInputTokens: 200_000, price: long },
      { aboveInputTokens: 500_000, price: longest },
    ],
    version: 'test',
    id: 'test',
  };

  it('is the base price up to and at the threshold, the tier one token above it', () => {
    expect(priceFor(model, { ...NO_USAGE, input: 200_000 })).toBe(base);
    expect(priceFor(model, { ...NO_USAGE, input: 200_001 })).toBe(long);
    expect(priceFor(model, { ...NO_USAGE, input: 500_001 })).toBe(longest);
  });

  it('counts all of the input, cached too, and none of the output', () => {
    expect(priceFor(model, { ...NO_USAGE, input: 1, cacheRead: 150_000, cacheWrite1h: 50_000 })).toBe(long);
    expect(priceFor(model, { ...NO_USAGE, input: 1, output: 300_000 })).toBe(base);
  });

  it('is the one price of a model without tiers', () => {
    expect(priceFor({ price: base, version: 'test', id: 'test' }, { ...NO_USAGE, input: 9_000_000 })).toBe(base);
  });
});

describe('chargeOf', () => {
  const price = { ...FREE, input: 1_001n, output: 3_000n };
  const dearer = { ...FREE, input: 2_001n, output: 6_000n };
  const model: PricedModel = {
    price,
    tiers: [{ aboveInputTokens: 10, price: dearer }],
    factors: { flex: { numerator: 1n, denominator: 2n }, priority: { numerator: 7n, denominator: 4n } },
    version: 'test',
    id: 'test',
  };

  it('says by which tier it was charged', () => {
    expect(chargeOf(model, { ...NO_USAGE, input: 10 }, undefined)).toEqual({ costNanoUsd: 10n, tierAbove: undefined, factor: undefined });
    expect(chargeOf(model, { ...NO_USAGE, input: 11 }, undefined)).toEqual({ costNanoUsd: 22n, tierAbove: 10, factor: undefined });
  });

  it('takes the factor of a service tier before it rounds, not after', () => {
    // 3 × 1,001 = 3,003 pico-dollars; half of them is 1,501.5, which rounds to 2 nano-dollars. Half of the rounded 3 would be 1.5.
    expect(chargeOf(model, { ...NO_USAGE, input: 3 }, 'flex').costNanoUsd).toBe(2n);
    // 5,005 × 7 / 4 = 8,758.75
    expect(chargeOf(model, { ...NO_USAGE, input: 5 }, 'priority').costNanoUsd).toBe(9n);
  });

  it('charges a tier of which nobody knows the price as the usual one, and says so', () => {
    const usage = { ...NO_USAGE, input: 7, output: 9 };

    expect(chargeOf(model, usage, 'scale')).toEqual(chargeOf(model, usage, undefined));
    expect(chargeOf(model, usage, 'flex').factor).toBe(model.factors!['flex']);
  });

  it('is exact to half a nano-dollar, whatever the factor', () => {
    const anyFactor = fc.record({ numerator: fc.bigInt({ min: 1n, max: 100n }), denominator: fc.bigInt({ min: 1n, max: 100n }) });
    fc.assert(
      fc.property(anyUsage, anyPrice, anyFactor, (usage, rates, factor) => {
        const exact = BUCKETS.reduce((sum, bucket) => sum + BigInt(usage[bucket]) * rates[bucket], 0n) * factor.numerator;
        const error = costOf(usage, rates, factor) * 1_000n * factor.denominator - exact;

        expect(error * 2n <= 1_000n * factor.denominator && error * 2n >= -1_000n * factor.denominator).toBe(true);
      }),
    );
  });
});
