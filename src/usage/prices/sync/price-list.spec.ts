import { describe, expect, it } from '@jest/globals';
import { NoPriceList, readPriceList } from './price-list.js';

const USUAL = { id: 'a/usual', pricing: { prompt: '0.0000025', completion: '0.00001' } };
const read = (...data: readonly unknown[]) => readPriceList({ data: [USUAL, ...data] });
const ratesOf = (pricing: object) => read({ id: 'a/b', pricing }).rates.get('a/b');
const reasonOf = (pricing: unknown) => read({ id: 'a/b', pricing }).skipped.find(({ model }) => model === 'a/b')?.reason;

describe('readPriceList', () => {
  it('reads each price as the digits that it is written in', () => {
    const pricing = {
      prompt: '0.000003',
      completion: '1.5e-5',
      request: '0.005',
      image: '0.0048',
      image_token: '0.000004',
      audio: '0.00004',
      audio_output: '0.00008',
      web_search: '0.01',
      internal_reasoning: '0.000012',
      input_cache_read: '0.00000030',
      input_cache_write: '0.00000375',
      input_cache_write_1h: '0.000006',
    };

    expect(ratesOf(pricing)).toEqual({
      input: 3_000_000n,
      output: 15_000_000n,
      request: 5_000_000_000n,
      image: 4_000_000n,
      audioInput: 40_000_000n,
      audioOutput: 80_000_000n,
      reasoning: 12_000_000n,
      cacheRead: 300_000n,
      cacheWrite5m: 3_750_000n,
      cacheWrite1h: 6_000_000n,
    });
  });

  it('takes nothing for reasoning, a cache or a call to mean that it has no price of its own, and not that it is free', () => {
    const pricing = {
      prompt: '0.000001',
      completion: '0.000002',
      request: '0',
      internal_reasoning: '0',
      input_cache_read: '0',
      audio: null,
    };

    expect(ratesOf(pricing)).toEqual({ input: 1_000_000n, output: 2_000_000n });
    expect(ratesOf({ prompt: '0', completion: '0', request: '0' })).toEqual({ input: 0n, output: 0n });
  });

  it('raises what is finer than a pico-dollar, and says of which model', () => {
    const { rates, roundedUp } = read({ id: 'a/b', pricing: { ...USUAL.pricing, input_cache_write: '0.0000000833333333333333' } });

    expect(rates.get('a/b')?.cacheWrite5m).toBe(83_334n);
    expect(roundedUp).toEqual(['a/b']);
  });

  it.each<[string, unknown]>([
    ['has no fixed price', { prompt: '-1', completion: '-1' }],
    ['has no fixed price', { ...USUAL.pricing, request: '-1' }],
    ['has prices that depend on conditions', { ...USUAL.pricing, overrides: [{ min_prompt_tokens: 200_000, prompt: '0.000005' }] }],
    ['has prices that depend on conditions', { ...USUAL.pricing, overrides: { tiers: 2 } }],
    ['has a discount', { ...USUAL.pricing, discount: 0.5 }],
    ['does not say what its input and output cost', { prompt: '0.000001' }],
    ['does not say what its input and output cost', { prompt: 0.000_001, completion: '0.000001' }],
    ['is no amount in decimals', { prompt: 'a lot', completion: '0.1' }],
    ['is no amount in decimals', { prompt: '', completion: '0' }],
    ['is no amount in decimals', { prompt: 'NaN', completion: '0' }],
    ['is no amount in decimals', { prompt: '0x10', completion: '0' }],
    ['is no amount in decimals', { ...USUAL.pricing, input_cache_read: 0.000_001 }],
    ['has an absurd price for `prompt`', { prompt: '2.5', completion: '10' }],
    ['has an absurd price for `completion`', { prompt: '0', completion: '1e99' }],
    ['has an absurd price for `request`', { ...USUAL.pricing, request: '10.01' }],
    ['is not sold by the token', { prompt: '0', completion: '0', image_output: '0.04' }],
    ['has no prices', undefined],
    ['has no prices', []],
  ])('skips a model that %s: %j', (reason, pricing) => {
    expect(reasonOf(pricing)).toContain(reason);
    expect(read({ id: 'a/b', pricing }).rates).toEqual(new Map([['a/usual', { input: 2_500_000n, output: 10_000_000n }]]));
  });

  it.each([null, 7, 'text', [], { ...USUAL, id: 7 }, { ...USUAL, id: 'two words' }, { ...USUAL, id: '' }, { pricing: USUAL.pricing }])(
    'skips an entry that is no model: %j',
    (entry) => {
      const { rates, skipped } = read(entry);

      expect([rates.size, skipped.length]).toEqual([1, 1]);
    },
  );

  it('skips the second of a name', () => {
    const { rates, skipped } = read({ ...USUAL, pricing: { prompt: '0', completion: '0' } });

    expect(rates.get('a/usual')?.input).toBe(2_500_000n);
    expect(skipped).toEqual([{ model: 'a/usual', reason: 'is listed twice' }]);
  });

  it.each([null, [], {}, { data: null }, { data: {} }, { data: [] }, { data: [{ id: 'a/b' }] }, { error: { message: 'no' } }, 'a list'])(
    'is refused where it is no list: %j',
    (answer) => {
      expect(() => readPriceList(answer)).toThrow(NoPriceList);
    },
  );
});
