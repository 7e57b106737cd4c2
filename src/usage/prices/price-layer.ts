import type { StatedPrice, StatedRate, StatedRates } from './stated-price.js';

/** What one source says of a model, over what lesser sources say. */
export interface PriceLayer {
  readonly version: 'admin' | 'sync' | 'yaml' | 'env';
  /** A bucket left out stays as the lesser sources have it. */
  readonly base: StatedPrice;
  /** By rising threshold; a bucket that a tier leaves out costs what it does below. */
  readonly tiers: StatedRate['tiers'];
}

/** Lesser sources under a layer where there are none. */
export const UNSTATED: StatedRates = [{ holdsAt: undefined, base: {}, tiers: [] }];

/**
 * The figures of a layer over those of lesser sources, at each size of input at which either changes: a layer without tiers holds for every
 * size.
 */
export function applyLayer(layer: PriceLayer, rates: StatedRates): StatedRates {
  return rates.map((rate) => ({
    holdsAt: rate.holdsAt,
    base: overlay(rate.base, layer.base),
    tiers: thresholdsOf(rate.tiers, layer.tiers).map((aboveInputTokens) => ({
      aboveInputTokens,
      stated: overlay(lesserAbove(rate, aboveInputTokens), ownAbove(layer, aboveInputTokens)),
    })),
  }));
}

function thresholdsOf(...tiers: readonly StatedRate['tiers'][]): readonly number[] {
  return [...new Set(tiers.flat().map(({ aboveInputTokens }) => aboveInputTokens))].sort((one, other) => one - other);
}

/** A tier of lesser sources says all that they know. */
function lesserAbove({ base, tiers }: StatedRate, inputTokens: number): StatedPrice {
  return tiers.findLast(({ aboveInputTokens }) => aboveInputTokens <= inputTokens)?.stated ?? base;
}

function ownAbove({ base, tiers }: PriceLayer, inputTokens: number): StatedPrice {
  const reached = tiers.filter(({ aboveInputTokens }) => aboveInputTokens <= inputTokens);
  return Object.assign({}, base, ...reached.map(({ stated }) => stated)) as StatedPrice;
}

function overlay(below: StatedPrice, own: StatedPrice): StatedPrice {
  const { reasoning, ...lesser } = below;
  // Who prices output and says nothing of reasoning means both.
  const price: StatedPrice = { ...lesser, ...(own.output === undefined && reasoning !== undefined && { reasoning }), ...own };
  if (own.cacheRead !== undefined || price.cacheRead === undefined || price.input === undefined) return price;
  // Reading a cache is never dearer than not reading it, also where a layer's input price undercuts the cache price of another source.
  return price.input < price.cacheRead ? { ...price, cacheRead: price.input } : price;
}
