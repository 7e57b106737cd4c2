import { describe, expect, it } from '@jest/globals';
import { costAt, listed, listedAt, millionths, usageIn } from '../../../test/support/published-prices.js';
import { NO_USAGE } from '../../core/usage.js';

describe('cached input', () => {
  // The answer and the first two prices of https://openai.com/index/api-prompt-caching/ (1 October 2024); the price of gpt-5 is
  // that of https://developers.openai.com/api/docs/pricing, which like all pages of prices below is kept current and has no date.
  const usage = usageIn('openai-chat', {
    total_tokens: 2306,
    prompt_tokens: 2006,
    completion_tokens: 300,
    prompt_tokens_details: { cached_tokens: 1920, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 },
  });

  it.each([
    // 86 × 2.50 + 1,920 × 1.25 + 300 × 10.00 = 215 + 2,400 + 3,000
    ['gpt-4o-2024-08-06', '5,615'],
    // 86 × 0.15 + 1,920 × 0.075 + 300 × 0.60 = 12.9 + 144 + 180
    ['gpt-4o-mini-2024-07-18', '336.9'],
    // A tenth since: 86 × 1.25 + 1,920 × 0.125 + 300 × 10 = 107.5 + 240 + 3,000
    ['gpt-5', '3,347.5'],
  ])('of %s costs less', (model, cost) => {
    expect(usage).toEqual({ ...NO_USAGE, input: 86, cacheRead: 1_920, output: 300 });
    expect(costAt(listed('openai', model), usage)).toBe(millionths(cost));
  });

  it('is told by DeepSeek as hits and misses', () => {
    // Names of the counters and their meaning: https://api-docs.deepseek.com/guides/kv_cache
    const hits = { prompt_tokens: 1_000, prompt_cache_hit_tokens: 640, prompt_cache_miss_tokens: 360, completion_tokens: 200 };

    // By day, 360 × 0.27 + 640 × 0.07 + 200 × 1.10 = 97.2 + 44.8 + 220
    expect(costAt(listed('deepseek', 'deepseek-chat'), usageIn('openai-chat', hits))).toBe(millionths('362'));
  });

  it('stands inside the input of a response', () => {
    // https://developers.openai.com/api/docs/pricing: gpt-4.1 at 2.00, cached 0.50, output 8.00
    const response = { input_tokens: 12_033, input_tokens_details: { cached_tokens: 11_904 }, output_tokens: 44, total_tokens: 12_077 };

    // 129 × 2.00 + 11,904 × 0.50 + 44 × 8.00 = 258 + 5,952 + 352
    expect(costAt(listed('openai', 'gpt-4.1'), usageIn('openai-responses', response))).toBe(millionths('6,562'));
  });
});

describe('writing a cache', () => {
  // The shape of https://platform.claude.com/docs/en/build-with-claude/prompt-caching, where all counters stand beside each other.
  const usage = usageIn('anthropic-messages', {
    input_tokens: 2048,
    cache_read_input_tokens: 1800,
    cache_creation_input_tokens: 248,
    cache_creation: { ephemeral_5m_input_tokens: 148, ephemeral_1h_input_tokens: 100 },
    output_tokens: 503,
  });

  // Prices: https://platform.claude.com/docs/en/about-claude/pricing
  it.each([
    // 2,048 × 3 + 1,800 × 0.30 + 148 × 3.75 + 100 × 6 + 503 × 15 = 6,144 + 540 + 555 + 600 + 7,545
    ['claude-sonnet-4-5', '15,384'],
    // 2,048 × 15 + 1,800 × 1.50 + 148 × 18.75 + 100 × 30 + 503 × 75 = 30,720 + 2,700 + 2,775 + 3,000 + 37,725
    ['claude-opus-4-1', '76,920'],
    // 2,048 × 1 + 1,800 × 0.10 + 148 × 1.25 + 100 × 2 + 503 × 5 = 2,048 + 180 + 185 + 200 + 2,515
    ['claude-haiku-4-5', '5,128'],
    // 2,048 × 0.80 + 1,800 × 0.08 + 148 × 1 + 100 × 1.60 + 503 × 4 = 1,638.4 + 144 + 148 + 160 + 2,012
    ['claude-3-5-haiku', '4,102.4'],
  ])('for five minutes and for an hour has two prices: %s', (model, cost) => {
    expect(usage).toEqual({ ...NO_USAGE, input: 2_048, cacheRead: 1_800, cacheWrite5m: 148, cacheWrite1h: 100, output: 503 });
    expect(costAt(listed('anthropic', model), usage)).toBe(millionths(cost));
  });

  it('is for five minutes where nobody says for how long', () => {
    const plain = usageIn('anthropic-messages', { input_tokens: 50, cache_creation_input_tokens: 1_000, output_tokens: 10 });

    // 50 × 3 + 1,000 × 3.75 + 10 × 15 = 150 + 3,750 + 150
    expect(costAt(listed('anthropic', 'claude-sonnet-4-5'), plain)).toBe(millionths('4,050'));
  });
});

