import { toPicoPrice } from '../../../core/money.js';
import type { Rate } from '../../../core/price.js';
import { PRICE_RULES } from '../overrides/price-rules.js';
import type { StatedPrice } from '../stated-price.js';

/** What a provider publishes of its prices, as far as it can be charged by. */
export interface PriceList {
  /** By the model's name. */
  readonly rates: ReadonlyMap<string, StatedPrice>;
  readonly skipped: readonly SkippedModel[];
  /** Models of which a price was finer than a pico-dollar, and was raised to the next whole one. */
  readonly roundedUp: readonly string[];
}

export interface SkippedModel {
  readonly model: string;
  /** As it goes on after the model's name. */
  readonly reason: string;
}

/** What was answered is no list of models. */
export class NoPriceList extends Error {}

/**
 * In US dollars for a token, or for a call; those that are not here are for other things (a picture, a search of the web).
 * https://openrouter.ai/docs/client-sdks/typescript/models/publicpricing
 */
const RATE_OF_FIELD: ReadonlyMap<string, Rate> = new Map<string, Rate>([
  ['prompt', 'input'],
  ['completion', 'output'],
  ['input_cache_read', 'cacheRead'],
  ['input_cache_write', 'cacheWrite5m'],
  ['input_cache_write_1h', 'cacheWrite1h'],
  ['audio', 'audioInput'],
  ['audio_output', 'audioOutput'],
  ['image_token', 'image'],
  ['internal_reasoning', 'reasoning'],
  ['request', 'request'],
]);
/** Is charged only where a call asks for it, and no sign of what tokens cost. */
const ASKED_FOR = 'web_search';
const REQUIRED = ['prompt', 'completion'];
const AMOUNT = /^\d{1,20}(?:\.\d{1,60})?(?:e[+-]?\d{1,2})?$/i;
const BELOW_ZERO = /^-\d/;
/** US$10,000 for a million tokens, and US$10 for a call: many times what anybody takes. */
const MOST_PICO_A_TOKEN = 10n ** 10n;
const MOST_PICO_A_CALL = 10n ** 13n;

interface ListedRates {
  readonly rates: StatedPrice;
  readonly isRounded: boolean;
}

/**
 * OpenRouter's answer to `GET /models`, parsed. Amounts are read as the text they are, digit by digit. A model that cannot be charged by
 * what is said of it is skipped as a whole. Throws `NoPriceList`.
 */
export function readPriceList(answer: unknown): PriceList {
  const entries = isObject(answer) ? answer['data'] : undefined;
  if (!Array.isArray(entries) || entries.length === 0) throw new NoPriceList('The answer is no list of models.');
  const rates = new Map<string, StatedPrice>();
  const skipped: SkippedModel[] = [];
  const roundedUp: string[] = [];
  for (const entry of entries as readonly unknown[]) {
    const model = nameOf(entry);
    const read = rates.has(model) ? 'is listed twice' : readEntry(entry);
    if (typeof read === 'string') skipped.push({ model, reason: read });
    else {
      rates.set(model, read.rates);
      if (read.isRounded) roundedUp.push(model);
    }
  }
  if (rates.size === 0) throw new NoPriceList(`None of the ${entries.length} models that are listed has a price that can be read.`);
  return { rates, skipped, roundedUp };
}

/** A text is the reason why it cannot be charged by. */
function readEntry(entry: unknown): ListedRates | string {
  const { id, pricing } = isObject(entry) ? entry : {};
  if (PRICE_RULES.model(id) !== undefined) return 'has no name that a model can have';
  if (!isObject(pricing)) return 'has no prices';
  const { overrides, discount = 0, ...prices } = pricing;
  if (Array.isArray(overrides) ? overrides.length > 0 : overrides !== undefined && overrides !== null)
    return 'has prices that depend on conditions';
  if (discount !== 0 && discount !== null) return 'has a discount, and it is not said whether its prices are without it';
  if (REQUIRED.some((field) => typeof prices[field] !== 'string')) return 'does not say what its input and output cost';
  return readPrices(prices);
}

function readPrices(prices: Readonly<Record<string, unknown>>): ListedRates | string {
  const stated: { [Name in Rate]?: bigint } = {};
  let isRounded = false;
  for (const [field, rate] of RATE_OF_FIELD) {
    const written = prices[field] ?? undefined;
    if (written === undefined) continue;
    const fault = amountFault(written, field);
    if (fault !== undefined) return fault;
    const price = toPicoPrice(written as string, 1n)!;
    if (price.pico > (rate === 'request' ? MOST_PICO_A_CALL : MOST_PICO_A_TOKEN)) return `has an absurd price for \`${field}\``;
    isRounded ||= price.isRounded;
    // Nothing, beside a price for all tokens, is how the list says that there is no price of its own.
    if (price.pico > 0n || REQUIRED.includes(field)) stated[rate] = price.pico;
  }
  const isFree = stated.input === 0n && stated.output === 0n;
  if (isFree && Object.entries(prices).some(isSoldOtherwise)) return 'is not sold by the token';
  return { rates: stated, isRounded };
}

function amountFault(written: unknown, field: string): string | undefined {
  if (typeof written === 'string' && BELOW_ZERO.test(written)) return 'has no fixed price';
  if (typeof written === 'string' && AMOUNT.test(written)) return undefined;
  return `has a price for \`${field}\` that is no amount in decimals`;
}

function isSoldOtherwise([field, written]: readonly [string, unknown]): boolean {
  return field !== ASKED_FOR && !RATE_OF_FIELD.has(field) && Number(written) !== 0;
}

const LONGEST_NAME = 200;

function nameOf(entry: unknown): string {
  const id = isObject(entry) ? entry['id'] : undefined;
  return typeof id === 'string' ? id.slice(0, LONGEST_NAME) : '?';
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
