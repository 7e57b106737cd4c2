import { Injectable } from '@nestjs/common';
import { PrismaService, type Transaction } from '../../platform/index.js';
import type { BudgetBound } from '../bounds.js';
import { boundOf, bucketLengthOf, bucketOf } from './budget-bound.js';
import type { Budget } from './budget.js';
import { fromRow } from './budget-rows.js';
import { KNOWN, tenantsOf } from './budgets.store.js';

/** So much was spent, at `atMs` at the latest: epoch milliseconds. */
export interface Spent {
  readonly atMs: number;
  /** Of which bucket it is the sum, as rows name it. */
  readonly bucketMs: number;
  readonly costNanoUsd: bigint;
}

/** What the counter of a budget begins with that was lost. */
export interface CounterSeed {
  /** In whose shard it lies; undefined = above all tenants. */
  readonly tenant: string | undefined;
  readonly bound: BudgetBound;
  /** Of a period one sum; of a rolling window one for each of its buckets, the oldest first. Empty = nothing. */
  readonly spent: readonly Spent[];
}

/** A call whose row is in the ledger, so that the seeds have it. */
export interface StoredCall {
  readonly costNanoUsd: bigint;
  /** The `ref`s that it was charged to. */
  readonly budgets: readonly string[];
}

/** What Postgres knew at one instant. */
export interface SpendSnapshot {
  readonly seeds: readonly CounterSeed[];
  /** By call id; those that are not in the ledger are missing. */
  readonly stored: ReadonlyMap<string, StoredCall>;
}

export interface SpendQuestion {
  /** Epoch milliseconds; what a store's clock can be away from it is allowed for. */
  readonly nowMs: number;
  /** Calls that are asked about; made by `makeId` when they were admitted. */
  readonly callIds: readonly string[];
  /** Whose counters; undefined for those above all tenants. */
  concerns(tenant: string | undefined): boolean;
}

/** A store whose clock is so far away may still be in the period before, or already in the next. */
const SKEW_MS = 5 * 60_000;
const TIMEOUT_MS = 30_000;

/** Which buckets of a budget: from `since` to `until`, both included. */
interface Range {
  readonly tenant: string | undefined;
  readonly bound: BudgetBound;
  readonly since: number;
  readonly until: number;
}

interface SpendRow {
  readonly at: number;
  readonly bucket: Date;
  readonly spentNanoUsd: bigint;
}

/** What was spent under budgets, as the ledger has it. */
@Injectable()
export class SpendStore {
  constructor(private readonly prisma: PrismaService) {}

  /** One snapshot, so that a call is either in the seeds or not stored. Those switched off have seeds too: they may be switched on again. */
  read({ nowMs, callIds, concerns }: SpendQuestion): Promise<SpendSnapshot> {
    return this.prisma.$transaction(
      async (transaction) => {
        const ranges = (await rangesOf(transaction, nowMs)).filter(({ tenant }) => concerns(tenant));
        const spent = await readSpent(transaction, ranges);
        const seeds = ranges.map(({ tenant, bound }, at) => ({ tenant, bound, spent: toSpent(bound, spent.get(at) ?? [], nowMs) }));
        return { seeds, stored: await readStored(transaction, callIds) };
      },
      { isolationLevel: 'RepeatableRead', timeout: TIMEOUT_MS },
    );
  }

  /** Deletes the sums that nobody needs any more: what has left its rolling window long ago, and what came late for a deleted budget. */
  async prune(nowMs: number): Promise<number> {
    const now = new Date(nowMs);
    return this.prisma.$executeRaw`
      DELETE FROM budget_spend AS spend
      WHERE NOT EXISTS (
        SELECT FROM budgets budget
        WHERE budget.id = spend.budget_id AND (budget.period <> 'rolling'
          OR spend.bucket >= ${now}::timestamptz - interval '2 days' - 2 * budget.window_seconds * interval '1 second'))`;
  }
}

