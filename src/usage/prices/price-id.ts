import { createHash } from 'node:crypto';
import { type Price, type PricedModel, type PriceTier, RATES } from '../../core/price.js';

/** The same for the same price from the same source, in whatever process and whenever. */
export function priceIdOf({ price, tiers = [], factors, version }: Omit<PricedModel, 'id'>): string {
  const told: unknown[] = [version, ratesOf(price), ...tiers.map((tier: PriceTier) => [tier.aboveInputTokens, ratesOf(tier.price)])];
  if (factors) told.push(factorTexts(factors));
  return createHash('sha256').update(JSON.stringify(told)).digest('hex').slice(0, 32);
}

/** What a price does not name is not told either: those of before there was such a rate keep their digests. */
function ratesOf(price: Price): readonly string[] {
  return RATES.flatMap((rate) => (price[rate] === undefined ? [] : [`${rate}=${price[rate]}`]));
}

/** Each as `numerator/denominator`, by service tier. */
export function factorTexts(factors: NonNullable<PricedModel['factors']>): Record<string, string> {
  return Object.fromEntries(Object.entries(factors).map(([tier, { numerator, denominator }]) => [tier, `${numerator}/${denominator}`]));
}
