import { formatUsd } from '../core/money.js';
import { type BudgetChanges, type BudgetStanding, type BudgetWishes, toNanoUsd } from '../limits/index.js';
import type { BudgetDto, ChangeBudgetDto, CreateBudgetDto } from './budgets.dto.js';

export function toBudgetWishes(order: CreateBudgetDto): BudgetWishes {
  return {
    name: order.name,
    scope: order.scope,
    tenant: order.tenant,
    subject: order.subject,
    limitNanoUsd: toNanoUsd(order.limit_usd),
    period: order.period,
    windowSeconds: order.window_seconds,
    timeZone: order.time_zone,
    thresholds: order.thresholds,
    isDisabled: order.disabled,
  };
}

/** A field that was left out is absent. */
export function toBudgetChanges({ name, limit_usd, thresholds, disabled }: ChangeBudgetDto): BudgetChanges {
  const limitNanoUsd = limit_usd === undefined ? undefined : toNanoUsd(limit_usd);
  const given = { name, limitNanoUsd, thresholds, isDisabled: disabled };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

export function toBudgetDto({ budget, sums, startsAt, resetsAt }: BudgetStanding): BudgetDto {
  return {
    id: budget.id,
    name: budget.name,
    scope: budget.scope,
    subject: budget.subject ?? null,
    tenant: budget.tenant ?? null,
    limit_usd: formatUsd(budget.limitNanoUsd),
    period: budget.period,
    window_seconds: budget.windowSeconds ?? null,
    time_zone: budget.timeZone,
    thresholds: [...budget.thresholds],
    disabled: budget.isDisabled,
    spent_usd: sums ? formatUsd(sums.spent) : null,
    held_usd: sums ? formatUsd(sums.held) : null,
    remaining_usd: sums ? formatUsd(sums.remaining) : null,
    period_starts_at: toIso(startsAt),
    resets_at: resetsAt === undefined ? null : toIso(resetsAt),
    counts_from: toIso(budget.countsFrom),
    created_at: toIso(budget.createdAt),
    changed_at: toIso(budget.changedAt),
  };
}

function toIso(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
