import { describe, expect, it } from '@jest/globals';
import { chargeOf, costOf } from '../../core/price.js';
import { NO_USAGE } from '../../core/usage.js';
import { PriceBook } from '../price-book.js';
import { loadGenaiPrices } from './genai-prices.js';
import { OperatorPrices } from './operator-price.js';
import { priceIdOf } from './price-id.js';
import { factorsOf } from './service-tiers.js';

const NOW = Date.parse('2026-11-20T12:00:00Z');
const book = new PriceBook(new OperatorPrices({ prices: [], costPerToken: { exact: [], families: [] } }), await loadGenaiPrices());
const OPENAI = { name: 'openai', type: 'openai' } as const;
const USAGE = { ...NO_USAGE, input: 1_000_000, cacheRead: 1_000_000, output: 1_000_000 };

/** US dollars for a million tokens each of input, cached input and output, as OpenAI publishes them for priority processing. */
const PRIORITY: readonly (readonly [string, number])[] = [
  ['gpt-5.4', 5 + 0.5 + 30],
  ['gpt-5.4-mini', 1.5 + 0.15 + 9],
  ['gpt-5.2', 3.5 + 0.35 + 28],
  ['gpt-5.1', 2.5 + 0.25 + 20],
  ['gpt-5', 2.5 + 0.25 + 20],
  ['gpt-5-2025-08-07', 2.5 + 0.25 + 20],
  ['gpt-5-mini', 0.45 + 0.045 + 3.6],
  ['gpt-5-codex', 2.5 + 0.25 + 20],
  ['gpt-4.1', 3.5 + 0.875 + 14],
];

describe('service tiers', () => {
  it.each(PRIORITY)('%s with priority costs what its provider publishes', (model, usd) => {
    // The base price, whatever the tier of so large an input would be: long contexts have no priority.
    const { price, factors } = book.find(OPENAI, model, NOW)!;

    expect(costOf(USAGE, price, factors!['priority'])).toBe(BigInt(Math.round(usd * 1e9)));
  });

  it('gpt-5.5 with priority costs two and a half times as much', () => {
    const { price, factors } = book.find(OPENAI, 'gpt-5.5', NOW)!;

    // US$12.50 + 1.25 + 75.00
    expect(costOf(USAGE, price, factors!['priority'])).toBe(88_750_000_000n);
  });

  it.each([
    ['openai', 'gpt-4o', 'flex'],
    ['openai', 'gpt-4o', 'batch'],
    ['anthropic', 'claude-sonnet-4-5', 'batch'],
  ] as const)('at %s half of the price of %s for %s', (type, model, tier) => {
    const priced = book.find({ name: type, type }, model, NOW)!;
    const usage = { ...NO_USAGE, input: 1_000, output: 500 };

    expect(chargeOf(priced, usage, tier).costNanoUsd * 2n).toBe(chargeOf(priced, usage, undefined).costNanoUsd);
  });

  it.each([
    ['openai', 'gpt-4o', 'priority'],
    ['openai', 'gpt-5-pro', 'priority'],
    ['openai', 'gpt-5', 'scale'],
    ['anthropic', 'claude-sonnet-4-5', 'priority'],
    ['openrouter', 'openai/gpt-5', 'flex'],
    ['openai-compatible', 'gpt-5', 'flex'],
  ] as const)('claims nothing of %s, %s and %s, which nobody publishes', (type, model, tier) => {
    expect(factorsOf(type, model)?.[tier]).toBeUndefined();
  });

  it('are part of what a price is known by', () => {
    const { price, version, id } = book.find(OPENAI, 'gpt-4.1', NOW)!;

    expect(priceIdOf({ price, version, factors: factorsOf('openai', 'gpt-4.1')! })).toBe(id);
    expect(priceIdOf({ price, version, factors: factorsOf('openai', 'gpt-4o')! })).not.toBe(id);
    expect(priceIdOf({ price, version })).not.toBe(id);
    expect(priceIdOf({ price: { ...price, request: 1n }, version })).not.toBe(priceIdOf({ price, version }));
  });
});
