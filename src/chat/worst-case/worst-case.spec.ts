import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ClientDialectName, DialectName } from '../../core/call.js';
import { costOf, type Price, type PricedModel, priceFor } from '../../core/price.js';
import type { Provider, ProviderType } from '../../core/provider.js';
import type { PricedTarget } from '../../core/target.js';
import { NO_USAGE } from '../../core/usage.js';
import { DIALECTS } from '../../dialects/index.js';
import { affordableOutput, textsToCount, tightened, worstCaseOf } from './worst-case.js';

const BUDGETED = { isBudgeted: true };
const MILLION = 1_000_000n;
/** US$2.50 and US$10 per million tokens, as GPT-4o costs. */
const GPT_4O: Price = {
  input: 2_500_000n,
  cacheRead: 1_250_000n,
  cacheWrite5m: 2_500_000n,
  cacheWrite1h: 2_500_000n,
  output: 10n * MILLION,
  audioInput: 40n * MILLION,
  audioOutput: 80n * MILLION,
  image: 2_500_000n,
};
/** US$3 and US$15, writes at 1.25 and twice the price of input: Claude Sonnet's, with its tier above 200,000 tokens. */
const SONNET: Price = {
  ...GPT_4O,
  input: 3n * MILLION,
  cacheWrite5m: 3_750_000n,
  cacheWrite1h: 6n * MILLION,
  output: 15n * MILLION,
  image: 3n * MILLION,
};
const FREE = Object.fromEntries(Object.keys(GPT_4O).map((bucket) => [bucket, 0n])) as unknown as Price;

interface Place {
  readonly type?: ProviderType;
  readonly name?: string;
  readonly model?: string;
  readonly dialects?: readonly DialectName[];
  readonly price?: Price | undefined;
  readonly tiers?: PricedModel['tiers'];
  readonly trusts?: boolean;
}

function target(place: Place = {}): PricedTarget {
  const { type = 'openai', name = type, model = 'gpt-4o', dialects = ['openai-chat', 'openai-responses', 'embeddings'] } = place;
  const price = 'price' in place ? place.price : GPT_4O;
  const provider = { name, type, dialects, trustsUnknownFields: place.trusts ?? false, defaultMaxTokens: () => 4_096 };
  return {
    provider: provider as unknown as Provider,
    model,
    priced: price && { price, ...(place.tiers && { tiers: place.tiers }), version: 'test', id: 'test' },
  } as PricedTarget;
}
const claude = (place: Place = {}): PricedTarget =>
  target({ type: 'anthropic', model: 'claude-sonnet-4-5', dialects: ['anthropic-messages'], price: SONNET, ...place });
/** Of a model of which nothing is known but its price. */
const unknown = (place: Place = {}): PricedTarget =>
  target({ type: 'openai-compatible', model: 'mine', dialects: ['openai-chat'], ...place });

const HELLO = { messages: [{ role: 'user', content: 'hello' }] };

function request(body: Record<string, unknown> = {}, dialect: ClientDialectName = 'openai-chat') {
  const input = dialect === 'embeddings' || dialect === 'openai-responses' ? { input: 'hello' } : HELLO;
  const text = JSON.stringify({ model: 'm', ...input, ...body });
  return DIALECTS[dialect].parse({ raw: Buffer.from(text), text, parsed: JSON.parse(text) });
}
const bound = (body: Record<string, unknown> = {}, ...targets: PricedTarget[]) =>
  worstCaseOf(request(body), targets.length > 0 ? targets : [target()], BUDGETED);
const messages = (body: Record<string, unknown> = {}, ...targets: PricedTarget[]) =>
  worstCaseOf(request({ max_tokens: 100, ...body }, 'anthropic-messages'), targets.length > 0 ? targets : [claude()], BUDGETED);
const says = (...content: unknown[]) => ({ messages: [{ role: 'user', content }] });

