const DECIMAL = /^(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,2}))?$/i;
const PICO_DIGITS = 12;
/** US$1,000 per token: far above any price, and small enough that every product stays exact everywhere. */
const MOST_PICO_USD = 10n ** 15n;

/** A price in US dollars per `per` tokens, written in decimals, as whole pico-dollars per token; else why it cannot be that. */
export function toPicoUsd(written: string, per = 1n): bigint | { readonly problem: string } {
  const [matched, whole = '', fraction = '', exponent = '0'] = DECIMAL.exec(written) ?? [];
  if (matched === undefined || whole + fraction === '') return { problem: 'expected a price in US dollars such as 0.50' };
  const shift = PICO_DIGITS + Number(exponent) - fraction.length;
  const digits = BigInt(whole + fraction);
  const dividend = shift > 0 ? digits * 10n ** BigInt(shift) : digits;
  const divisor = shift < 0 ? per * 10n ** BigInt(-shift) : per;
  if (dividend % divisor !== 0n) {
    return { problem: 'finer than a price can be: expected a whole number of pico-dollars (US$0.000000000001) per token' };
  }
  const pico = dividend / divisor;
  return pico <= MOST_PICO_USD ? pico : { problem: 'expected at most 1000 US dollars per token' };
}
