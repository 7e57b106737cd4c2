import { formatUsd } from '../../core/money.js';
import type { AuditFacts } from '../../platform/index.js';
import type { Budget, BudgetPeriod, BudgetScope } from './budget.js';

export interface BudgetRow {
  readonly id: string;
  readonly name: string;
  readonly scope: string;
  readonly tenant: string | null;
  readonly subject: string | null;
  readonly limitNanoUsd: bigint;
  readonly period: string;
  readonly windowSeconds: number | null;
  readonly timeZone: string;
  readonly thresholds: readonly number[];
  readonly disabled: boolean;
  readonly countsFrom: Date;
  readonly createdAt: Date;
  readonly changedAt: Date;
}

export function fromRow({ disabled, ...row }: BudgetRow): Budget {
  return {
    ...row,
    scope: row.scope as BudgetScope,
    tenant: row.tenant ?? undefined,
    subject: row.subject ?? undefined,
    period: row.period as BudgetPeriod,
    windowSeconds: row.windowSeconds ?? undefined,
    isDisabled: disabled,
    countsFrom: row.countsFrom.getTime(),
    createdAt: row.createdAt.getTime(),
    changedAt: row.changedAt.getTime(),
  };
}

export function toRow({ isDisabled, ...budget }: Budget) {
  return {
    ...budget,
    tenant: budget.tenant ?? null,
    subject: budget.subject ?? null,
    windowSeconds: budget.windowSeconds ?? null,
    thresholds: [...budget.thresholds],
    disabled: isDisabled,
    countsFrom: new Date(budget.countsFrom),
    createdAt: new Date(budget.createdAt),
    changedAt: new Date(budget.changedAt),
  };
}

/** What the audit log keeps of it. */
export function toFacts(budget: Budget): AuditFacts {
  return {
    name: budget.name,
    scope: budget.scope,
    tenant: budget.tenant ?? null,
    subject: budget.subject ?? null,
    limit_usd: formatUsd(budget.limitNanoUsd),
    period: budget.period,
    window_seconds: budget.windowSeconds ?? null,
    time_zone: budget.timeZone,
    thresholds: [...budget.thresholds],
    disabled: budget.isDisabled,
    counts_from: new Date(budget.countsFrom).toISOString(),
  };
}
