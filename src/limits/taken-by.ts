import type { Settled } from '../core/settlement.js';
import { inputTokensOf, outputTokensOf } from '../core/usage.js';
import type { Amounts } from './admission-store.js';

/** Counters are exact below it; a provider that reports more reports nonsense. */
const MOST_TOKENS = 2 ** 40;
const MOST_NANO_USD = 2n ** 52n;

/** What a call really took. */
export function takenBy({ record: { usage, costNanoUsd } }: Settled): Amounts {
  const tokens = inputTokensOf(usage) + outputTokensOf(usage);
  return { tokens: tokens < MOST_TOKENS ? tokens : MOST_TOKENS, costNanoUsd: costNanoUsd < MOST_NANO_USD ? costNanoUsd : MOST_NANO_USD };
}
