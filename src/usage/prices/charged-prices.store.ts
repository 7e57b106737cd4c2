import { Injectable } from '@nestjs/common';
import { type Price, type PricedModel, RATES } from '../../core/price.js';
import { PrismaService } from '../../platform/index.js';

/** Where prices are kept by which calls were charged. */
@Injectable()
export class ChargedPricesStore {
  constructor(private readonly prisma: PrismaService) {}

  /** `chargedAt` in epoch milliseconds. A price that is there already stays as it is. */
  async insert({ id, version, price, tiers = [], factors }: PricedModel, chargedAt: number): Promise<void> {
    const base = { ...ratesOf(price), ...(factors && { factors: factorsOf(factors) }) };
    const dearer = tiers.map((tier) => ({ above_input_tokens: tier.aboveInputTokens, rates: ratesOf(tier.price) }));
    const data = { id, version, base, tiers: dearer, chargedAt: new Date(chargedAt) };
    await this.prisma.chargedPrice.createMany({ data: [data], skipDuplicates: true });
  }
}

/** Pico-dollars for a token, or for the call. */
function ratesOf(price: Price): Record<string, string> {
  return Object.fromEntries(RATES.flatMap((rate) => (price[rate] === undefined ? [] : [[rate, String(price[rate])]])));
}

function factorsOf(factors: NonNullable<PricedModel['factors']>): Record<string, { numerator: string; denominator: string }> {
  const texts = Object.entries(factors).map(([tier, { numerator, denominator }]) => {
    return [tier, { numerator: String(numerator), denominator: String(denominator) }] as const;
  });
  return Object.fromEntries(texts);
}