describe('the worst case', () => {
  it('is the price of all that goes in and of the longest answer, rounded up', () => {
    const { inputTokens, outputTokens, costNanoUsd, leastCostNanoUsd, limitGiven, tokens } = bound({ max_tokens: 100 });

    expect({ outputTokens, limitGiven }).toEqual({ outputTokens: 100, limitGiven: true });
    expect(costNanoUsd).toBe(BigInt(inputTokens) * 2_500n + 100n * 10_000n);
    expect(leastCostNanoUsd).toBe(costNanoUsd);
    expect(tokens).toBe(inputTokens + 100);
    expect(bound({ max_tokens: 1 }, target({ price: { ...FREE, output: 1n } })).costNanoUsd).toBe(1n);
  });

  it('is at least what the call turns out to cost, whatever of its input was cached and whatever tier it fell into', () => {
    const bucket = fc.bigInt({ min: 0n, max: 10n ** 8n });
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    const apart = fc.option(bucket, { nil: undefined });
    const buckets = Object.fromEntries(Object.keys(GPT_4O).map((name) => [name, bucket]));
    const price = fc.record({ ...buckets, reasoning: apart, request: apart }) as unknown as fc.Arbitrary<Price>;
    const dearer = (cheap: Price): Price =>
      Object.fromEntries(Object.entries(cheap).map(([name, pico]) => [name, pico && pico * 2n])) as unknown as Price;
    fc.assert(
      fc.property(
        price,
        fc.integer({ min: 0, max: 3_000 }),
        fc.integer({ min: 1, max: 500 }),
        fc.integer({ min: 1, max: 4 }),
        fc.tuple(share, share),
        (cheap, threshold, limit, n, [taken, thought]) => {
          const place = target({ price: cheap, tiers: [{ aboveInputTokens: threshold, price: dearer(cheap) }] });
          const worst = bound({ max_tokens: limit, n }, place);
          const input = Math.floor(worst.inputTokens * taken);
          const output = limit * n;
          const [cacheWrite5m, cacheRead, reasoning] = [input >> 2, input >> 2, Math.floor(output * thought)];
          const usage = { ...NO_USAGE, input: input >> 1, cacheWrite5m, cacheRead, output, reasoning };

          expect(worst.costNanoUsd).toBeGreaterThanOrEqual(costOf(usage, priceFor(place.priced!, usage)));
        },
      ),
    );
  });

  it('has the fee of a call once, and an answer that is all reasoning', () => {
    const plain = bound({ max_tokens: 100, n: 3 });
    const dearer = bound({ max_tokens: 100, n: 3 }, target({ price: { ...GPT_4O, reasoning: 12n * MILLION, request: 5_000_000_000n } }));

    expect(dearer.costNanoUsd - plain.costNanoUsd).toBe(3n * 100n * 2_000n + 5_000_000n);
    expect(affordableOutput(dearer, target(), 5_000_000n)).toBe(0);
  });

  it('grows with the prompt, the limit and the number of answers', () => {
    const cost = (content: string, limit: number, n: number) =>
      bound({ messages: [{ role: 'user', content }], max_tokens: limit, n }).costNanoUsd;
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.nat(9_000), fc.nat(9_000), fc.integer({ min: 1, max: 100 }), (a, b, limit, more, n) => {
        expect(cost(a + b, limit + more + 1, n + 1)).toBeGreaterThanOrEqual(cost(a, limit + 1, n));
      }),
    );
  });

  it('is that of the dearest target, whichever it is', () => {
    const cheap = bound({ max_tokens: 100 }, target());
    const dear = bound({ max_tokens: 100 }, target({ name: 'other', price: { ...GPT_4O, output: 90n * MILLION } }));

    expect(bound({ max_tokens: 100 }, target(), target({ name: 'other', price: { ...GPT_4O, output: 90n * MILLION } }))).toMatchObject({
      costNanoUsd: dear.costNanoUsd,
    });
    expect(dear.costNanoUsd).toBeGreaterThan(cheap.costNanoUsd);
  });

  it('is at the dearest tier that so much input reaches, and at no other', () => {
    const tiers = [{ aboveInputTokens: 200_000, price: { ...SONNET, input: 6n * MILLION, output: 22_500_000n } }];
    const short = messages({}, claude({ tiers }));
    const long = messages(says({ type: 'text', text: 'x'.repeat(200_001) }), claude({ tiers }));

    expect(short.costNanoUsd).toBe(BigInt(short.inputTokens) * 3_000n + 100n * 15_000n);
    expect(long.costNanoUsd).toBe(BigInt(long.inputTokens) * 6_000n + 100n * 22_500n);
  });

  it('has the price of writing to a cache where the request marks something for it', () => {
    const marked = (ttl?: string) => messages(says({ type: 'text', text: 'a', cache_control: { type: 'ephemeral', ttl } }));
    const [plain, short, long] = [messages(), marked(), marked('1h')];

    expect(plain.costNanoUsd).toBe(BigInt(plain.inputTokens) * 3_000n + 1_500_000n);
    expect(short.costNanoUsd).toBe(BigInt(short.inputTokens) * 3_750n + 1_500_000n);
    expect(long.costNanoUsd).toBe(BigInt(long.inputTokens) * 6_000n + 1_500_000n);
  });

  it('has it at OpenAI without a mark, for that caches by itself', () => {
    const { inputTokens, costNanoUsd } = bound({ max_tokens: 1 }, target({ price: { ...GPT_4O, cacheWrite5m: 3_125_000n } }));

    expect(costNanoUsd).toBe(BigInt(inputTokens) * 3_125n + 10_000n);
  });

  it('never has more input than the context window', () => {
    expect(bound({ messages: [{ role: 'user', content: 'x'.repeat(500_000) }], max_tokens: 1 }).inputTokens).toBe(128_000);
  });

  it('counts pictures by their provider’s rule and not by their bytes', () => {
    const picture = { type: 'image_url', image_url: { url: `data:image/png;base64,${'A'.repeat(50_000)}` } };
    const [none, one] = [bound(says({ type: 'text', text: 'a' })), bound(says({ type: 'text', text: 'a' }, picture))];

    expect(one.inputTokens - none.inputTokens).toBeGreaterThanOrEqual(1_445);
    expect(one.inputTokens - none.inputTokens).toBeLessThan(1_445 + 300);
  });

  it('has the price of sound for sound', () => {
    const sound = { type: 'input_audio', input_audio: { data: Buffer.alloc(60_000).toString('base64'), format: 'mp3' } };
    const { inputTokens, costNanoUsd } = bound({ ...says(sound), max_tokens: 1 });

    expect(costNanoUsd).toBe(BigInt(inputTokens - 601) * 2_500n + 601n * 40_000n + 10_000n);
  });

  it('has the price of spoken answers where the answer may be spoken', () => {
    const { inputTokens, costNanoUsd } = bound({ modalities: ['text', 'audio'], max_tokens: 10 });

    expect(costNanoUsd).toBe(BigInt(inputTokens) * 2_500n + 10n * 80_000n);
  });

  it('has what a prediction may waste, for each answer', () => {
    const { inputTokens, costNanoUsd } = bound({ prediction: { type: 'content', content: 'x'.repeat(50) }, max_tokens: 10, n: 2 });

    expect(costNanoUsd).toBe(BigInt(inputTokens) * 2_500n + 2n * (10n + 50n) * 10_000n);
  });

  it('has the whole window for a document and for what is kept at the provider', () => {
    const document = { type: 'document', source: { type: 'url', url: 'https://x/a.pdf' } };

    expect(messages(says(document)).inputTokens).toBe(1_000_000);
    expect(worstCaseOf(request({ previous_response_id: 'resp_1' }, 'openai-responses'), [target()], BUDGETED).inputTokens).toBe(128_000);
  });

  it('has what Anthropic tells its models about tools', () => {
    const tools = [{ name: 'f', input_schema: { type: 'object' } }];

    expect(messages({ tools }).inputTokens - messages().inputTokens).toBeGreaterThan(530);
  });

  it('has no answer for embeddings', () => {
    const place = target({ model: 'text-embedding-3-small', price: { ...FREE, input: 20_000n } });
    const { inputTokens, outputTokens, costNanoUsd, leastCostNanoUsd } = worstCaseOf(request({}, 'embeddings'), [place], BUDGETED);

    expect(outputTokens).toBe(0);
    expect(costNanoUsd).toBe((BigInt(inputTokens) * 20n * 1_000n + 999n) / 1_000n);
    expect(leastCostNanoUsd).toBe(costNanoUsd);
  });

  it('stays below 2^53, whatever limit a caller writes', () => {
    const place = unknown({ price: { ...GPT_4O, output: 10n ** 12n } });

    expect(bound({ max_tokens: Number.MAX_SAFE_INTEGER, n: 128 }, place).costNanoUsd).toBe(2n ** 53n - 1n);
  });
});

