import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { NOON, publishedBook, usageIn } from '../../../test/support/published-prices.js';
import { chargeOf, costOf, divideHalfEven, type Price } from '../../core/price.js';
import { BUCKETS, inputTokensOf, outputTokensOf, type Usage } from '../../core/usage.js';

const TOKENS = fc.oneof(fc.nat(2_000), fc.nat(2_000_000));
/** Reasoning may be more than the output that it is a part of: providers report what they like. */
const USAGE: fc.Arbitrary<Usage> = fc.record(recordOf([...BUCKETS, 'reasoning'], TOKENS));
const PICO = fc.bigInt(0n, 200_000_000n);
/** With and without a price for reasoning, and a fee. */
const PRICE: fc.Arbitrary<Price> = fc.record(
  { ...recordOf(BUCKETS, PICO), reasoning: PICO, request: fc.bigInt(0n, 20_000_000_000n) },
  { requiredKeys: [...BUCKETS] },
);
const FACTOR = fc.record({ numerator: fc.bigInt(1n, 9n), denominator: fc.bigInt(1n, 9n) });
const LISTED = (['openai', 'anthropic', 'openrouter', 'deepseek'] as const).flatMap((type) =>
  publishedBook.catalogue({ name: type, type }, NOON).flatMap(({ id, priced }) => (priced ? [{ name: `${type}:${id}`, priced }] : [])),
);

function recordOf<Name extends string, Value>(names: readonly Name[], value: Value): Record<Name, Value> {
  return Object.fromEntries(names.map((name) => [name, value])) as Record<Name, Value>;
}

const add = (sum: bigint, part: bigint): bigint => sum + part;

/** Everything that a call is charged for, in pico-dollars, each token in one part alone. */
function partsOf(usage: Usage, price: Price): readonly bigint[] {
  const reasoned = price.reasoning === undefined ? 0 : Math.min(usage.output, usage.reasoning);
  const used = BUCKETS.some((bucket) => usage[bucket] > 0);
  return [
    ...BUCKETS.filter((bucket) => bucket !== 'output').map((bucket) => BigInt(usage[bucket]) * price[bucket]),
    BigInt(usage.output - reasoned) * price.output,
    BigInt(reasoned) * (price.reasoning ?? 0n),
    used ? (price.request ?? 0n) : 0n,
  ];
}

describe('whatever the figures', () => {
  it('buckets sum to the totals that a provider reports', () => {
    fc.assert(
      fc.property(TOKENS, TOKENS, fc.array(TOKENS, { minLength: 5, maxLength: 5 }), (prompt, completion, parts) => {
        const [cached, written, heard, said, reasoned] = parts;
        const usage = usageIn('openai-chat', {
          prompt_tokens: prompt,
          completion_tokens: completion,
          prompt_tokens_details: { cached_tokens: cached, cache_write_tokens: written, audio_tokens: heard },
          completion_tokens_details: { audio_tokens: said, reasoning_tokens: reasoned },
        });

        expect([inputTokensOf(usage), outputTokensOf(usage)]).toEqual([prompt, completion]);
        expect(usage.reasoning).toBeLessThanOrEqual(usage.output);
      }),
    );
  });

  it('a call with more tokens in any bucket never costs less, at any listed price', () => {
    fc.assert(
      fc.property(fc.constantFrom(...LISTED), USAGE, fc.constantFrom(...BUCKETS), TOKENS, ({ priced }, usage, bucket, more) => {
        const larger = { ...usage, [bucket]: usage[bucket] + more };

        expect(chargeOf(priced, larger, undefined).costNanoUsd).toBeGreaterThanOrEqual(chargeOf(priced, usage, undefined).costNanoUsd);
      }),
      { numRuns: 1_000 },
    );
  });

  it('nor at any price, with a fee and with reasoning priced apart', () => {
    fc.assert(
      fc.property(USAGE, PRICE, FACTOR, fc.constantFrom(...BUCKETS), TOKENS, (usage, price, factor, bucket, more) => {
        const larger = { ...usage, [bucket]: usage[bucket] + more };

        expect(costOf(larger, price, factor)).toBeGreaterThanOrEqual(costOf(usage, price, factor));
      }),
      { numRuns: 1_000 },
    );
  });

  it('more reasoning never costs less where it comes on top of the output', () => {
    // Reasoning is a part of output, so that more of it alone says that output was of another kind: at a lower price that costs less.
    fc.assert(
      fc.property(USAGE, PRICE, FACTOR, TOKENS, (usage, price, factor, more) => {
        const larger = { ...usage, output: usage.output + more, reasoning: usage.reasoning + more };

        expect(costOf(larger, price, factor)).toBeGreaterThanOrEqual(costOf(usage, price, factor));
      }),
      { numRuns: 1_000 },
    );
  });

  it('another kind of output costs the difference of the two prices, and nothing where there is one price', () => {
    fc.assert(
      fc.property(USAGE, PRICE, (usage, price) => {
        const [none, all] = [0, usage.output].map((reasoning) => partsOf({ ...usage, reasoning }, price).reduce(add, 0n));
        const difference = price.reasoning === undefined ? 0n : BigInt(usage.output) * (price.reasoning - price.output);

        expect(all! - none!).toBe(difference);
        expect(costOf({ ...usage, reasoning: usage.output }, price)).toBe(divideHalfEven(all!, 1_000n));
      }),
    );
  });

  it('the exact amounts of the parts sum to the whole, which is rounded once', () => {
    fc.assert(
      fc.property(USAGE, PRICE, FACTOR, (usage, price, { numerator, denominator }) => {
        const pico = partsOf(usage, price).reduce(add, 0n);
        const whole = costOf(usage, price, { numerator, denominator });

        expect(whole).toBe(divideHalfEven(pico * numerator, 1_000n * denominator));
        // Off by half a nano-dollar at most.
        const off = 2n * (whole * 1_000n * denominator - pico * numerator);
        expect(off <= 1_000n * denominator && -off <= 1_000n * denominator).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  it('no listed tier costs less in any bucket than the one below it', () => {
    const cheaper = LISTED.flatMap(({ name, priced }) => {
      const prices = [priced.price, ...(priced.tiers ?? []).map((tier) => tier.price)];
      return prices.slice(1).flatMap((price, at) => (BUCKETS.some((bucket) => price[bucket] < prices[at]![bucket]) ? [name] : []));
    });

    expect(LISTED.filter(({ priced }) => priced.tiers).length).toBeGreaterThan(3);
    expect(cheaper).toEqual([]);
  });
});
