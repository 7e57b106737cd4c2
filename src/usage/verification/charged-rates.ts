import type { Rate } from '../../core/price.js';
import { BUCKETS, type Bucket } from '../../core/usage.js';

/** Decimal text, by rate. */
type StoredRates = Readonly<Partial<Record<Rate, string>>>;

/** A row of `charged_prices`, as far as costs follow from it. */
export interface ChargedPriceRow {
  readonly id: string;
  readonly base: unknown;
  readonly tiers: unknown;
}

/** What each token costs, pico-dollars as text, where the input is more than `tierAbove` (null = from none on) and at most `upTo`. */
export interface ChargedRate extends Readonly<Record<Bucket | 'request', string>> {
  /** null = as output. */
  readonly reasoning: string | null;
  readonly priceId: string;
  readonly tierAbove: number | null;
  /** null = without end. */
  readonly upTo: number | null;
}

/** What a service tier costs of a price: `numerator / denominator` of it. */
export interface ChargedFactor {
  readonly priceId: string;
  readonly serviceTier: string;
  readonly numerator: string;
  readonly denominator: string;
}

type StoredFactors = Readonly<Record<string, Pick<ChargedFactor, 'numerator' | 'denominator'>>>;

interface StoredTier {
  readonly above_input_tokens: number;
  readonly rates: StoredRates;
}

/** A price by the tiers that it has: the usual rates first, then those of each threshold. */
export function ratesOf({ id, base, tiers }: ChargedPriceRow): readonly ChargedRate[] {
  const rising = (tiers as readonly StoredTier[]).toSorted((one, other) => one.above_input_tokens - other.above_input_tokens);
  const all = [{ above_input_tokens: null, rates: base as StoredRates }, ...rising];
  return all.map(({ above_input_tokens: tierAbove, rates }, at) => ({
    priceId: id,
    tierAbove,
    upTo: all[at + 1]?.above_input_tokens ?? null,
    ...toRates(rates),
  }));
}

/** What the price says of service tiers. */
export function factorsOf({ id, base }: ChargedPriceRow): readonly ChargedFactor[] {
  const { factors = {} } = base as { readonly factors?: StoredFactors };
  return Object.entries(factors).map(([serviceTier, factor]) => ({ priceId: id, serviceTier, ...factor }));
}

/** A bucket that there was not yet when the price was written was not charged. */
function toRates(stored: StoredRates): Record<Bucket | 'request', string> & { readonly reasoning: string | null } {
  const ofTokens = Object.fromEntries(BUCKETS.map((bucket) => [bucket, stored[bucket] ?? '0'])) as Record<Bucket, string>;
  return { ...ofTokens, reasoning: stored.reasoning ?? null, request: stored.request ?? '0' };
}