describe('the longest answer', () => {
  it('is the client’s limit, but never more than the model can say', () => {
    expect(bound({ max_completion_tokens: 50 }).outputTokens).toBe(50);
    expect(bound({ max_tokens: 1_000_000 }).outputTokens).toBe(16_384);
  });

  it('is without a limit what the model can say', () => {
    expect(bound()).toMatchObject({ outputTokens: 16_384, limitGiven: false });
  });

  it('is what a translated body says, where its dialect demands a limit', () => {
    expect(bound({}, claude())).toMatchObject({ outputTokens: 4_096 });
  });

  it('is the provider’s usual limit where nobody knows the model, and must then be set', () => {
    const worst = bound({}, unknown());

    expect(worst.outputTokens).toBe(4_096);
    expect(affordableOutput(worst, unknown(), worst.costNanoUsd)).toBe(4_096);
    expect(affordableOutput(bound(), target(), bound().costNanoUsd)).toBeUndefined();
  });

  it('is not cut where it costs nothing', () => {
    const place = target({ type: 'ollama', model: 'llama', price: FREE });
    const worst = bound({}, place);

    expect(worst).toMatchObject({ costNanoUsd: 0n, leastCostNanoUsd: 0n });
    expect(affordableOutput(worst, place, 0n)).toBeUndefined();
  });
});

