import { describe, expect, it } from '@jest/globals';
import { anOverride } from '../../test/support/price-override.js';
import { costOf, priceFor } from '../core/price.js';
import type { ProviderType } from '../core/provider.js';
import { NO_USAGE } from '../core/usage.js';
import { PriceBook } from './price-book.js';
import { loadGenaiPrices } from './prices/genai-prices.js';
import { OperatorPrices } from './prices/operator-price.js';
import type { PriceOverride } from './prices/overrides/price-override.js';

const NOW = Date.parse('2026-11-20T12:00:00Z');
const bundled = await loadGenaiPrices();
const YAML = { model: 'gpt-4o', inputPicoUsd: 30n, outputPicoUsd: 40n, cacheReadPicoUsd: undefined, cacheWritePicoUsd: undefined };
const EXACT = { model: 'GPT_4O', inputPicoUsd: 50n, outputPicoUsd: 60n };
const FAMILY = { model: 'gpt-4', inputPicoUsd: 70n, outputPicoUsd: 80n };

type OperatorConfig = ConstructorParameters<typeof OperatorPrices>[0];

/** What is in memory of them, as it may change. */
class Overrides {
  revision = 1;

  constructor(private rows: readonly PriceOverride[]) {}

  set(rows: readonly PriceOverride[]): void {
    this.rows = rows;
    this.revision += 1;
  }

  of(provider: string, model: string): readonly PriceOverride[] {
    return this.rows.filter((one) => one.model === model && (one.provider ?? provider) === provider);
  }
}

const bookWith = (rows: readonly PriceOverride[], config: Partial<OperatorConfig> = {}) =>
  new PriceBook(new OperatorPrices({ prices: [], costPerToken: { exact: [], families: [] }, ...config }), bundled, new Overrides(rows));
const at = (name: string, type: ProviderType = 'openai') => ({ name, type });
const onGpt = (changes: Partial<PriceOverride> = {}) => anOverride({ model: 'gpt-4o', rates: { input: 1n, output: 2n }, ...changes });

describe('an override', () => {
  it('comes before all other sources, that with the name of the provider first', () => {
    const operator = { prices: [YAML], costPerToken: { exact: [EXACT], families: [FAMILY] } };
    const book = bookWith([onGpt({ provider: 'mine', rates: { input: 3n, output: 4n } }), onGpt()], operator);

    expect(book.find(at('mine'), 'gpt-4o', NOW)).toMatchObject({ version: 'admin', price: { input: 3n, output: 4n } });
    expect(book.find(at('other'), 'gpt-4o', NOW)).toMatchObject({ version: 'admin', price: { input: 1n, output: 2n } });
    expect(book.find(at('other'), 'gpt-4-turbo', NOW)?.version).toBe('genai-prices@0.1.8');
  });

  it('leaves to the next source what it does not state: another override, YAML, environment, list, family', () => {
    const outputOnly = onGpt({ provider: 'mine', rates: { output: 9n } });
    const priceOf = (rows: readonly PriceOverride[], config: Partial<OperatorConfig> = {}) =>
      bookWith(rows, config).find(at('mine'), 'gpt-4o', NOW)?.price;

    expect(priceOf([outputOnly, onGpt()])).toMatchObject({ input: 1n, output: 9n });
    expect(priceOf([outputOnly], { prices: [YAML] })).toMatchObject({ input: 30n, output: 9n });
    expect(priceOf([outputOnly], { costPerToken: { exact: [EXACT], families: [FAMILY] } })).toMatchObject({ input: 50n, output: 9n });
    expect(priceOf([outputOnly])).toMatchObject({ input: 2_500_000n, cacheRead: 1_250_000n, output: 9n });
    const unlisted = bookWith([onGpt({ model: 'gpt-4-made-up', rates: { output: 9n } })], {
      costPerToken: { exact: [], families: [FAMILY] },
    });
    expect(unlisted.find(at('mine'), 'gpt-4-made-up', NOW)).toMatchObject({ version: 'admin', price: { input: 70n, output: 9n } });
  });

  it('is no price where it states one side and nothing else states the other', () => {
    const half = anOverride({ model: 'own', rates: { input: 1n } });

    expect(bookWith([half]).find(at('mine', 'openai-compatible'), 'own', NOW)).toBeUndefined();
    expect(
      bookWith([half, anOverride({ model: 'own', provider: 'mine', rates: { output: 2n } })]).find(at('mine'), 'own', NOW),
    ).toMatchObject({ price: { input: 1n, output: 2n, cacheRead: 1n, image: 1n } });
  });

  it('prices what is free by declaration', () => {
    expect(bookWith([anOverride({ model: 'llama3.2', rates: { output: 5n } })]).find(at('box', 'ollama'), 'llama3.2', NOW)).toMatchObject({
      version: 'admin',
      price: { input: 0n, output: 5n },
    });
  });

  it('of a synchronised list stands after what the operator and administrators say, and before the bundled list', () => {
    const synced = onGpt({ origin: 'sync', provider: 'mine', rates: { input: 8n, output: 9n } });
    const find = (rows: readonly PriceOverride[], config: Partial<OperatorConfig> = {}) =>
      bookWith(rows, config).find(at('mine'), 'gpt-4o', NOW);

    expect(find([synced])).toMatchObject({ version: 'sync', price: { input: 8n, output: 9n } });
    expect(find([synced, onGpt({ rates: { input: 1n } })])).toMatchObject({ version: 'admin', price: { input: 1n, output: 9n } });
    expect(find([synced], { prices: [YAML] })).toMatchObject({ version: 'yaml', price: { input: 30n, output: 40n } });
    expect(find([synced], { costPerToken: { exact: [{ ...EXACT, outputPicoUsd: undefined }], families: [] } })).toMatchObject({
      version: 'env',
      price: { input: 50n, output: 9n },
    });
  });

  it('holds for calls that are admitted from its beginning on until it is taken back', () => {
    const book = bookWith([onGpt({ from: NOW + 10, removedAt: NOW + 30 }), onGpt({ from: NOW + 20, rates: { input: 5n } })]);
    const inputs = [NOW, NOW + 9, NOW + 10, NOW + 19, NOW + 20, NOW + 30].map((atMs) => book.find(at('mine'), 'gpt-4o', atMs)?.price.input);

    expect(inputs).toEqual([2_500_000n, 2_500_000n, 1n, 1n, 5n, 5n]);
  });

  it('charges its tiers', () => {
    const tiers = [{ aboveInputTokens: 1_000, stated: { input: 3_000_000n } }];
    const priced = bookWith([onGpt({ rates: { input: 1_000_000n, output: 2_000_000n }, tiers })]).find(at('mine'), 'gpt-4o', NOW)!;
    const costWith = (input: number) => {
      const usage = { ...NO_USAGE, input, output: 10 };
      return costOf(usage, priceFor(priced, usage));
    };

    // 1,000 × 1 + 10 × 2 = 1,020 per million; one token more: 1,001 × 3 + 10 × 2 = 3,023 per million
    expect(costWith(1_000)).toBe(1_020_000n);
    expect(costWith(1_001)).toBe(3_023_000n);
  });

  it('is charged under an id of its own, the same for the same price', () => {
    const idWith = (rates: PriceOverride['rates']) => bookWith([onGpt({ rates })]).find(at('mine'), 'gpt-4o', NOW)!.id;

    expect(idWith({ input: 1n })).toBe(idWith({ input: 1n }));
    expect(idWith({ input: 1n })).not.toBe(idWith({ input: 2n }));
  });
});

