import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { chargeOf, costOf, divideHalfEven, type Price, type PricedModel } from '../../core/price.js';
import type { ProviderType } from '../../core/provider.js';
import { BUCKETS, inputTokensOf, NO_USAGE, outputTokensOf, type Usage } from '../../core/usage.js';
import { CODECS } from '../../dialects/index.js';
import { PriceBook } from '../price-book.js';
import { loadGenaiPrices } from './genai-prices.js';
import { OperatorPrices } from './operator-price.js';
import { completePrice } from './stated-price.js';

const NOON = Date.parse('2026-11-20T12:00:00Z');
const NO_AUDIO = { audioInput: 0n, audioOutput: 0n };
const bundled = await loadGenaiPrices();
const book = new PriceBook(new OperatorPrices({ prices: [], costPerToken: { exact: [], families: [] } }), bundled);

/** Millionths of a US dollar, as prices per million tokens make them, in nano-dollars; written as text, so that nothing is a float. */
function millionths(text: string): bigint {
  const [whole = '', fraction = ''] = text.replaceAll(',', '').split('.');
  return BigInt(whole + fraction.padEnd(3, '0'));
}

const costAt = (model: PricedModel | undefined, usage: Partial<Usage>, serviceTier?: string): bigint | undefined =>
  model && chargeOf(model, { ...NO_USAGE, ...usage }, serviceTier).costNanoUsd;

const listed = (type: ProviderType, model: string, atMs = NOON): PricedModel => {
  const found = book.find({ name: type, type }, model, atMs);
  if (!found) throw new Error(`${type} has no ${model}`);
  return found;
};

/** What our reader of a dialect makes of a provider's whole answer. */
function usageIn(dialect: 'openai-chat' | 'openai-responses' | 'anthropic-messages', usage: object): Usage {
  let found: Usage | undefined;
  const decoder = CODECS[dialect].decoder(false, (event) => {
    if (event.kind === 'usage') found = event.usage;
  });
  decoder.read(Buffer.from(JSON.stringify({ ...ANSWERS[dialect], usage })));
  decoder.end();
  return found!;
}

const ANSWERS = {
  'openai-chat': {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model: 'm',
    choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
  },
  'openai-responses': {
    id: 'resp_1',
    object: 'response',
    created_at: 1,
    model: 'm',
    status: 'completed',
    output: [
      {
        type: 'message',
        id: 'msg_1',
        role: 'assistant',
        status: 'completed',
        content: [{ type: 'output_text', text: 'Hi', annotations: [] }],
      },
    ],
  },
  'anthropic-messages': {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'm',
    content: [{ type: 'text', text: 'Hi' }],
    stop_reason: 'end_turn',
    stop_sequence: null,
  },
};

describe('cached input', () => {
  // The answer and the prices of https://openai.com/index/api-prompt-caching/
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
  ])('of %s costs half', (model, cost) => {
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
    const [rate] = bundled.findModel('google', 'gemini-2.5-pro')!.rates;
    const tiers = rate!.tiers.map(({ aboveInputTokens, stated }) => ({ aboveInputTokens, price: completePrice(stated, NO_AUDIO)! }));
    const gemini = { id: 'gemini', version: 'test', price: completePrice(rate!.base, NO_AUDIO)!, tiers };

    // 200,000 × 1.25 + 1,000 × 10 = 250,000 + 10,000
    expect(costAt(gemini, { input: 200_000, output: 1_000 })).toBe(millionths('260,000'));
    // 100,001 × 2.50 + 100,000 × 0.25 + 1,000 × 15 = 250,002.5 + 25,000 + 15,000
    expect(costAt(gemini, { input: 100_001, cacheRead: 100_000, output: 1_000 })).toBe(millionths('290,002.5'));
  });
});

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
});

describe('service tiers', () => {
  it('cost half in a batch, of every bucket', () => {
    // https://developers.openai.com/api/docs/guides/batch: (86 × 2.50 + 1,920 × 1.25 + 300 × 10) / 2 = 5,615 / 2
    expect(costAt(listed('openai', 'gpt-4o'), { input: 86, cacheRead: 1_920, output: 300 }, 'batch')).toBe(millionths('2,807.5'));
    // https://platform.claude.com/docs/en/about-claude/pricing, batches at 1.50 and 7.50: 1,000 × 1.50 + 500 × 7.50 = 1,500 + 3,750
    expect(costAt(listed('anthropic', 'claude-sonnet-4-5'), { input: 1_000, output: 500 }, 'batch')).toBe(millionths('5,250'));
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

it('embeddings pay for what goes in alone', () => {
  // https://developers.openai.com/api/docs/pricing: text-embedding-3-small at 0.02: 8 × 0.02
  expect(costAt(listed('openai', 'text-embedding-3-small'), { input: 8 })).toBe(millionths('0.16'));
});

const TOKENS = fc.oneof(fc.nat(2_000), fc.nat(2_000_000));
const USAGE: fc.Arbitrary<Usage> = fc.record({
  ...(Object.fromEntries(BUCKETS.map((bucket) => [bucket, TOKENS])) as Record<(typeof BUCKETS)[number], fc.Arbitrary<number>>),
  reasoning: fc.constant(0),
});
const PRICE: fc.Arbitrary<Price> = fc.record(
  Object.fromEntries(BUCKETS.map((bucket) => [bucket, fc.bigInt(0n, 200_000_000n)])) as Record<
    (typeof BUCKETS)[number],
    fc.Arbitrary<bigint>
  >,
);
const LISTED = (['openai', 'anthropic', 'openrouter', 'deepseek'] as const).flatMap((type) =>
  book.catalogue({ name: type, type }, NOON).flatMap(({ id, priced }) => (priced ? [{ name: `${type}:${id}`, priced }] : [])),
);

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

  it('the exact amounts of the parts sum to the whole, which is rounded once', () => {
    fc.assert(
      fc.property(USAGE, PRICE, fc.bigInt(1n, 9n), fc.bigInt(1n, 9n), (usage, price, numerator, denominator) => {
        const pico = BUCKETS.map((bucket) => BigInt(usage[bucket]) * price[bucket]).reduce((sum, part) => sum + part, 0n);
        const whole = costOf(usage, price, { numerator, denominator });

        expect(whole).toBe(divideHalfEven(pico * numerator, 1_000n * denominator));
        // Off by half a nano-dollar at most.
        const off = 2n * (whole * 1_000n * denominator - pico * numerator);
        expect(off <= 1_000n * denominator && -off <= 1_000n * denominator).toBe(true);
      }),
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
