import { describe, expect, it } from '@jest/globals';
import { costAt, listed, listedAt, millionths, NOON, usageIn } from '../../../test/support/published-prices.js';
import type { PricedModel } from '../../core/price.js';
import { NO_USAGE } from '../../core/usage.js';
import { PriceBook } from '../price-book.js';
import { loadGenaiPrices } from './genai-prices.js';
import { OperatorPrices } from './operator-price.js';

const bundled = await loadGenaiPrices();

describe('reasoning', () => {
  // The answer of https://developers.openai.com/api/docs/guides/reasoning
  const usage = usageIn('openai-responses', {
    input_tokens: 75,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: 1186,
    output_tokens_details: { reasoning_tokens: 1024 },
    total_tokens: 1261,
  });

  it.each([
    // 75 × 2 + 1,186 × 8 = 150 + 9,488
    ['o3', '9,638'],
    // 75 × 1.25 + 1,186 × 10 = 93.75 + 11,860
    ['gpt-5', '11,953.75'],
  ])('is output that is paid once: %s', (model, cost) => {
    expect(usage).toEqual({ ...NO_USAGE, input: 75, output: 1_186, reasoning: 1_024 });
    expect(costAt(listed('openai', model), usage)).toBe(millionths(cost));
  });

  // https://docs.perplexity.ai/getting-started/pricing: sonar-deep-research at 2 and 8, and reasoning at 3
  it('costs what it does where it has a price of its own, and is no output then', () => {
    const researched = usageIn('openai-chat', {
      prompt_tokens: 33,
      completion_tokens: 7_500,
      total_tokens: 7_533,
      completion_tokens_details: { reasoning_tokens: 6_400 },
    });

    expect(researched).toEqual({ ...NO_USAGE, input: 33, output: 7_500, reasoning: 6_400 });
    // 33 × 2 + (7,500 − 6,400) × 8 + 6,400 × 3 = 66 + 8,800 + 19,200
    expect(costAt(listedAt('perplexity', 'sonar-deep-research'), researched)).toBe(millionths('28,066'));
  });

  it('is never more than the output that it is a part of', () => {
    // 100 × 3, whatever more the provider says
    expect(costAt(listedAt('perplexity', 'sonar-deep-research'), { output: 100, reasoning: 5_000 })).toBe(millionths('300'));
  });
});

describe('a fee for each call', () => {
  const sonarAt = (model: string, inputPicoUsd: bigint, outputPicoUsd: bigint, requestPicoUsd: bigint): PricedModel => {
    const price = { model, inputPicoUsd, outputPicoUsd, requestPicoUsd, cacheReadPicoUsd: undefined, cacheWritePicoUsd: undefined };
    const operator = new OperatorPrices({ prices: [price], costPerToken: { exact: [], families: [] } });
    return new PriceBook(operator, bundled).find({ name: 'perplexity', type: 'openai-compatible' }, model, NOON)!;
  };
  const asked = usageIn('openai-chat', { prompt_tokens: 500, completion_tokens: 200, total_tokens: 700 });

  // https://docs.perplexity.ai/getting-started/pricing: tokens, and a fee by the context that is searched, told for a thousand calls
  it.each([
    // Low, 5: 500 × 1 + 200 × 1 + 5,000
    ['sonar', 1_000_000n, 1_000_000n, 5_000_000_000n, '5,700'],
    // Medium, 8: 500 + 200 + 8,000
    ['sonar', 1_000_000n, 1_000_000n, 8_000_000_000n, '8,700'],
    // Low, 6: 500 × 3 + 200 × 15 + 6,000 = 1,500 + 3,000 + 6,000
    ['sonar-pro', 3_000_000n, 15_000_000n, 6_000_000_000n, '10,500'],
    // High, 14: 1,500 + 3,000 + 14,000
    ['sonar-pro', 3_000_000n, 15_000_000n, 14_000_000_000n, '18,500'],
  ])('is added to what the tokens of %s cost (%s, %s, %s)', (model, input, output, request, cost) => {
    expect(costAt(sonarAt(model, input, output, request), asked)).toBe(millionths(cost));
  });

  it('stands in the list that comes with the gateway, as that of the dearest search', () => {
    // 500 × 1 + 200 × 1 + 12,000
    expect(costAt(listedAt('perplexity', 'sonar'), asked)).toBe(millionths('12,700'));
  });

  it('is due once for a call of any size, and not for one that used nothing', () => {
    const sonar = sonarAt('sonar', 1_000_000n, 1_000_000n, 5_000_000_000n);

    expect(costAt(sonar, { input: 1 })).toBe(millionths('5,001'));
    // 1,000,000 + 1,000,000 + 5,000
    expect(costAt(sonar, { input: 1_000_000, output: 1_000_000 })).toBe(millionths('2,005,000'));
    expect(costAt(sonar, {})).toBe(0n);
  });
});

describe('sound', () => {
  // https://developers.openai.com/api/docs/pricing: gpt-audio at 2.50 and 10 for text, 32 and 64 for sound
  it('has its own price, and stands inside the totals', () => {
    const usage = usageIn('openai-chat', {
      prompt_tokens: 115,
      completion_tokens: 260,
      total_tokens: 375,
      prompt_tokens_details: { cached_tokens: 0, audio_tokens: 100, text_tokens: 15 },
      completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 200, text_tokens: 60 },
    });

    expect(usage).toEqual({ ...NO_USAGE, input: 15, audioInput: 100, output: 60, audioOutput: 200 });
    // 15 × 2.50 + 100 × 32 + 60 × 10 + 200 × 64 = 37.5 + 3,200 + 600 + 12,800
    expect(costAt(listed('openai', 'gpt-audio'), usage)).toBe(millionths('16,637.5'));
  });

  // https://ai.google.dev/gemini-api/docs/pricing: gemini-2.5-flash at 0.30 for text, 1.00 for sound, 2.50 for what comes out
  it('is dearer than text at Google, too', () => {
    // A minute of 32 tokens a second: 1,920 × 1 + 100 × 0.30 + 200 × 2.50 = 1,920 + 30 + 500
    const minute = { input: 100, audioInput: 1_920, output: 200 };
    expect(costAt(listedAt('google', 'gemini-2.5-flash'), minute)).toBe(millionths('2,450'));
  });
});

it('embeddings pay for what goes in alone', () => {
  // https://developers.openai.com/api/docs/pricing: text-embedding-3-small at 0.02: 8 × 0.02
  expect(costAt(listed('openai', 'text-embedding-3-small'), { input: 8 })).toBe(millionths('0.16'));
});
