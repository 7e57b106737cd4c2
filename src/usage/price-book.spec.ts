import { describe, expect, it } from '@jest/globals';
import { calcPrice } from '@pydantic/genai-prices';
import fc from 'fast-check';
import { costOf, priceFor, type PricedModel } from '../core/price.js';
import type { ProviderType } from '../core/provider.js';
import { NO_USAGE, type Usage } from '../core/usage.js';
import type { TokenCosts } from '../platform/index.js';
import { PriceBook } from './price-book.js';
import { loadGenaiPrices } from './prices/genai-prices.js';
import { OperatorPrices } from './prices/operator-price.js';

const NOW = Date.parse('2026-11-20T12:00:00Z');
const bundled = await loadGenaiPrices();
const NO_COSTS: TokenCosts = { exact: [], families: [] };

type OperatorConfig = ConstructorParameters<typeof OperatorPrices>[0];
const bookWith = (config: Partial<OperatorConfig>) =>
  new PriceBook(new OperatorPrices({ prices: [], costPerToken: NO_COSTS, ...config }), bundled);
const book = bookWith({});
const at = (type: ProviderType, name: string = type) => ({ name, type });

const cost = (priced: PricedModel | undefined, usage: Partial<Usage>): bigint | undefined => {
  const full = { ...NO_USAGE, ...usage };
  return priced && costOf(full, priceFor(priced, full));
};

describe('published prices', () => {
  it('gpt-4o: cached input at half the price', () => {
    const priced = book.find(at('openai'), 'gpt-4o', NOW);

    expect(priced?.version).toBe('genai-prices@0.1.8');
    // 1,000 × 2.50 + 2,000 × 1.25 + 500 × 10.00 = 10,000 per million = US$0.01
    expect(cost(priced, { input: 1_000, cacheRead: 2_000, output: 500 })).toBe(10_000_000n);
  });

  it('gpt-5.5: all of a call at the long-context price from 272,000 input tokens on', () => {
    const priced = book.find(at('openai'), 'gpt-5.5', NOW);

    // 271,999 × 5 + 1,000 × 30 = 1,389,995 per million
    expect(cost(priced, { input: 271_999, output: 1_000 })).toBe(1_389_995_000n);
    // 172,000 × 10 + 100,000 × 1 (cached) + 1,000 × 45 = 1,865,000 per million
    expect(cost(priced, { input: 172_000, cacheRead: 100_000, output: 1_000 })).toBe(1_865_000_000n);
  });

  it('claude at OpenRouter: writing a cache costs a quarter more, reading it a tenth, and double above 200,000', () => {
    const priced = book.find(at('openrouter'), 'anthropic/claude-sonnet-4.5', NOW);

    // 1,000 × 3 + 2,000 × 3.75 + 10,000 × 0.30 + 100 × 15 = 15,000 per million
    expect(cost(priced, { input: 1_000, cacheWrite5m: 2_000, cacheRead: 10_000, output: 100 })).toBe(15_000_000n);
    // 1 × 6 + 200,000 × 0.60 + 100 × 22.50 = 122,256 per million
    expect(cost(priced, { input: 1, cacheRead: 200_000, output: 100 })).toBe(122_256_000n);
  });

  it('claude at Anthropic, by its dated name: writing a cache for an hour costs double, for five minutes a quarter more', () => {
    const priced = book.find(at('anthropic'), 'claude-haiku-4-5-20251001', NOW);

    // 1,000 × 1 + 2,000 × 1.25 + 3,000 × 2 + 10,000 × 0.10 + 100 × 5 = 11,000 per million
    expect(cost(priced, { input: 1_000, cacheWrite5m: 2_000, cacheWrite1h: 3_000, cacheRead: 10_000, output: 100 })).toBe(11_000_000n);
  });

  it('deepseek-chat: by the time of day at which the call was admitted', () => {
    const peak = book.find(at('deepseek'), 'deepseek-chat', Date.parse('2026-11-20T16:29:59Z'));
    const night = book.find(at('deepseek'), 'deepseek-chat', Date.parse('2026-11-20T16:30:00Z'));

    // 1,000 × 0.27 + 1,000 × 0.07 + 1,000 × 1.10 = 1,440 per million; 0.135 + 0.035 + 0.55 at night
    expect(cost(peak, { input: 1_000, cacheRead: 1_000, output: 1_000 })).toBe(1_440_000n);
    expect(cost(night, { input: 1_000, cacheRead: 1_000, output: 1_000 })).toBe(720_000n);
  });

  it('o3: by the date', () => {
    expect(book.find(at('openai'), 'o3', Date.parse('2025-06-09T12:00:00Z'))?.price.input).toBe(10_000_000n);
    expect(book.find(at('openai'), 'o3', NOW)?.price.input).toBe(2_000_000n);
  });

  it('a sound model whose list has text prices only is charged the dearest sound of its provider', () => {
    // OpenAI sold it at US$40 and US$80 per million tokens of sound.
    expect(book.find(at('openai'), 'gpt-4o-audio-preview', NOW)?.price).toMatchObject({
      audioInput: 40_000_000n,
      audioOutput: 80_000_000n,
    });
  });
});