describe('when overrides change', () => {
  it('sees it at once, in the catalogue too, and for calls of an earlier edition of the configuration', () => {
    const overrides = new Overrides([]);
    const operator = new OperatorPrices({ prices: [], costPerToken: { exact: [], families: [] } });
    const book = new PriceBook(operator, bundled, overrides);
    const versions = () => [
      book.find(at('mine'), 'gpt-4o', NOW)?.version,
      book.find(at('mine'), 'gpt-4o', NOW - 1)?.version,
      book.catalogue(at('mine'), NOW).find(({ id }) => id === 'gpt-4o')?.priced?.version,
    ];
    book.reprice(operator, NOW);
    expect(versions()).toEqual(Array.from({ length: 3 }, () => 'genai-prices@0.1.8'));

    overrides.set([onGpt({ provider: 'mine' })]);

    expect(versions()).toEqual(['admin', 'admin', 'admin']);
    expect(book.catalogue(at('other'), NOW).find(({ id }) => id === 'gpt-4o')?.priced?.version).toBe('genai-prices@0.1.8');
  });

  it('answers the same question with the same object as long as nothing changes', () => {
    const book = bookWith([onGpt()]);

    expect(book.find(at('mine'), 'gpt-4o', NOW)).toBe(book.find(at('mine'), 'gpt-4o', NOW + 1));
  });

  it('tells which of them hold', () => {
    const rows = [onGpt({ id: 'general' }), onGpt({ id: 'own', provider: 'mine' }), onGpt({ id: 'coming', from: NOW + 1 })];
    const book = bookWith(rows);

    expect(book.overridesOf('mine', 'gpt-4o', NOW).map(({ id }) => id)).toEqual(['own', 'general']);
    expect(book.overridesOf('other', 'gpt-4o', NOW + 1).map(({ id }) => id)).toEqual(['coming']);
  });
});

describe('a model whose provider is not known', () => {
  it('costs what an override says that names no provider', () => {
    const book = bookWith([onGpt(), onGpt({ provider: 'mine', rates: { input: 9n, output: 9n } })]);

    expect(book.findAnywhere('gpt-4o', NOW)?.price.input).toBe(1n);
  });
});

describe('a provider', () => {
  it('may get another type with a reload, and is priced by that then', () => {
    const book = bookWith([]);

    expect(book.find(at('mine', 'openai'), 'gpt-4o', NOW)?.version).toBe('genai-prices@0.1.8');
    expect(book.find(at('mine', 'openai-compatible'), 'gpt-4o', NOW)).toBeUndefined();
    expect(book.catalogue(at('mine', 'openai'), NOW).length).toBeGreaterThan(0);
    expect(book.catalogue(at('mine', 'ollama'), NOW)).toEqual([]);
  });
});
