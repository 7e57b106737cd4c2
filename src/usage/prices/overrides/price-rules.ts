import { type PicoPrice, toPicoPrice } from '../../../core/money.js';

/** Says what a value must be, as it goes on after the name of the field; undefined = it is. */
type Rule = (value: unknown) => string | undefined;

const PER_MILLION = 1_000_000n;
/** US$1,000 for a token: far above any price, and small enough that every product stays exact everywhere. */
const MOST_PICO_USD = 10n ** 15n;
const AMOUNT = /^\d{1,20}(?:\.\d{1,40})?$/;
/** A JSON number holds all of so many. */
const NUMBER_DIGITS = 15;
const TOO_LONG_A_NUMBER = 'must be text: a JSON number does not hold so many digits';
const PROVIDER = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const MODEL = /^[^\s\p{Cc}\p{Cs}]{1,200}$/u;
const LARGEST_THRESHOLD = 1_000_000_000;

/** What may be said of a price, the same wherever it is said. */
export const PRICE_RULES = {
  model: toRule(
    (value) => typeof value === 'string' && MODEL.test(value),
    'must be the name by which the provider knows the model, up to 200 characters without spaces',
  ),
  provider: toRule((value) => typeof value === 'string' && PROVIDER.test(value), 'must be the name of a provider, as it is configured'),
  rate: rateFault,
  fee: feeFault,
  threshold: toRule(isThreshold, `must be a whole number of tokens from 1 to ${LARGEST_THRESHOLD}`),
} satisfies Record<string, Rule>;

/** Pico-dollars for a token of a rate in US dollars per million tokens that `PRICE_RULES.rate` lets pass. */
export function toPicoRate(usdPerMillion: string | number): bigint {
  return toPicoPrice(String(usdPerMillion), PER_MILLION)!.pico;
}

/** Pico-dollars for a call of a fee in US dollars that `PRICE_RULES.fee` lets pass. */
export function toPicoFee(usd: string | number): bigint {
  return toPicoPrice(String(usd), 1n)!.pico;
}

function rateFault(value: unknown): string | undefined {
  const price = readAmount(value, PER_MILLION);
  if (!price) return 'must be US dollars per million tokens such as 2.5 or "0.15", and not below 0';
  if (isTooLongANumber(value)) return TOO_LONG_A_NUMBER;
  if (price.isRounded) return 'must not be finer than a pico-dollar per token, which is six digits after the point';
  return price.pico <= MOST_PICO_USD ? undefined : 'must be at most 1000000000, which is US$1000 for a token';
}

function feeFault(value: unknown): string | undefined {
  const price = readAmount(value, 1n);
  if (!price) return 'must be US dollars for each call such as 0.005 or "0.01", and not below 0';
  if (isTooLongANumber(value)) return TOO_LONG_A_NUMBER;
  if (price.isRounded) return 'must not be finer than a pico-dollar, which is twelve digits after the point';
  return price.pico <= MOST_PICO_USD ? undefined : 'must be at most 1000';
}

function readAmount(value: unknown, per: bigint): PicoPrice | undefined {
  const written = typeof value === 'number' ? String(value) : value;
  return typeof written === 'string' && isAmount(value, written) ? toPicoPrice(written, per) : undefined;
}

function isTooLongANumber(value: unknown): boolean {
  return typeof value === 'number' && digitsOf(value) > NUMBER_DIGITS;
}

/** JavaScript writes small numbers with an exponent, people do not. */
function isAmount(value: unknown, written: string): boolean {
  return typeof value === 'number' ? Number.isFinite(value) && value >= 0 : AMOUNT.test(written);
}

function digitsOf(value: number): number {
  return String(value)
    .replace(/e.*$/, '')
    .replace(/^[0.]+|\./g, '').length;
}

function isThreshold(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= LARGEST_THRESHOLD;
}

function toRule(holds: (value: unknown) => boolean, text: string): Rule {
  return (value) => (holds(value) ? undefined : text);
}
