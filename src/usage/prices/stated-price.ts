import type { Price } from '../../core/price.js';
import type { Bucket } from '../../core/usage.js';

/** What a source says of a model in pico-dollars per token; it may leave buckets out. */
export type StatedPrice = { readonly [Name in Bucket]?: bigint };

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
 * times what text does, as the dearest of this model and its provider.
 */
export function completePrice(stated: StatedPrice, dearest: DearestAudio): Price | undefined {
  const input = stated.input ?? stated.output;
  const output = stated.output ?? stated.input;
  if (input === undefined || output === undefined) return undefined;
  const cacheWrite5m = stated.cacheWrite5m ?? input;
  const own = Object.values(stated).reduce(larger, 0n);
  return {
    input,
    cacheRead: stated.cacheRead ?? input,
    cacheWrite5m,
    cacheWrite1h: stated.cacheWrite1h ?? cacheWrite5m,
    output,
    audioInput: stated.audioInput ?? larger(own, dearest.audioInput),
    audioOutput: stated.audioOutput ?? larger(own, dearest.audioOutput),
    image: stated.image ?? input,
  };
}

export function larger(left: bigint, right: bigint): bigint {
  return left > right ? left : right;
}
