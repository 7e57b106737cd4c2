import { describe, expect, it } from '@jest/globals';
import { applyLayer, type PriceLayer, UNSTATED } from './price-layer.js';
import type { StatedRates } from './stated-price.js';

const layer = (own: Partial<PriceLayer>): PriceLayer => ({ version: 'admin', base: {}, tiers: [], ...own });
const LISTED: StatedRates = [
  {
    holdsAt: undefined,
    base: { input: 10n, cacheRead: 5n, output: 20n },
    tiers: [{ aboveInputTokens: 200, stated: { input: 100n, cacheRead: 50n, output: 200n } }],
  },
];

describe('applyLayer', () => {
  it('leaves the buckets that it does not state as they are, at every size', () => {
    expect(applyLayer(layer({ base: { output: 7n } }), LISTED)).toEqual([
      {
        holdsAt: undefined,
        base: { input: 10n, cacheRead: 5n, output: 7n },
        tiers: [{ aboveInputTokens: 200, stated: { input: 100n, cacheRead: 50n, output: 7n } }],
      },
    ]);
  });

  it('has a tier wherever either has one; what a tier leaves out costs what it does below', () => {
    const own = layer({
      base: { input: 1n },
      tiers: [
        { aboveInputTokens: 100, stated: { input: 2n } },
        { aboveInputTokens: 300, stated: { output: 3n } },
      ],
    });

    expect(applyLayer(own, LISTED)[0]?.tiers).toEqual([
      { aboveInputTokens: 100, stated: { input: 2n, cacheRead: 2n, output: 20n } },
      { aboveInputTokens: 200, stated: { input: 2n, cacheRead: 2n, output: 200n } },
      { aboveInputTokens: 300, stated: { input: 2n, cacheRead: 2n, output: 3n } },
    ]);
  });

  it('makes reading a cache no dearer than not reading it, unless it says so itself', () => {
    expect(applyLayer(layer({ base: { input: 1n } }), LISTED)[0]?.base).toEqual({ input: 1n, cacheRead: 1n, output: 20n });
    expect(applyLayer(layer({ base: { input: 1n, cacheRead: 2n } }), LISTED)[0]?.base.cacheRead).toBe(2n);
    expect(applyLayer(layer({ base: { input: 6n } }), LISTED)[0]?.base.cacheRead).toBe(5n);
  });

  it('means reasoning too where it prices output and says nothing of reasoning', () => {
    const lesser: StatedRates = [{ holdsAt: undefined, base: { output: 20n, reasoning: 8n, request: 5n }, tiers: [] }];

    expect(applyLayer(layer({ base: { output: 7n } }), lesser)[0]?.base).toEqual({ output: 7n, request: 5n });
    expect(applyLayer(layer({ base: { output: 7n, reasoning: 2n } }), lesser)[0]?.base).toEqual({ output: 7n, reasoning: 2n, request: 5n });
    expect(applyLayer(layer({ base: { request: 0n } }), lesser)[0]?.base).toEqual({ output: 20n, reasoning: 8n, request: 0n });
  });

  it('keeps when each price holds', () => {
    const holdsAt = (): boolean => false;
    const rates = [{ ...LISTED[0]!, holdsAt }, LISTED[0]!];

    expect(applyLayer(layer({ base: { input: 1n } }), rates).map((rate) => [rate.holdsAt, rate.base.input])).toEqual([
      [holdsAt, 1n],
      [undefined, 1n],
    ]);
  });

  it('states what it states where nothing else does', () => {
    expect(applyLayer(layer({ base: { input: 1n } }), UNSTATED)).toEqual([{ holdsAt: undefined, base: { input: 1n }, tiers: [] }]);
  });
});
