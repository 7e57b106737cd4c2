import { BUCKETS, type Bucket, type Usage } from './usage.js';

/** Whole pico-dollars per token: US$2.50 per million tokens is `2_500_000n`. */
export type Price = Readonly<Record<Bucket, bigint>>;

/** A price as it was charged: the version goes into the ledger row, so that history is never repriced. */
export interface PricedModel {
  readonly price: Price;
  readonly version: string;
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