describe('what a rate of tokens is charged', () => {
  it('is an answer of usual length where the caller has set no limit', () => {
    const { inputTokens, tokens } = bound({ n: 2 });

    expect(tokens).toBe(inputTokens + 2 * 4_096);
    expect(worstCaseOf(request({ n: 2 }), [target({ price: undefined })], { isBudgeted: false }).tokens).toBe(tokens);
  });

  it('is told without a budget for any call', () => {
    const free = { isBudgeted: false };
    const body = { brand_new: 1, service_tier: 'priority', ...says({ type: 'file', file: { file_id: 'f' } }), max_tokens: 10 };

    expect(worstCaseOf(request(body), [unknown({ price: undefined })], free)).toMatchObject({ costNanoUsd: 0n });
    expect(worstCaseOf(request(body), [target()], free).tokens).toBeLessThan(10_000);
  });
});

describe('cutting an answer to what is affordable', () => {
  it('is allowed where the caller set no limit, or asks for it', () => {
    const cost = ({ inputTokens }: { inputTokens: number }, tokens: number) => BigInt(inputTokens) * 2_500n + BigInt(tokens) * 10_000n;

    expect(bound().leastCostNanoUsd).toBe(cost(bound(), 16));
    expect(bound({ n: 3 }).leastCostNanoUsd).toBe(cost(bound({ n: 3 }), 48));
    expect(bound({ max_tokens: 900, clamp: true }).leastCostNanoUsd).toBe(cost(bound({ max_tokens: 900, clamp: true }), 16));
    expect(bound({ max_tokens: 9, clamp: true }).leastCostNanoUsd).toBe(cost(bound({ max_tokens: 9, clamp: true }), 9));
    expect(bound({ max_tokens: 900, clamp: false }).leastCostNanoUsd).toBe(bound({ max_tokens: 900, clamp: false }).costNanoUsd);
  });

  it('leaves room for the thinking that the answer must be longer than', () => {
    const worst = messages({ max_tokens: 4_000, clamp: true, thinking: { type: 'enabled', budget_tokens: 1_024 } });

    expect(affordableOutput(worst, claude(), worst.leastCostNanoUsd)).toBe(1_040);
  });

  it('costs no more than is held, on every target, and not a token less than that buys', () => {
    const places = [target(), claude(), unknown(), unknown({ name: 'b', price: { ...GPT_4O, output: 7n, input: 3n } })];
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20_000 }),
        fc.boolean(),
        fc.integer({ min: 1, max: 5 }),
        fc.bigInt(0n, 1_000n),
        (limit, given, n, share) => {
          const body = { n, ...(given ? { max_tokens: limit, clamp: true } : {}) };
          const worst = bound(body, ...places);
          const held = worst.leastCostNanoUsd + ((worst.costNanoUsd - worst.leastCostNanoUsd) * share) / 1_000n;
          for (const place of places) {
            const most = affordableOutput(worst, place, held);
            const at = worst.targets.find(({ provider }) => provider === place.provider.name)!;
            const pico = (tokens: number): bigint => at.inputPico + BigInt(tokens) * at.outputPico;

            expect(pico(most ?? at.outputTokens)).toBeLessThanOrEqual(held * 1_000n);
            expect(most ?? 1).toBeGreaterThanOrEqual(1);
            expect(most === undefined || most === at.outputTokens || pico(most + 1) > held * 1_000n).toBe(true);
          }
        },
      ),
    );
  });

  it('is nothing for a target that is not among those that were bounded', () => {
    expect(affordableOutput(bound(), unknown(), 0n)).toBeUndefined();
  });
});

