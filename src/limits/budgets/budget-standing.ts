import type { AdmissionStore, Reading } from '../admission-store.js';
import type { BudgetBound } from '../bounds.js';
import { boundOf } from './budget-bound.js';
import type { Budget } from './budget.js';

/** Injection token of `BudgetReadings`. */
export const BUDGET_READINGS = Symbol('BUDGET_READINGS');

/** Whoever counts. Throws or rejects where that cannot be told at the moment. */
export type BudgetReadings = Pick<AdmissionStore, 'look'>;

/** How much of a budget is left. Times are epoch milliseconds. */
export interface BudgetStanding {
  readonly budget: Budget;
  /** Undefined = that cannot be told at the moment. */
  readonly sums: { readonly spent: bigint; readonly held: bigint; readonly remaining: bigint } | undefined;
  /** From when on its counts, */
  readonly startsAt: number;
  /** and when that begins anew, or for a rolling one when some of it is free again; undefined = never, or nothing is spent. */
  readonly resetsAt: number | undefined;
}

/** Nobody spends under a tenant of this name: what is meant above all tenants is looked for there. */
const NO_TENANT = '';

/** Reads how budgets stand. `tenantOf` tells in whose shard a budget's counter lies; undefined = above all tenants. */
export async function readStandings(
  budgets: readonly Budget[],
  tenantOf: (budget: Budget) => string | undefined,
  readings: BudgetReadings,
  nowMs: number,
): Promise<readonly BudgetStanding[]> {
  const byTenant = new Map<string, Budget[]>();
  for (const budget of budgets) {
    const tenant = tenantOf(budget) ?? NO_TENANT;
    byTenant.set(tenant, [...(byTenant.get(tenant) ?? []), budget]);
  }
  const read = new Map<Budget, Reading>();
  await Promise.all(
    [...byTenant].map(async ([tenant, several]) => {
      const found = await lookOrNothing(readings, tenant, several, nowMs);
      for (const [at, reading] of found.entries()) read.set(several[at]!, reading);
    }),
  );
  return budgets.map((budget) => toStanding(budget, read.get(budget), nowMs));
}

async function lookOrNothing(
  readings: BudgetReadings,
  tenant: string,
  budgets: readonly Budget[],
  nowMs: number,
): Promise<readonly Reading[]> {
  const bounds = budgets.map((budget) => boundOf(budget, nowMs).bound);
  try {
    return await readings.look(tenant, bounds);
  } catch {
    return [];
  }
}

function toStanding(budget: Budget, reading: Reading | undefined, nowMs: number): BudgetStanding {
  const { bound } = boundOf(budget, nowMs);
  return {
    budget,
    sums: reading && toSums(budget, reading),
    startsAt: startOf(budget, bound, nowMs),
    resetsAt: resetOf(bound, reading, nowMs),
  };
}

function toSums({ limitNanoUsd }: Budget, { used, held }: Reading): NonNullable<BudgetStanding['sums']> {
  const left = limitNanoUsd - used;
  return { spent: used - held, held, remaining: left > 0n ? left : 0n };
}

function startOf({ countsFrom }: Budget, bound: BudgetBound, nowMs: number): number {
  return Math.max(countsFrom, bound.kind === 'rolling' ? nowMs - bound.windowMs : bound.startsAt);
}

function resetOf(bound: BudgetBound, reading: Reading | undefined, nowMs: number): number | undefined {
  if (bound.kind === 'budget') return bound.endsAt === Infinity ? undefined : bound.endsAt;
  if (!reading || reading.used === 0n || reading.resetMs === undefined || reading.resetMs === Infinity) return undefined;
  return nowMs + reading.resetMs;
}
