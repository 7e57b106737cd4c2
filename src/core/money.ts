const DECIMAL = /^(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,2}))?$/i;
const PICO_DIGITS = 12;
const NANO_PER_USD = 1_000_000_000n;

export interface PicoPrice {
  /** Pico-dollars per token. */
  readonly pico: bigint;
  /** The amount was finer than a pico-dollar per token and was raised to the next whole one. */
  readonly isRounded: boolean;
}

/**
 * US dollars per `per` tokens as whole pico-dollars per token, exact on the decimal text: no float is multiplied.
 * Rounds up, never down: a price may not vanish. undefined = not a non-negative decimal.
 */
export function toPicoPrice(usd: string, per: bigint): PicoPrice | undefined {
  const [matched, whole = '', fraction = '', exponent = '0'] = DECIMAL.exec(usd) ?? [];
  if (matched === undefined || whole + fraction === '') return undefined;
  const shift = PICO_DIGITS + Number(exponent) - fraction.length;
  const digits = BigInt(whole + fraction);
  const dividend = shift > 0 ? digits * 10n ** BigInt(shift) : digits;
  const divisor = shift < 0 ? per * 10n ** BigInt(-shift) : per;
  const isRounded = dividend % divisor !== 0n;
  return { pico: dividend / divisor + (isRounded ? 1n : 0n), isRounded };
}

/** Nano-dollars as US dollars in decimals: `1_500_000n` is `0.0015`. */
export function formatUsd(nanoUsd: bigint): string {
  const magnitude = nanoUsd < 0n ? -nanoUsd : nanoUsd;
  const whole = `${nanoUsd < 0n ? '-' : ''}${magnitude / NANO_PER_USD}`;
  const fraction = (magnitude % NANO_PER_USD).toString().padStart(9, '0').replace(/0+$/, '');
  return fraction === '' ? whole : `${whole}.${fraction}`;
}

/** Nano-dollars as the number that JSON shows people: it prints every digit up to eight million US dollars. Never to be summed. */
export function toUsd(nanoUsd: bigint): number {
  return Number(formatUsd(nanoUsd));
}
