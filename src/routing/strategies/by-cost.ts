import { costOf, priceFor } from '../../core/price.js';
import { NO_USAGE, type Usage } from '../../core/usage.js';
import type { Ordering, SizedRequest } from './ordering.js';

/** A token of English text is about so many bytes of a body; all that matters is how input and output weigh against each other. */
const BYTES_PER_TOKEN = 4;
/** What an answer is taken to be long where the request has no limit. */
const USUAL_OUTPUT_TOKENS = 512;
/** In the order in which dialects prefer them, should a request have several. */
const LIMITS = ['max_completion_tokens', 'max_output_tokens', 'max_tokens'];

/** The cheapest first for a call of this size. What has no known price comes last; equals stay as listed. */
export const byCost: Ordering = (targets, request, { priceOf }) => {
  const usage = expectedUsage(request);
  const costs = targets.map((target) => {
    const priced = priceOf(target);
    return { target, cost: priced && costOf(usage, priceFor(priced, usage)) };
  });
  return costs.sort((a, b) => compareCosts(a.cost, b.cost)).map(({ target }) => target);
};

function compareCosts(a: bigint | undefined, b: bigint | undefined): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function expectedUsage({ dialect, raw, parsed, choices }: SizedRequest): Usage {
  const output = dialect === 'embeddings' ? 0 : outputLimit(parsed) * choices;
  return { ...NO_USAGE, input: Math.ceil(raw.length / BYTES_PER_TOKEN), output };
}

function outputLimit(parsed: unknown): number {
  const body = parsed as Readonly<Record<string, unknown>>;
  const limit = LIMITS.map((field) => body[field]).find((value) => Number.isSafeInteger(value) && (value as number) > 0);
  return (limit as number | undefined) ?? USUAL_OUTPUT_TOKENS;
}
