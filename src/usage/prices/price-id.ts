import { createHash } from 'node:crypto';
import type { Price, PricedModel, PriceTier } from '../../core/price.js';
import { BUCKETS } from '../../core/usage.js';

/** The same for the same price from the same source, in whatever process and whenever. */
export function priceIdOf({ price, tiers = [], factors, version }: Omit<PricedModel, 'id'>): string {
  const told: unknown[] = [version, ratesOf(price), ...tiers.map((tier: PriceTier) => [tier.aboveInputTokens, ratesOf(tier.price)])];
  if (factors) told.push(factorTexts(factors));
  return createHash('sha256').update(JSON.stringify(told)).digest('hex').slice(0, 32);
}

function ratesOf(price: Price): readonly string[] {
  return BUCKETS.map((bucket) => `${bucket}=${price[bucket]}`);
}

/** Each as `numerator/denominator`, by service tier. */
export function factorTexts(factors: NonNullable<PricedModel['factors']>): Record<string, string> {
  return Object.fromEntries(Object.entries(factors).map(([tier, { numerator, denominator }]) => [tier, `${numerator}/${denominator}`]));
}