describe('every model of the lists', () => {
  const counts = fc.nat({ max: 150_000 });
  const usages = fc.record({ input: counts, cacheRead: counts, cacheWrite5m: counts, output: counts });
  const LISTS = ['openai', 'anthropic', 'deepseek', 'openrouter'] as const;

  it.each(LISTS)('of %s costs what the library works out in floats, at any size and time', (type) => {
    const models = fc.constantFrom(...book.catalogue(at(type), NOW).filter(({ priced }) => priced?.version === 'genai-prices@0.1.8'));
    const times = fc.integer({ min: Date.parse('2025-01-01'), max: Date.parse('2027-06-01') });

    fc.assert(
      fc.property(models, usages, times, ({ id }, asked, atMs) => {
        // Embeddings have no output, and so no price for one.
        const usage = id.includes('embed') ? { ...asked, output: 0 } : asked;
        const theirs = calcPrice(
          {
            input_tokens: usage.input + usage.cacheRead + usage.cacheWrite5m,
            cache_read_tokens: usage.cacheRead,
            cache_write_tokens: usage.cacheWrite5m,
            output_tokens: usage.output,
          },
          id,
          { providerId: type, timestamp: new Date(atMs) },
        )!.total_price;

        const ours = Number(cost(book.find(at(type), id, atMs), usage)) / 1e9;
        expect(Math.abs(ours - theirs)).toBeLessThanOrEqual(1e-9 + theirs * 1e-5);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('what is bundled agrees with the library where both are exact', () => {
  it.each([
    [
      'anthropic',
      'claude-sonnet-4-5',
      { input: 1_000, cacheWrite5m: 2_000, cacheWrite1h: 4_000, cacheRead: 10_000, output: 100 },
      39_000_000n,
    ],
    ['google', 'gemini-2.5-pro', { input: 200_001, output: 1_000 }, 515_002_500n],
  ] as const)('%s %s', (provider, model, usage, nano) => {
    const rate = bundled.findModel(provider, model)?.rates[0];
    const stated = [
      rate?.base,
      ...(rate?.tiers ?? []).filter(({ aboveInputTokens }) => usage.input > aboveInputTokens).map((tier) => tier.stated),
    ].at(-1);

    // claude: 1,000 × 3 + 2,000 × 3.75 + 4,000 × 6 + 10,000 × 0.30 + 100 × 15; gemini above 200,000: 200,001 × 2.50 + 1,000 × 15
    const pico = Object.entries(usage).reduce((sum, [bucket, tokens]) => sum + BigInt(tokens) * stated![bucket as keyof typeof usage]!, 0n);
    expect(pico).toBe(nano * 1_000n);
  });
});

describe('where a price comes from', () => {
  const override = { model: 'gpt-4o', inputPicoUsd: 1n, outputPicoUsd: 2n, cacheReadPicoUsd: 3n, cacheWritePicoUsd: 4n };
  const exact = { model: 'GPT_4O', inputPicoUsd: 10n, outputPicoUsd: 20n };
  const family = { model: 'gpt-4', inputPicoUsd: 100n, outputPicoUsd: 200n };

  it('is the YAML before the environment, and the environment before the list', () => {
    const both = bookWith({ prices: [override], costPerToken: { exact: [exact], families: [family] } });
    const environment = bookWith({ costPerToken: { exact: [exact], families: [family] } });

    expect(both.find(at('openai'), 'gpt-4o', NOW)).toMatchObject({
      version: 'yaml',
      price: { input: 1n, cacheRead: 3n, cacheWrite1h: 4n, output: 2n },
    });
    expect(environment.find(at('openai'), 'gpt-4o', NOW)).toMatchObject({ version: 'env', price: { input: 10n, output: 20n } });
    expect(both.find(at('openai-compatible'), 'gpt-4o', NOW)?.version).toBe('yaml');
  });

  it('is a family only where nothing else prices', () => {
    const familyBook = bookWith({ costPerToken: { exact: [], families: [family] } });

    expect(familyBook.find(at('openai'), 'gpt-4o', NOW)?.version).toBe('genai-prices@0.1.8');
    expect(familyBook.find(at('openai'), 'gpt-4-made-up', NOW)).toMatchObject({ version: 'env', price: { input: 100n, output: 200n } });
    expect(familyBook.find(at('openai-compatible'), 'azure/gpt-4o', NOW)?.price.input).toBe(100n);
    expect(familyBook.find(at('echo'), 'gpt-4', NOW)?.version).toBe('declared');
    expect(familyBook.find(at('openai'), 'gpt-5.9-made-up', NOW)).toBeUndefined();
  });

  it('takes one side from the environment and the other from the list', () => {
    const priced = bookWith({ costPerToken: { exact: [{ ...exact, outputPicoUsd: undefined }], families: [] } }).find(
      at('openai'),
      'gpt-4o',
      NOW,
    );

    // Reading the cache is never dearer than reading the input.
    expect(priced?.price).toMatchObject({ input: 10n, cacheRead: 10n, output: 10_000_000n });
  });

  it('takes half a price that nothing completes for no price', () => {
    const half = bookWith({ costPerToken: { exact: [{ model: 'MY_MODEL', inputPicoUsd: 5n, outputPicoUsd: undefined }], families: [] } });

    expect(half.find(at('openai-compatible'), 'my-model', NOW)).toBeUndefined();
  });

  it('lets an override hold for every size of input', () => {
    const dear = { ...override, model: 'gpt-5.5' };
    const priced = bookWith({ prices: [dear] }).find(at('openai'), 'gpt-5.5', NOW);

    expect(cost(priced, { input: 1_000_000 })).toBe(1_000n);
  });
});

describe("when the operator's prices change", () => {
  const pricesOf = (dollarsPerMillion: bigint): OperatorPrices => {
    const pico = dollarsPerMillion * 1_000_000n;
    const own = { model: 'own', inputPicoUsd: pico, outputPicoUsd: pico, cacheReadPicoUsd: undefined, cacheWritePicoUsd: undefined };
    return new OperatorPrices({ prices: [own], costPerToken: NO_COSTS });
  };
  const inputAt = (changed: PriceBook, atMs: number) => changed.find(at('openai-compatible'), 'own', atMs)?.price.input;

  it('charges the calls that come after by the new ones, and those admitted before by theirs', () => {
    const changed = new PriceBook(pricesOf(1n), bundled);
    expect(inputAt(changed, NOW)).toBe(1_000_000n);

    changed.reprice(pricesOf(2n), NOW + 10);
    changed.reprice(pricesOf(3n), NOW + 20);

    expect([NOW, NOW + 9, NOW + 10, NOW + 19, NOW + 20, NOW + 1_000].map((atMs) => inputAt(changed, atMs))).toEqual(
      [1n, 1n, 2n, 2n, 3n, 3n].map((dollars) => dollars * 1_000_000n),
    );
  });

  it('shows them in the catalogue at once', () => {
    const changed = bookWith({});
    const priceOf = () => changed.catalogue(at('openai'), NOW).find(({ id }) => id === 'gpt-4o')?.priced?.version;
    expect(priceOf()).toBe('genai-prices@0.1.8');

    const own = { model: 'gpt-4o', inputPicoUsd: 1n, outputPicoUsd: 1n, cacheReadPicoUsd: undefined, cacheWritePicoUsd: undefined };
    changed.reprice(new OperatorPrices({ prices: [own], costPerToken: NO_COSTS }), NOW);

    expect(priceOf()).toBe('yaml');
  });
});

describe('what is free, and what is unknown', () => {
  it('is free by declaration only', () => {
    expect(book.find(at('echo'), 'anything', NOW)).toMatchObject({
      version: 'declared',
      price: { input: 0n, output: 0n, audioOutput: 0n },
    });
    expect(book.find(at('ollama'), 'llama3.2:latest', NOW)).toMatchObject({ version: 'declared', price: { input: 0n, output: 0n } });
    expect(book.find(at('openrouter'), 'deepseek/deepseek-chat-v3-0324:free', NOW)).toMatchObject({
      version: 'declared',
      price: { input: 0n },
    });
    expect(book.find(at('openai'), 'gpt-4o:free', NOW)).toBeUndefined();
  });

  it('has no price where nobody knows one, which is not zero', () => {
    expect(book.find(at('openai'), 'made-up', NOW)).toBeUndefined();
    expect(book.find(at('openai'), 'whisper-1', NOW)).toBeUndefined();
    expect(book.find(at('openrouter'), 'google/made-up', NOW)).toBeUndefined();
    expect(book.find(at('openai-compatible'), 'gpt-4o', NOW)).toBeUndefined();
  });

  it('answers the same question with the same object', () => {
    expect(book.find(at('openai'), 'gpt-4o', NOW)).toBe(book.find(at('openai'), 'gpt-4o', NOW + 1));
  });

  it('forgets made-up names before they fill the memory', () => {
    for (let index = 0; index < 25_000; index++) book.find(at('openai-compatible'), `made-up-${index}`, NOW);

    expect(book.find(at('openai-compatible'), 'made-up-1', NOW)).toBeUndefined();
    const [{ shelves }] = (book as unknown as { editions: [{ shelves: Map<string, { quotes: Map<string, unknown> }> }] }).editions;
    expect(shelves.get('openai-compatible')!.quotes.size).toBeLessThanOrEqual(10_000);
  });
});

describe('the catalogue', () => {
  it('has the models that answer in text or make embeddings, with their window and price', () => {
    const models = book.catalogue(at('openai'), NOW);

    expect(models.find(({ id }) => id === 'gpt-4o')).toMatchObject({ contextWindow: 128_000, priced: { version: 'genai-prices@0.1.8' } });
    expect(models.find(({ id }) => id === 'text-embedding-3-small')).toMatchObject({ priced: { price: { input: 20_000n } } });
    expect(models.map(({ id }) => id)).not.toContain('whisper-1');
    expect(models.every(({ priced }) => priced !== undefined)).toBe(true);
  });

  it('has free models too, and none of OpenRouter without their vendor', () => {
    const models = book.catalogue(at('openrouter'), NOW);

    expect(models.find(({ id }) => id === 'deepseek/deepseek-chat-v3-0324:free')?.priced?.version).toBe('declared');
    expect(models.filter(({ id }) => !id.includes('/'))).toEqual([]);
  });

  it('is empty for servers of which no list is known', () => {
    expect(book.catalogue(at('openai-compatible'), NOW)).toEqual([]);
    expect(book.catalogue(at('ollama'), NOW)).toEqual([]);
    expect(book.catalogue(at('echo'), NOW)).toEqual([]);
  });
});
