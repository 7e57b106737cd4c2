import type { ConditionalPrice, ModelInfo, ModelPrice } from '@pydantic/genai-prices';
import { toPicoPrice } from '../../core/money.js';
import { type Rate, RATES } from '../../core/price.js';
import type { StatedPrice, StatedRate, StatedRates } from './stated-price.js';

/** Where each rate stands, in US dollars per million tokens, or per thousand calls; the first that is there counts. */
const PRICE_KEYS: Record<Rate, readonly string[]> = {
  input: ['input_mtok'],
  cacheRead: ['cache_read_mtok'],
  cacheWrite5m: ['cache_write_5m_mtok', 'cache_write_mtok'],
  cacheWrite1h: ['cache_write_1h_mtok'],
  output: ['output_mtok'],
  audioInput: ['input_audio_mtok'],
  audioOutput: ['output_audio_mtok'],
  image: ['input_image_mtok'],
  reasoning: ['output_reasoning_mtok'],
  request: ['requests_kcount'],
};

const PER_MILLION = 1_000_000n;
const PER_THOUSAND = 1_000n;
const BELOW_ALL_TIERS = -1;

export interface ConvertedRates {
  readonly rates: StatedRates;
  /** A price was finer than a pico-dollar per token and was raised. */
  readonly isRounded: boolean;
}

/** A model's prices in whole pico-dollars, the most particular rate first as genai-prices reads its list from the end. */
export function toStatedRates(model: Pick<ModelInfo, 'prices'>): ConvertedRates {
  const conditional: readonly ConditionalPrice[] = Array.isArray(model.prices) ? model.prices : [{ prices: model.prices }];
  let isRounded = false;
  const noteRounding = (): void => void (isRounded = true);
  const rates = conditional.map(({ constraint, prices }, index) => ({
    // The first of the list holds when no other does.
    holdsAt: index === 0 ? undefined : toCondition(constraint),
    ...toTieredPrice(prices, noteRounding),
  }));
  return { rates: rates.reverse(), isRounded };
}

function toTieredPrice(prices: ModelPrice, noteRounding: () => void): Pick<StatedRate, 'base' | 'tiers'> {
  const starts = Object.values(prices).flatMap((price) => (typeof price === 'object' ? price.tiers.map(({ start }) => start) : []));
  const stateAt = (start: number): StatedPrice => toStatedPrice(prices, start, noteRounding);
  return {
    base: stateAt(BELOW_ALL_TIERS),
    tiers: [...new Set(starts)].sort((a, b) => a - b).map((start) => ({ aboveInputTokens: start, stated: stateAt(start) })),
  };
}

function toStatedPrice(prices: ModelPrice, start: number, noteRounding: () => void): StatedPrice {
  const stated: { [Name in Rate]?: bigint } = {};
  for (const rate of RATES) {
    const key = PRICE_KEYS[rate].find((name) => prices[name] !== undefined);
    if (key !== undefined)
      stated[rate] = toPico(priceAt(prices[key]!, start), rate === 'request' ? PER_THOUSAND : PER_MILLION, noteRounding);
  }
  return stated;
}

function priceAt(price: NonNullable<ModelPrice[string]>, start: number): number {
  if (typeof price === 'number') return price;
  return price.tiers.filter((tier) => tier.start <= start).at(-1)?.price ?? price.base;
}

/** The shortest decimal text of the number is what its author wrote; nothing is multiplied as a float. */
function toPico(usd: number, per: bigint, noteRounding: () => void): bigint {
  const price = toPicoPrice(String(usd), per);
  if (!price) throw new Error(`genai-prices: ${usd} is no price`);
  if (price.isRounded) noteRounding();
  return price.pico;
}

function toCondition(constraint: ConditionalPrice['constraint']): StatedRate['holdsAt'] {
  if (!constraint) return undefined;
  if (constraint.type === 'start_date') {
    const startMs = Date.parse(constraint.start_date);
    return (atMs) => atMs >= startMs;
  }
  const start = toMsOfDay(constraint.start_time);
  const end = toMsOfDay(constraint.end_time);
  return start <= end ? (atMs) => start <= msOfDay(atMs) && msOfDay(atMs) < end : (atMs) => start <= msOfDay(atMs) || msOfDay(atMs) < end;
}

const DAY_MS = 86_400_000;
const MIDNIGHT = '1970-01-01T';

function msOfDay(atMs: number): number {
  return ((atMs % DAY_MS) + DAY_MS) % DAY_MS;
}

/** `16:30:00Z` or `00:30:00+08:00`. */
function toMsOfDay(time: string): number {
  const ms = Date.parse(MIDNIGHT + time);
  if (Number.isNaN(ms)) throw new Error(`genai-prices: ${time} is no time of day`);
  return msOfDay(ms);
}