describe('long context', () => {
  // https://platform.claude.com/docs/en/about-claude/pricing: up to 200K input 3 and 15, above 6 and 22.50 for all of the call
  it('begins above 200,000 tokens of input at Anthropic, whatever kind of input', () => {
    const sonnet = listed('anthropic', 'claude-sonnet-4-5');

    // 200,000 × 3 + 2,000 × 15 = 600,000 + 30,000
    expect(costAt(sonnet, { input: 200_000, output: 2_000 })).toBe(millionths('630,000'));
    // 200,001 × 6 + 2,000 × 22.50 = 1,200,006 + 45,000
    expect(costAt(sonnet, { input: 200_001, output: 2_000 })).toBe(millionths('1,245,006'));
    // 1 × 6 + 150,000 × 0.60 + 40,000 × 7.50 + 10,000 × 12 + 2,000 × 22.50 = 6 + 90,000 + 300,000 + 120,000 + 45,000
    const cached = { input: 1, cacheRead: 150_000, cacheWrite5m: 40_000, cacheWrite1h: 10_000, output: 2_000 };
    expect(costAt(sonnet, cached)).toBe(millionths('555,006'));
  });

  // https://developers.openai.com/api/docs/pricing: 2.50, cached 0.25, and 15; beyond 272K 5, 0.50 and 22.50
  it('begins at 272,000 tokens of input at OpenAI', () => {
    const model = listed('openai', 'gpt-5.4');

    // 271,000 × 2.50 + 999 × 0.25 + 1,000 × 15 = 677,500 + 249.75 + 15,000
    expect(costAt(model, { input: 271_000, cacheRead: 999, output: 1_000 })).toBe(millionths('692,749.75'));
    // 272,001 × 5 + 1,000 × 22.50 = 1,360,005 + 22,500
    expect(costAt(model, { input: 272_001, output: 1_000 })).toBe(millionths('1,382,505'));
    // 100,000 × 5 + 200,000 × 0.50 + 1,000 × 22.50 = 500,000 + 100,000 + 22,500
    expect(costAt(model, { input: 100_000, cacheRead: 200_000, output: 1_000 })).toBe(millionths('622,500'));
  });

  // https://ai.google.dev/gemini-api/docs/pricing: 1.25 and 10, above 200k 2.50 and 15, cached a tenth of the input
  it('begins above 200,000 tokens of input at Google', () => {
    const gemini = listedAt('google', 'gemini-2.5-pro');

    // 200,000 × 1.25 + 1,000 × 10 = 250,000 + 10,000
    expect(costAt(gemini, { input: 200_000, output: 1_000 })).toBe(millionths('260,000'));
    // 100,001 × 2.50 + 100,000 × 0.25 + 1,000 × 15 = 250,002.5 + 25,000 + 15,000
    expect(costAt(gemini, { input: 100_001, cacheRead: 100_000, output: 1_000 })).toBe(millionths('290,002.5'));
  });
});

describe('service tiers', () => {
  it('cost half in a batch, of every bucket', () => {
    // https://developers.openai.com/api/docs/guides/batch: (86 × 2.50 + 1,920 × 1.25 + 300 × 10) / 2 = 5,615 / 2
    expect(costAt(listed('openai', 'gpt-4o'), { input: 86, cacheRead: 1_920, output: 300 }, 'batch')).toBe(millionths('2,807.5'));
    // https://platform.claude.com/docs/en/about-claude/pricing, batches at 1.50 and 7.50: 1,000 × 1.50 + 500 × 7.50 = 1,500 + 3,750
    expect(costAt(listed('anthropic', 'claude-sonnet-4-5'), { input: 1_000, output: 500 }, 'batch')).toBe(millionths('5,250'));
  });

  it('cost half in a batch of what is written to a cache and read from it, too', () => {
    // https://platform.claude.com/docs/en/build-with-claude/batch-processing: (2,048 × 3 + 1,800 × 0.30 + 148 × 3.75 + 100 × 6 + 503 × 15) / 2
    const cached = { input: 2_048, cacheRead: 1_800, cacheWrite5m: 148, cacheWrite1h: 100, output: 503 };
    expect(costAt(listed('anthropic', 'claude-sonnet-4-5'), cached, 'batch')).toBe(millionths('7,692'));
  });

  it('stack with long context', () => {
    // 300,000 × 3 + 1,000 × 11.25 = 900,000 + 11,250
    expect(costAt(listed('anthropic', 'claude-sonnet-4-5'), { input: 300_000, output: 1_000 }, 'batch')).toBe(millionths('911,250'));
  });

  it('cost double where they are faster', () => {
    // https://openai.com/api-priority-processing: gpt-5 at 2.50 and 20: 1,000 × 2.50 + 100 × 20 = 2,500 + 2,000
    expect(costAt(listed('openai', 'gpt-5'), { input: 1_000, output: 100 }, 'priority')).toBe(millionths('4,500'));
  });
});
