import type { Price, Rate } from '../../core/price.js';

/** What a source says of a model in pico-dollars per token, and per call for `request`; it may leave rates out. */
export type StatedPrice = { readonly [Name in Rate]?: bigint };

/** When, and above how much input, a price holds. */
export interface StatedRate {
  /** undefined = always. */
  readonly holdsAt: ((atMs: number) => boolean) | undefined;
  readonly base: StatedPrice;
  readonly tiers: readonly { readonly aboveInputTokens: number; readonly stated: StatedPrice }[];
}

/** The first that holds counts; the last one always does. */
export type StatedRates = readonly StatedRate[];

/** The dearest sound that a provider sells: what sound costs where a model's own price for it is not stated. */
export interface DearestAudio {
  readonly audioInput: bigint;
  readonly audioOutput: bigint;
}

/**
 * Fills every bucket, so that none is free for want of a figure; undefined if no token is priced at all.
 * Cached input and images cost as plain input, writes for an hour as writes for five minutes; sound, which costs many
 * times what text does, as the dearest of this model and its provider. Reasoning at the price of output, and a fee of nothing, are
 * left out, so that prices that charge the same are the same.
 */
export function completePrice(stated: StatedPrice, dearest: DearestAudio): Price | undefined {
  const input = stated.input ?? stated.output;
  const output = stated.output ?? stated.input;
  if (input === undefined || output === undefined) return undefined;
  const cacheWrite5m = stated.cacheWrite5m ?? input;
  const { request, reasoning, ...ofTokens } = stated;
  const own = Object.values({ ...ofTokens, reasoning: reasoning ?? 0n }).reduce(larger, 0n);
  return {
    input,
    cacheRead: stated.cacheRead ?? input,
    cacheWrite5m,
    cacheWrite1h: stated.cacheWrite1h ?? cacheWrite5m,
    output,
    audioInput: stated.audioInput ?? larger(own, dearest.audioInput),
    audioOutput: stated.audioOutput ?? larger(own, dearest.audioOutput),
    image: stated.image ?? input,
    ...(reasoning !== undefined && reasoning !== output && { reasoning }),
    ...(request !== undefined && request > 0n && { request }),
  };
}

export function larger(left: bigint, right: bigint): bigint {
  return left > right ? left : right;
}
