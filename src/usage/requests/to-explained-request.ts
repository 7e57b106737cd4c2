import { RATE_NAMES } from '../../core/price.js';
import { BUCKET_NAMES, BUCKETS, NO_USAGE } from '../../core/usage.js';
import { type BucketCharge, explainCharge } from './charge.js';
import { decimal } from './decimal.js';
import type { AttemptDto, BucketChargeDto, ChargedBudgetDto, ChargeDto, ExplainedRequestDto } from './explained-request.dto.js';
import { meaningOf } from './meanings.js';
import type { ChargedPrice, WholeRow } from './request-row.js';
import { toRequest, toTokens } from './to-request.js';

const PICO_DIGITS = 12;
/** Pico-dollars for a token are micro-dollars for a million of them. */
const MICRO_DIGITS = 6;

/** What a row is explained with; `price` undefined = it was not kept. */
export interface Known {
  readonly price: ChargedPrice | undefined;
  /** By id. */
  readonly budgetNames: ReadonlyMap<string, string>;
  /** Other calls with the label that was asked for. */
  readonly otherIds: readonly string[];
}

/** An attempt as rows have it; what came later is missing in older ones. */
interface StoredAttempt {
  readonly provider: string;
  readonly model: string;
  readonly started_ms: number;
  readonly duration_ms: number;
  readonly outcome: string;
  readonly reason?: string;
  readonly usage?: Readonly<Record<string, number>>;
  readonly cost_nano_usd?: string;
  readonly price_id?: string;
  readonly service_tier?: string;
}

/** A row, and how each of its figures came about. */
export function toExplainedRequest(row: WholeRow, { price, budgetNames, otherIds }: Known): ExplainedRequestDto {
  const attempts = Array.isArray(row.attempts) ? (row.attempts as readonly StoredAttempt[]) : [];
  return {
    ...toRequest(row),
    ending_meaning: meaningOf('ending', row.ending),
    usage_source_meaning: meaningOf('usage_source', row.usageSource),
    charge: toCharge(row, price),
    attempts: attempts.map(toAttempt),
    budgets: (row.budgets ?? []).map((ref) => toBudget(ref, budgetNames)),
    other_ids: [...otherIds],
  };
}

/** The budget in the `<id>@<bucket, epoch milliseconds>` of a row. */
export function budgetIdOf(ref: string): string {
  return ref.split('@', 1)[0]!;
}

function toCharge(row: WholeRow, price: ChargedPrice | undefined): ChargeDto {
  const { basis, calculation } = explainCharge(row, price);
  const { sumPico, factor, costNanoUsd } = calculation ?? {};
  const difference = costNanoUsd === undefined ? undefined : row.costNanoUsd - costNanoUsd;
  return {
    basis,
    basis_meaning: meaningOf('basis', basis),
    price_id: row.priceId,
    prices_kept: calculation !== undefined,
    tier_above_input_tokens: row.tierAbove,
    service_tier_factor: factor ? `${factor.numerator}/${factor.denominator}` : null,
    buckets: (calculation?.buckets ?? []).map(toBucketCharge),
    sum_pico_usd: textOrNull(sumPico),
    sum_usd: sumPico === undefined ? null : decimal(sumPico, PICO_DIGITS),
    recomputed_nano_usd: textOrNull(costNanoUsd),
    matches: difference === undefined ? null : difference === 0n,
    difference_nano_usd: textOrNull(difference),
  };
}

function toBucketCharge({ bucket, tokens, picoPerToken, amountPico }: BucketCharge): BucketChargeDto {
  return {
    bucket: RATE_NAMES[bucket],
    tokens,
    pico_usd_per_token: String(picoPerToken),
    usd_per_million_tokens: bucket === 'request' ? null : decimal(picoPerToken, MICRO_DIGITS),
    amount_pico_usd: String(amountPico),
    amount_usd: decimal(amountPico, PICO_DIGITS),
  };
}

function toAttempt(attempt: StoredAttempt): AttemptDto {
  const { usage } = attempt;
  return {
    provider: attempt.provider,
    model: attempt.model,
    outcome: attempt.outcome,
    reason: attempt.reason ?? null,
    started_ms: attempt.started_ms,
    duration_ms: attempt.duration_ms,
    tokens: usage
      ? toTokens({ ...NO_USAGE, ...Object.fromEntries(BUCKETS.map((bucket) => [bucket, usage[BUCKET_NAMES[bucket]] ?? 0])) })
      : null,
    service_tier: attempt.service_tier ?? null,
    price_id: attempt.price_id ?? null,
    cost_nano_usd: attempt.cost_nano_usd ?? null,
  };
}

function toBudget(ref: string, names: ReadonlyMap<string, string>): ChargedBudgetDto {
  const id = budgetIdOf(ref);
  return { id, name: names.get(id) ?? null, since: new Date(Number(ref.slice(id.length + 1))).toISOString() };
}

function textOrNull(value: bigint | undefined): string | null {
  return value === undefined ? null : String(value);
}