async function rangesOf(transaction: Transaction, nowMs: number): Promise<readonly Range[]> {
  const budgets = (await transaction.budget.findMany({ where: KNOWN })).map(fromRow);
  const teams = await tenantsOf(
    transaction,
    budgets.flatMap(({ scope, subject }) => (scope === 'key' ? [subject!] : [])),
  );
  return budgets.flatMap((budget) => {
    const tenant = budget.tenant ?? teams.get(budget.subject ?? '') ?? budget.subject;
    return boundsAround(budget, nowMs).map((bound) => ({ tenant, bound, ...bucketsOf(budget, bound, nowMs) }));
  });
}

function boundsAround(budget: Budget, nowMs: number): readonly BudgetBound[] {
  const around = [nowMs - SKEW_MS, nowMs + SKEW_MS, nowMs].map((ms) => boundOf(budget, ms).bound);
  return [...new Map(around.map((bound) => [bound.counter, bound])).values()];
}

function bucketsOf({ countsFrom }: Budget, bound: BudgetBound, nowMs: number): Pick<Range, 'since' | 'until'> {
  if (bound.kind === 'budget') {
    const bucket = bucketOf(bound.ref);
    return { since: bucket, until: bucket };
  }
  const { windowMs } = bound;
  return { since: Math.max(countsFrom, nowMs - SKEW_MS - windowMs - bucketLengthOf(windowMs)), until: nowMs + windowMs };
}

/** By the place of their range in the list. */
async function readSpent(transaction: Transaction, ranges: readonly Range[]): Promise<ReadonlyMap<number, readonly SpendRow[]>> {
  const asked = ranges.map(({ bound, since, until }, at) => ({
    at,
    budget_id: bound.budgetId,
    since: new Date(since).toISOString(),
    until: new Date(until).toISOString(),
  }));
  const rows = await transaction.$queryRaw<SpendRow[]>`
    SELECT asked.at, spend.bucket, spend.spent_nano_usd AS "spentNanoUsd"
    FROM json_to_recordset(${JSON.stringify(asked)}::json) AS asked(at int, budget_id uuid, since timestamptz, until timestamptz)
    JOIN budget_spend spend ON spend.budget_id = asked.budget_id AND spend.bucket BETWEEN asked.since AND asked.until
    ORDER BY asked.at, spend.bucket`;
  const found = new Map<number, SpendRow[]>();
  for (const row of rows) found.set(row.at, [...(found.get(row.at) ?? []), row]);
  return found;
}

/** All of a bucket counts until the last of it may have left the window. */
function toSpent(bound: BudgetBound, rows: readonly SpendRow[], nowMs: number): readonly Spent[] {
  return rows.map(({ bucket, spentNanoUsd }) => {
    const begun = bucket.getTime();
    if (bound.kind === 'budget') return { atMs: begun, bucketMs: begun, costNanoUsd: spentNanoUsd };
    const length = bucketLengthOf(bound.windowMs);
    const endsAt = (Math.floor(begun / length) + 1) * length;
    return { atMs: Math.max(begun, Math.min(endsAt - 1, nowMs)), bucketMs: begun, costNanoUsd: spentNanoUsd };
  });
}

async function readStored(transaction: Transaction, callIds: readonly string[]): Promise<ReadonlyMap<string, StoredCall>> {
  if (callIds.length === 0) return new Map();
  const asked = callIds.map((callId) => ({ call_id: callId, admitted_at: new Date(madeAt(callId)).toISOString() }));
  const rows = await transaction.$queryRaw<{ callId: string; costNanoUsd: bigint; budgets: string[] | null }[]>`
    SELECT call_id::text AS "callId", cost_nano_usd AS "costNanoUsd", budgets
    FROM json_to_recordset(${JSON.stringify(asked)}::json) AS asked(admitted_at timestamptz, call_id uuid)
    JOIN ledger USING (admitted_at, call_id)`;
  return new Map(rows.map(({ callId, costNanoUsd, budgets }) => [callId, { costNanoUsd, budgets: budgets ?? [] }]));
}

/** An id begins with the time at which it was made, by which the ledger is sorted. */
function madeAt(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}
