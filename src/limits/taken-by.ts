import type { Settled } from '../core/settlement.js';
import { inputTokensOf, outputTokensOf } from '../core/usage.js';
import type { Amounts } from './admission-store.js';

/** What a call really took. */
export function takenBy({ record: { usage, costNanoUsd } }: Settled): Amounts {
  return { tokens: inputTokensOf(usage) + outputTokensOf(usage), costNanoUsd };
}
