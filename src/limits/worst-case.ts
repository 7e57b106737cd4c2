import type { ModelRequest } from '../core/call.js';
import type { Settled } from '../core/settlement.js';
import { inputTokensOf, outputTokensOf } from '../core/usage.js';
import type { Amounts } from './admission-store.js';

const BYTES_PER_TOKEN = 4;
const OUTPUT_LIMITS = ['max_completion_tokens', 'max_tokens', 'max_output_tokens'];

/** About what a call may take: its body as text, and as many answers as it asks for, each as long as it allows. */
export function worstCaseOf({ raw, parsed, choices }: Pick<ModelRequest, 'raw' | 'parsed' | 'choices'>): Amounts {
  const body = parsed as Readonly<Record<string, unknown>>;
  let perAnswer = 0;
  for (const field of OUTPUT_LIMITS) {
    const limit = body[field];
    if (typeof limit === 'number') perAnswer = Math.max(perAnswer, limit);
  }
  return { tokens: Math.ceil(raw.length / BYTES_PER_TOKEN) + perAnswer * Math.max(1, choices), costNanoUsd: 0n };
}

/** What it really took. */
export function takenBy({ record: { usage, costNanoUsd } }: Settled): Amounts {
  return { tokens: inputTokensOf(usage) + outputTokensOf(usage), costNanoUsd };
}
