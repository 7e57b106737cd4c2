import { formatUsd } from '../core/money.js';
import { type PricedModel, type Rate, RATE_NAMES, RATES } from '../core/price.js';
import { findTime } from '../keys/index.js';
import { type OverrideWishes, type PriceOverride, toPicoFee, toPicoRate, type UnpricedModel } from '../usage/index.js';
import type { CreatePriceOverrideDto, PriceOverrideDto, RatesDto } from './price-overrides.dto.js';
import type { PriceDto, ShownRatesDto, UnpricedModelDto } from './prices.dto.js';

type Rates = OverrideWishes['rates'];

/** A pico-dollar for a token is a thousand nano-dollars for a million tokens. */
const NANO_PER_MILLION = 1_000n;
const PICO_DIGITS = 12;

/** What is known of a model at a provider now. */
export interface KnownPrice {
  readonly provider: string;
  readonly model: string;
  readonly priced: PricedModel | undefined;
  readonly overrides: readonly PriceOverride[];
}

export function toOverrideWishes({ provider, model, from, rates, tiers = [] }: CreatePriceOverrideDto): OverrideWishes {
  return {
    provider,
    model,
    from: from === undefined ? undefined : findTime(from)!,
    rates: toPicoRates(rates),
    tiers: tiers.map((tier) => ({ aboveInputTokens: tier.above_input_tokens, stated: toPicoRates(tier.rates) })),
    origin: 'admin',
  };
}

export function toPriceDto({ provider, model, priced, overrides }: KnownPrice): PriceDto {
  const factors = Object.entries(priced?.factors ?? {});
  return {
    provider,
    model,
    id: priced?.id ?? null,
    version: priced?.version ?? null,
    overrides: overrides.map(({ id }) => id),
    rates: priced ? perMillion(priced.price) : null,
    pico_usd_per_token: priced ? perToken(priced.price) : null,
    tiers: (priced?.tiers ?? []).map(({ aboveInputTokens, price }) => ({
      above_input_tokens: aboveInputTokens,
      rates: perMillion(price),
      pico_usd_per_token: perToken(price),
    })),
    service_tiers: Object.fromEntries(factors.map(([tier, { numerator, denominator }]) => [tier, `${numerator}/${denominator}`])),
  };
}

export function toOverrideDto(override: PriceOverride): PriceOverrideDto {
  return {
    id: override.id,
    provider: override.provider ?? null,
    model: override.model,
    from: toIso(override.from),
    rates: perMillion(override.rates),
    tiers: override.tiers.map(({ aboveInputTokens, stated }) => ({ above_input_tokens: aboveInputTokens, rates: perMillion(stated) })),
    origin: override.origin,
    created_at: toIso(override.createdAt),
    created_by: override.createdBy,
    removed_at: override.removedAt === undefined ? null : toIso(override.removedAt),
  };
}

export function toUnpricedDto(unpriced: UnpricedModel, isPricedNow: boolean): UnpricedModelDto {
  return {
    provider: unpriced.provider,
    model: unpriced.model,
    calls: Number(unpriced.calls),
    input_tokens: Number(unpriced.inputTokens),
    output_tokens: Number(unpriced.outputTokens),
    last_called_at: unpriced.lastCalledAt.toISOString(),
    priced_now: isPricedNow,
  };
}

function toPicoRates(rates: RatesDto): Rates {
  return Object.fromEntries(
    RATES.flatMap((rate) => {
      const usd = rates[RATE_NAMES[rate]];
      return usd === undefined ? [] : [[rate, rate === 'request' ? toPicoFee(usd) : toPicoRate(usd)]];
    }),
  );
}

function perMillion(rates: Rates): ShownRatesDto {
  return shown(rates, (pico, rate) => (rate === 'request' ? toUsdText(pico) : formatUsd(pico * NANO_PER_MILLION)));
}

function perToken(rates: Rates): ShownRatesDto {
  return shown(rates, (pico) => String(pico));
}

function shown(rates: Rates, show: (pico: bigint, rate: Rate) => string): ShownRatesDto {
  return Object.fromEntries(
    RATES.flatMap((rate) => {
      const pico = rates[rate];
      return pico === undefined ? [] : [[RATE_NAMES[rate], show(pico, rate)]];
    }),
  );
}

/** Pico-dollars as US dollars in decimals. */
function toUsdText(pico: bigint): string {
  const digits = String(pico).padStart(PICO_DIGITS + 1, '0');
  const fraction = digits.slice(-PICO_DIGITS).replace(/0+$/, '');
  return digits.slice(0, -PICO_DIGITS) + (fraction === '' ? '' : `.${fraction}`);
}

function toIso(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
