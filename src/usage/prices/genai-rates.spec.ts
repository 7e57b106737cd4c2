import { describe, expect, it } from '@jest/globals';
import { toStatedRates } from './genai-rates.js';
import type { StatedRates } from './stated-price.js';

const at = (rates: StatedRates, time: string) =>
  rates.find(({ holdsAt }) => holdsAt === undefined || holdsAt(Date.parse(time)))?.base.input;

describe('toStatedRates', () => {
  it('turns US dollars per million into whole pico-dollars per token', () => {
    const { rates, isRounded } = toStatedRates({
      prices: { input_mtok: 0.0028, cache_read_mtok: 0.01875, output_mtok: 10, web_searches_kcount: 10 },
    });

    expect(rates).toEqual([{ holdsAt: undefined, base: { input: 2_800n, cacheRead: 18_750n, output: 10_000_000n }, tiers: [] }]);
    expect(isRounded).toBe(false);
  });

  it('knows a fee in US dollars per thousand calls, and a price for reasoning', () => {
    const { rates } = toStatedRates({ prices: { input_mtok: 2, output_mtok: 8, output_reasoning_mtok: 3, requests_kcount: 14 } });

    expect(rates[0]?.base).toEqual({ input: 2_000_000n, output: 8_000_000n, reasoning: 3_000_000n, request: 14_000_000_000n });
  });

  it('writes out a tier for every bucket, tiered or not', () => {
    const { rates } = toStatedRates({
      prices: {
        input_mtok: { base: 0.2, tiers: [{ start: 128_000, price: 0.4 }] },
        cache_read_mtok: 0.05,
        output_mtok: { base: 0.5, tiers: [{ start: 128_000, price: 1 }] },
      },
    });

    expect(rates[0]?.base).toEqual({ input: 200_000n, cacheRead: 50_000n, output: 500_000n });
    expect(rates[0]?.tiers).toEqual([{ aboveInputTokens: 128_000, stated: { input: 400_000n, cacheRead: 50_000n, output: 1_000_000n } }]);
  });

  it('starts a price on its date, at midnight UTC', () => {
    const { rates } = toStatedRates({
      prices: [{ prices: { input_mtok: 10 } }, { constraint: { type: 'start_date', start_date: '2025-06-10' }, prices: { input_mtok: 2 } }],
    });

    expect(at(rates, '2025-06-09T23:59:59.999Z')).toBe(10_000_000n);
    expect(at(rates, '2025-06-10T00:00:00Z')).toBe(2_000_000n);
  });

  it('follows the time of day, from its first second up to its last', () => {
    const { rates } = toStatedRates({
      prices: [
        { prices: { input_mtok: 1 } },
        { constraint: { type: 'time_of_date', start_time: '00:30:00Z', end_time: '16:30:00Z' }, prices: { input_mtok: 2 } },
      ],
    });

    expect(at(rates, '2026-05-01T00:29:59.999Z')).toBe(1_000_000n);
    expect(at(rates, '2026-05-01T00:30:00Z')).toBe(2_000_000n);
    expect(at(rates, '2026-05-01T16:29:59.999Z')).toBe(2_000_000n);
    expect(at(rates, '2026-05-01T16:30:00Z')).toBe(1_000_000n);
  });

  it('follows a time of day that spans midnight, or is given in another zone', () => {
    const { rates } = toStatedRates({
      prices: [
        { prices: { input_mtok: 1 } },
        { constraint: { type: 'time_of_date', start_time: '06:00:00+08:00', end_time: '10:00:00+08:00' }, prices: { input_mtok: 2 } },
      ],
    });

    expect(at(rates, '2026-05-01T21:59:59Z')).toBe(1_000_000n);
    expect(at(rates, '2026-05-01T22:00:00Z')).toBe(2_000_000n);
    expect(at(rates, '2026-05-02T01:59:59Z')).toBe(2_000_000n);
    expect(at(rates, '2026-05-02T02:00:00Z')).toBe(1_000_000n);
  });

  it('lets the last entry that holds win', () => {
    const { rates } = toStatedRates({
      prices: [
        { prices: { input_mtok: 1 } },
        { constraint: { type: 'start_date', start_date: '2026-08-17' }, prices: { input_mtok: 2 } },
        { constraint: { type: 'time_of_date', start_time: '01:00:00Z', end_time: '04:00:00Z' }, prices: { input_mtok: 3 } },
      ],
    });

    expect(at(rates, '2026-08-16T12:00:00Z')).toBe(1_000_000n);
    expect(at(rates, '2026-08-18T12:00:00Z')).toBe(2_000_000n);
    expect(at(rates, '2026-08-18T02:00:00Z')).toBe(3_000_000n);
  });
});
