import { BUCKET_NAMES, BUCKETS, inputTokensOf, outputTokensOf, type Bucket, type Usage } from './usage.js';

/** Whole pico-dollars per token: US$2.50 per million tokens is `2_500_000n`. */
export interface Price extends Readonly<Record<Bucket, bigint>> {
  /** For each token of output that was reasoning, in the place of `output`; absent = it costs what output does. */
  readonly reasoning?: bigint;
  /** Pico-dollars for a call that used tokens, besides them; absent = nothing. */
  readonly request?: bigint;
}

/** All that a price may name: what each kind of token costs, reasoning apart, and a call as such. */
export const RATES = [...BUCKETS, 'reasoning', 'request'] as const;
export type Rate = (typeof RATES)[number];

/** As answers name them. */
export const RATE_NAMES = { ...BUCKET_NAMES, reasoning: 'reasoning', request: 'request' } as const satisfies Record<Rate, string>;

/** What every token of a call costs once its whole input is larger than `aboveInputTokens`. */
export interface PriceTier {
  readonly aboveInputTokens: number;
  readonly price: Price;
}

/** What an exact share or multiple of a price is: a half is 1 / 2. */
export interface PriceFactor {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** A price as it was charged: the version goes into the ledger row, so that history is never repriced. */
export interface PricedModel {
  /** Of a call with little input; ask `priceFor` what a given call is charged. */
  readonly price: Price;
  /** By rising threshold. */
  readonly tiers?: readonly PriceTier[];
  /** Where it comes from: `admin`, `yaml`, `env`, `declared`, `genai-prices <version>`, … */
  readonly version: string;
  /** By service tier (`flex`, `priority`, …), what of it a call is charged that was answered in that tier. */
  readonly factors?: Readonly<Record<string, PriceFactor>>;
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

/** What a call is charged, and by what. */
export interface Charge {
  /** Nano-dollars. */
  readonly costNanoUsd: bigint;
  /** The threshold of the tier that was charged; undefined = the base price. */
  readonly tierAbove: number | undefined;
  /** Undefined for the usual service tier, and for one of which nobody knows what it costs: that is charged as the usual one. */
  readonly factor: PriceFactor | undefined;
}

/** What a model charges for this usage, answered in this service tier (undefined = the usual one). */
export function chargeOf(model: PricedModel, usage: Usage, serviceTier: string | undefined): Charge {
  const tier = tierFor(model, usage);
  const factor = serviceTier === undefined ? undefined : model.factors?.[serviceTier];
  return { costNanoUsd: costOf(usage, tier?.price ?? model.price, factor), tierAbove: tier?.aboveInputTokens, factor };
}

/** The price of this call, answered in the usual service tier. */
export function priceFor(model: PricedModel, usage: Usage): Price {
  return tierFor(model, usage)?.price ?? model.price;
}

/**
 * Tiers are a cliff on the whole input, cached or not, as providers bill them: one token over the threshold and every token of the
 * call, answer included, costs the higher rate.
 */
function tierFor({ tiers }: PricedModel, usage: Usage): PriceTier | undefined {
  if (!tiers) return undefined;
  const inputTokens = inputTokensOf(usage);
  return tiers.findLast((tier) => inputTokens > tier.aboveInputTokens);
}

/**
 * The cost of a call in nano-dollars, rounded once, half to even, with the factor of its service tier in the same step.
 *
 * Every later sum is a sum of these integers, so the ledger equals the bill to the last digit.
 */
export function costOf(usage: Usage, price: Price, factor?: PriceFactor): bigint {
  let pico = 0n;
  for (const bucket of BUCKETS) {
    const tokens = usage[bucket];
    if (tokens > 0) pico += BigInt(tokens) * price[bucket];
  }
  if (price.reasoning !== undefined) pico += BigInt(reasoningTokensOf(usage)) * (price.reasoning - price.output);
  if (price.request !== undefined && usesTokens(usage)) pico += price.request;
  return factor ? divideHalfEven(pico * factor.numerator, 1_000n * factor.denominator) : divideHalfEven(pico, 1_000n);
}

/** The tokens of output that a price for reasoning is for: never more than there are, whatever a provider reports. */
export function reasoningTokensOf({ output, reasoning }: Usage): number {
  return Math.max(0, Math.min(output, reasoning));
}

/** Whether a fee for each call is due: a provider that has answered reports tokens, and one that has not reports none. */
export function usesTokens(usage: Usage): boolean {
  return inputTokensOf(usage) > 0 || outputTokensOf(usage) > 0;
}

/** `dividend / divisor` for non-negative values, a half going to the even neighbour. */
export function divideHalfEven(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  const twice = (dividend % divisor) * 2n;
  if (twice > divisor || (twice === divisor && quotient % 2n === 1n)) return quotient + 1n;
  return quotient;
}
