import type { ModelRequest } from '../../core/call.js';
import type { PricedTarget } from '../../core/target.js';
import { DIALECTS, type PriceBearing } from '../../dialects/index.js';
import { boundAt, type TargetBound } from './target-bound.js';
import { type CountableTexts, countableTexts, type TextTokens, tokensByBytes, tokensByCount } from './text-tokens.js';

/** The most that a call can take, whichever of its targets answers. Each figure is the largest of any target. */
export interface CallBound {
  readonly inputTokens: number;
  /** Of one answer. */
  readonly outputTokens: number;
  /** The caller set a limit on the answer itself. */
  readonly limitGiven: boolean;
  readonly costNanoUsd: bigint;
  /** What the call costs with the shortest answer that it may be cut to; the whole cost where it may not be cut. */
  readonly leastCostNanoUsd: bigint;
  /** For rates of tokens: an answer that nobody has limited counts as one of usual length. */
  readonly tokens: number;
  readonly targets: readonly TargetBound[];
  /** What it was worked out from. */
  readonly subject: Subject;
}

interface Subject {
  readonly request: ModelRequest;
  readonly targets: readonly PricedTarget[];
  readonly terms: WorstCaseTerms;
  readonly bearing: PriceBearing;
}

export interface WorstCaseTerms {
  /** A budget binds the call: what cannot be bounded or priced is refused. */
  readonly isBudgeted: boolean;
}

/** Sums of costs stay below 2^53; nothing that a budget has room for comes near. */
const MOST_NANO_USD = 2n ** 53n - 1n;

/**
 * The worst case of a call, from nothing but its bytes: two microseconds for a usual body. `targets`: all that its plan may reach,
 * those for prompts that are too long or refused among them. Under a budget it throws `forbidden` for a model without a price, and
 * `unsupported_parameter`, with the field, for what cannot be bounded or priced.
 */
export function worstCaseOf(request: ModelRequest, targets: readonly PricedTarget[], terms: WorstCaseTerms): CallBound {
  const bearing = DIALECTS[request.dialect].bearing(request);
  return worstOf({ request, targets, terms, bearing }, tokensByBytes(request, bearing.prompt));
}

/** The texts of a call whose bound by bytes was too much, to be counted. Takes some 20 ms for a megabyte. */
export function textsToCount({ subject }: CallBound): CountableTexts {
  return countableTexts(subject.bearing.prompt);
}

/** The worst case with the counts of its texts, one for each of `countable.texts` by OpenAI's encoding (o200k). Never more than before. */
export function tightened({ subject }: CallBound, countable: CountableTexts, counts: readonly number[]): CallBound {
  const counted = tokensByCount(countable, counts, subject.bearing.prompt);
  const byBytes = tokensByBytes(subject.request, subject.bearing.prompt);
  return worstOf(subject, (type, model) => Math.min(counted(type, model), byBytes(type, model)));
}

function worstOf(subject: Subject, textTokens: TextTokens): CallBound {
  const { request, terms, bearing } = subject;
  const targets = subject.targets.map((target) => boundAt(target, { request, bearing, textTokens, isBudgeted: terms.isBudgeted }));
  const mayBeCut = bearing.generates && (bearing.limit === undefined || bearing.mayClamp);
  let [costNanoUsd, leastCostNanoUsd] = [0n, 0n];
  for (const target of targets) {
    costNanoUsd = larger(costNanoUsd, costOf(target, target.outputTokens));
    const least = mayBeCut ? Math.min(target.outputTokens, bearing.leastAnswer) : target.outputTokens;
    leastCostNanoUsd = larger(leastCostNanoUsd, costOf(target, least));
  }
  return {
    inputTokens: largest(targets, (target) => target.inputTokens),
    outputTokens: largest(targets, (target) => target.outputTokens),
    limitGiven: bearing.limit !== undefined,
    costNanoUsd,
    leastCostNanoUsd,
    tokens: largest(targets, (target) => target.rateTokens),
    targets,
    subject,
  };
}

/** Rounded up: a bound is never below what it bounds. */
function costOf({ inputPico, outputPico }: TargetBound, outputTokens: number): bigint {
  const nano = (inputPico + BigInt(outputTokens) * outputPico + 999n) / 1_000n;
  return nano < MOST_NANO_USD ? nano : MOST_NANO_USD;
}

/**
 * The limit that a body must carry to a target (`TranslationTerms.maxOutputTokens`), in tokens for each answer: the largest with which
 * the call costs no more than is held for it. Undefined where the body may go as it is.
 */
export function affordableOutput(
  { targets }: CallBound,
  { provider, model }: Pick<PricedTarget, 'provider' | 'model'>,
  heldCostNanoUsd: bigint,
): number | undefined {
  const bound = targets.find((target) => target.provider === provider.name && target.model === model);
  if (!bound || bound.outputTokens === 0) return undefined;
  const { inputPico, outputPico, outputTokens, needsLimit } = bound;
  const room = heldCostNanoUsd * 1_000n - inputPico;
  if (outputPico === 0n || room >= outputPico * BigInt(outputTokens)) return needsLimit ? outputTokens : undefined;
  return room > 0n ? Number(room / outputPico) : 0;
}

function larger(left: bigint, right: bigint): bigint {
  return left > right ? left : right;
}

function largest(targets: readonly TargetBound[], figure: (target: TargetBound) => number): number {
  return targets.reduce((most, target) => Math.max(most, figure(target)), 0);
}
