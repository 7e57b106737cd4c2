import { BUCKETS, inputTokensOf, type Bucket, type Usage } from './usage.js';

/** Whole pico-dollars per token: US$2.50 per million tokens is `2_500_000n`. */
export type Price = Readonly<Record<Bucket, bigint>>;

/** What every token of a call costs once its whole input is larger than `aboveInputTokens`. */
export interface PriceTier {
  readonly aboveInputTokens: number;
  readonly price: Price;
}

/** A price as it was charged: the version goes into the ledger row, so that history is never repriced. */
export interface PricedModel {
  /** Of a call with little input; ask `priceFor` what a given call is charged. */
  readonly price: Price;
  /** By rising threshold. */
  readonly tiers?: readonly PriceTier[];
  /** Where it comes from: `admin`, `yaml`, `env`, `declared`, `genai-prices <version>`, … */
  readonly version: string;
  /** A digest of all the rest: what a ledger row is explained by (`charged_prices`). */
  readonly id: string;
}

/** A model that a provider is known to have. */
export interface CatalogueModel {
  readonly id: string;
  /** In tokens. */
  readonly contextWindow: number | undefined;
  readonly maxOutputTokens: number | undefined;
  /** undefined = no price is known, which is not free. */
  readonly priced: PricedModel | undefined;
}

/**
 * The price of this call. Tiers are a cliff on the whole input, cached or not, as providers bill them:
 * one token over the threshold and every token of the call, answer included, costs the higher rate.
 */
export function priceFor(model: PricedModel, usage: Usage): Price {
  if (!model.tiers) return model.price;
  const inputTokens = inputTokensOf(usage);
  return model.tiers.findLast((tier) => inputTokens > tier.aboveInputTokens)?.price ?? model.price;
}

/**
 * The cost of a call in nano-dollars, rounded once, half to even.
 *
 * Every later sum is a sum of these integers, so the ledger equals the bill to the last digit.
 */
export function costOf(usage: Usage, price: Price): bigint {
  let pico = 0n;
  for (const bucket of BUCKETS) {
    const tokens = usage[bucket];
    if (tokens > 0) pico += BigInt(tokens) * price[bucket];
  }
  return divideHalfEven(pico, 1_000n);
}

/** `dividend / divisor` for non-negative values, a half going to the even neighbour. */
export function divideHalfEven(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  const twice = (dividend % divisor) * 2n;
  if (twice > divisor || (twice === divisor && quotient % 2n === 1n)) return quotient + 1n;
  return quotient;
}
