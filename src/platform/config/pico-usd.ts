import { toPicoPrice } from '../../core/money.js';

/** US$1,000 per token: far above any price, and small enough that every product stays exact everywhere. */
const MOST_PICO_USD = 10n ** 15n;

/** A price in US dollars per `per` tokens, written in decimals, as whole pico-dollars per token; else why it cannot be that. */
export function toPicoUsd(written: string, per = 1n): bigint | { readonly problem: string } {
  const price = toPicoPrice(written, per);
  if (!price) return { problem: 'expected a price in US dollars such as 0.50' };
  if (price.isRounded) {
    return { problem: 'finer than a price can be: expected a whole number of pico-dollars (US$0.000000000001) per token' };
  }
  return price.pico <= MOST_PICO_USD ? price.pico : { problem: 'expected at most 1000 US dollars per token' };
}