describe('a call under a budget', () => {
  const refusal = (body: Record<string, unknown>, place: PricedTarget): unknown => {
    try {
      return bound(body, place);
    } catch (error) {
      return error;
    }
  };

  it('is refused where its model has no price', () => {
    expect(refusal({}, target({ price: undefined }))).toMatchObject({
      kind: 'forbidden',
      message: expect.stringMatching(/^The model `gpt-4o` has no price, so a key with a budget cannot call it\./),
      details: { param: 'model' },
    });
    expect(() => bound({}, target(), target({ name: 'x', price: undefined }))).toThrow('has no price');
  });

  it('is refused for a field that can make it dearer, by the field’s name', () => {
    expect(refusal({ web_search_options: {} }, target({ trusts: true }))).toMatchObject({
      kind: 'unsupported_parameter',
      message: expect.stringContaining('`web_search_options`'),
      details: { param: 'web_search_options' },
    });
  });

  it('is refused for a field that nobody knows, unless the provider is trusted with such', () => {
    expect(refusal({ brand_new: 1 }, target())).toMatchObject({ kind: 'unsupported_parameter', details: { param: 'brand_new' } });
    expect(refusal({ brand_new: 1 }, target({ trusts: true }))).toMatchObject({ limitGiven: false });
  });

  it('is not refused for what a translated body does not carry, but for what it does', () => {
    expect(refusal({ brand_new: 1, plugins: [{ id: 'web' }] }, claude())).toMatchObject({ limitGiven: false });
    expect(refusal({ service_tier: 'priority' }, claude())).toMatchObject({ details: { param: 'service_tier' } });
  });

  it('is refused where tokens cost nothing and the call or its reasoning does', () => {
    for (const price of [
      { ...FREE, request: 1n },
      { ...FREE, reasoning: 1n },
    ]) {
      expect(refusal({ brand_new: 1 }, target({ type: 'ollama', price }))).toMatchObject({ kind: 'unsupported_parameter' });
    }
  });

  it('is refused for no field where nothing costs anything, but at OpenRouter', () => {
    expect(refusal({ brand_new: 1 }, target({ type: 'ollama', price: FREE }))).toMatchObject({ costNanoUsd: 0n });
    expect(refusal({ plugins: [{ id: 'web' }] }, target({ type: 'openrouter', model: 'a/b:free', price: FREE }))).toMatchObject({
      details: { param: 'plugins' },
    });
  });

  it.each(['openai/gpt-4o:online', 'openai/gpt-4o:nitro', 'openai/gpt-4o@preset/x', 'perplexity/sonar', 'gpt-4o-search-preview'])(
    'is refused for a name like %s, which stands for more than a model',
    (model) => {
      expect(refusal({}, target({ type: 'openrouter', model }))).toMatchObject({
        kind: 'unsupported_parameter',
        details: { param: 'model' },
      });
    },
  );

  it('is refused for a document where nobody knows how much the model reads', () => {
    const body = says({ type: 'file', file: { file_id: 'f' } });

    expect(refusal(body, unknown())).toMatchObject({
      kind: 'unsupported_parameter',
      message: expect.stringContaining('a document or file'),
    });
    expect(refusal(body, unknown({ price: FREE }))).toMatchObject({ costNanoUsd: 0n });
  });
});

describe('a bound that is counted anew', () => {
  const prose = {
    messages: [{ role: 'user', content: 'It was the best of times, it was the worst of times. '.repeat(100) }],
    max_tokens: 10,
  };

  it('is closer, and no longer a matter of bytes', () => {
    const worst = bound(prose);
    const countable = textsToCount(worst);
    const closer = tightened(
      worst,
      countable,
      countable.texts.map(() => 1_300),
    );

    expect(countable.texts).toEqual([prose.messages[0]!.content]);
    expect(closer.inputTokens).toBe(1_300 + worst.inputTokens - Buffer.byteLength(JSON.stringify({ model: 'm', ...prose })));
    expect(closer.costNanoUsd).toBeLessThan(worst.costNanoUsd);
  });

  it('is never more than before', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(100_000), (content, count) => {
        const worst = bound({ messages: [{ role: 'user', content }] });
        const countable = textsToCount(worst);

        expect(
          tightened(
            worst,
            countable,
            countable.texts.map(() => count),
          ).costNanoUsd,
        ).toBeLessThanOrEqual(worst.costNanoUsd);
      }),
    );
  });
});
