import { divideHalfEven, type Price, type PriceFactor, type Rate, RATES, reasoningTokensOf, usesTokens } from '../../core/price.js';
import { BUCKETS, type Usage } from '../../core/usage.js';
import type { ChargedPrice, RequestRow } from './request-row.js';

/** What a cost in the ledger rests on. */
export const BASES = [
  'prices',
  'prices_and_failed_attempts',
  'provider',
  'held',
  'no_price',
  'prices_not_kept',
  'nothing_used',
  'unexplained',
] as const;
export type Basis = (typeof BASES)[number];

/** One factor of a cost. Amounts are in pico-dollars. */
export interface BucketCharge {
  readonly bucket: Rate;
  /** Of `request`: 1, which is the call. */
  readonly tokens: number;
  readonly picoPerToken: bigint;
  readonly amountPico: bigint;
}

/** What the kept prices make of the kept tokens. */
export interface Calculation {
  readonly buckets: readonly BucketCharge[];
  /** Before the factor and before rounding. */
  readonly sumPico: bigint;
  /** Of the service tier; undefined = none. */
  readonly factor: PriceFactor | undefined;
  readonly costNanoUsd: bigint;
}

export interface ExplainedCharge {
  readonly basis: Basis;
  /** undefined where the prices were not kept. */
  readonly calculation: Calculation | undefined;
}

type Charged = Pick<
  RequestRow,
  'costNanoUsd' | 'providerCostNanoUsd' | 'failedCostNanoUsd' | 'priceVersion' | 'tierAbove' | 'serviceTier' | 'ending' | 'usageSource'
> &
  Usage;

/** How a row's cost came about, worked out anew; `price` undefined = it was not kept. */
export function explainCharge(row: Charged, price: ChargedPrice | undefined): ExplainedCharge {
  const rates = price && ratesOf(price, row.tierAbove);
  if (!rates) return { basis: basisWithout(row), calculation: undefined };
  const calculation = calculate(row, rates, factorOf(price, row.serviceTier));
  return { basis: basisWith(row, calculation.costNanoUsd), calculation };
}

/** Every rate that there is something to charge by, times that; the sum is rounded once, as `costOf` does. */
function calculate(usage: Usage, rates: Price, factor: PriceFactor | undefined): Calculation {
  const buckets = RATES.flatMap((bucket) => {
    const [tokens, picoPerToken] = [quantityOf(bucket, usage, rates), rates[bucket]];
    return tokens > 0 && picoPerToken !== undefined ? [{ bucket, tokens, picoPerToken, amountPico: BigInt(tokens) * picoPerToken }] : [];
  });
  const sumPico = buckets.reduce((sum, { amountPico }) => sum + amountPico, 0n);
  const { numerator, denominator } = factor ?? { numerator: 1n, denominator: 1n };
  return { buckets, sumPico, factor, costNanoUsd: divideHalfEven(sumPico * numerator, 1_000n * denominator) };
}

/** What a rate is charged for; where reasoning has a price of its own, output is what is left. */
function quantityOf(rate: Rate, usage: Usage, { reasoning }: Price): number {
  if (rate === 'request') return usesTokens(usage) ? 1 : 0;
  if (rate === 'reasoning') return reasoningTokensOf(usage);
  if (rate === 'output' && reasoning !== undefined) return usage.output - reasoningTokensOf(usage);
  return usage[rate];
}

/** Those of the tier that the row names; undefined if there is no such tier. */
function ratesOf({ base, tiers }: ChargedPrice, tierAbove: number | null): Price | undefined {
  return tierAbove === null ? base : tiers.find(({ aboveInputTokens }) => aboveInputTokens === tierAbove)?.price;
}

/** A tier of which the price says nothing was charged as the usual one. */
function factorOf({ factors }: ChargedPrice, serviceTier: string | null): PriceFactor | undefined {
  return serviceTier !== null && Object.hasOwn(factors, serviceTier) ? factors[serviceTier] : undefined;
}

function basisWith(row: Charged, calculated: bigint): Basis {
  if (row.costNanoUsd === calculated) return 'prices';
  if (isWithFailed(row, calculated)) return 'prices_and_failed_attempts';
  if (isProviders(row)) return 'provider';
  return row.usageSource === 'estimated' ? 'held' : 'unexplained';
}

function basisWithout(row: Charged): Basis {
  if (isProviders(row)) return 'provider';
  if (row.ending === 'interrupted') return 'held';
  if (row.priceVersion !== null) return 'prices_not_kept';
  if (row.costNanoUsd !== 0n) return 'unexplained';
  return BUCKETS.every((bucket) => row[bucket] === 0) ? 'nothing_used' : 'no_price';
}

/** The provider's own figure, with or without what failed attempts cost. */
function isProviders(row: Charged): boolean {
  return row.providerCostNanoUsd !== null && isWithFailed(row, row.providerCostNanoUsd);
}

/** Under a budget a tenant pays of failed attempts no more than it has room for. */
function isWithFailed({ costNanoUsd, failedCostNanoUsd }: Charged, own: bigint): boolean {
  return costNanoUsd >= own && costNanoUsd <= own + failedCostNanoUsd;
}
