import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BUCKETS } from '../../core/usage.js';
import { completePrice } from './stated-price.js';

const SILENT = { audioInput: 0n, audioOutput: 0n };

describe('completePrice', () => {
  it('charges for a cache and for images what plain input costs, where nothing else is stated', () => {
    expect(completePrice({ input: 4n, output: 9n }, SILENT)).toMatchObject({
      cacheRead: 4n,
      cacheWrite5m: 4n,
      cacheWrite1h: 4n,
      image: 4n,
    });
    expect(completePrice({ input: 4n, output: 9n, cacheWrite5m: 5n }, SILENT)).toMatchObject({
      cacheRead: 4n,
      cacheWrite5m: 5n,
      cacheWrite1h: 5n,
    });
  });

  it('has reasoning and a fee only where they change what is charged', () => {
    expect(completePrice({ input: 4n, output: 9n, reasoning: 9n, request: 0n }, SILENT)).toEqual(
      completePrice({ input: 4n, output: 9n }, SILENT),
    );
    expect(completePrice({ input: 4n, output: 9n, reasoning: 0n, request: 7n }, SILENT)).toMatchObject({ reasoning: 0n, request: 7n });
  });

  it('never takes a fee for what sound could cost', () => {
    expect(completePrice({ input: 4n, output: 9n, request: 5_000n }, SILENT)).toMatchObject({ audioInput: 9n, audioOutput: 9n });
    expect(completePrice({ input: 4n, output: 9n, reasoning: 12n }, SILENT)).toMatchObject({ audioInput: 12n, audioOutput: 12n });
  });

  it('charges for sound the dearest that the model or its provider charges for anything like it', () => {
    expect(completePrice({ input: 4n, output: 9n }, { audioInput: 40n, audioOutput: 80n })).toMatchObject({
      audioInput: 40n,
      audioOutput: 80n,
    });
    expect(completePrice({ input: 4n, output: 9n }, SILENT)).toMatchObject({ audioInput: 9n, audioOutput: 9n });
    expect(completePrice({ input: 4n, output: 9n, audioInput: 5n }, { audioInput: 40n, audioOutput: 80n })).toMatchObject({
      audioInput: 5n,
    });
  });

  it('is no price where no token is priced', () => {
    expect(completePrice({}, { audioInput: 40n, audioOutput: 80n })).toBeUndefined();
    expect(completePrice({ cacheRead: 1n }, SILENT)).toBeUndefined();
  });

  it('leaves no bucket free unless one is stated to be', () => {
    const pico = fc.bigInt({ min: 1n, max: 10n ** 9n });
    const stated = fc.record(
      { input: pico, output: pico, cacheRead: pico, cacheWrite5m: pico, cacheWrite1h: pico, audioInput: pico, image: pico },
      { requiredKeys: [] },
    );

    fc.assert(
      fc.property(stated, (some) => {
        const price = completePrice(some, SILENT);

        expect(price === undefined || BUCKETS.every((bucket) => price[bucket] > 0n)).toBe(true);
        expect(price).toEqual(price === undefined ? undefined : expect.objectContaining(some));
      }),
    );
  });
});
