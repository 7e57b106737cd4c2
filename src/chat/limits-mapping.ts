import { formatUsd } from '../core/money.js';
import type { LimitReading } from '../limits/index.js';
import type { BindingBudgetDto, RateLimitDto } from './limits.dto.js';

const TYPES = { requests: 'requests', tokens: 'tokens', calls: 'concurrency' } as const;

/** Those that are not about money. */
export function toRateLimits(readings: readonly LimitReading[], nowMs: number): RateLimitDto[] {
  return readings.flatMap((reading) => (reading.kind === 'budget' ? [] : [toRateLimit(reading, TYPES[reading.kind], nowMs)]));
}

/** Those that are. */
export function toBindingBudgets(readings: readonly LimitReading[], nowMs: number): BindingBudgetDto[] {
  return readings.flatMap((reading) => (reading.kind === 'budget' ? [toBindingBudget(reading, nowMs)] : []));
}

function toRateLimit(reading: LimitReading, type: RateLimitDto['type'], nowMs: number): RateLimitDto {
  const { scope, subject, limit, used } = reading;
  return {
    type,
    scope,
    subject,
    window_seconds: secondsOf(reading),
    limit: Number(limit),
    used: Number(used),
    remaining: Number(remainingOf(reading)),
    resets_at: resetsAt(reading, nowMs),
  };
}

function toBindingBudget(reading: LimitReading, nowMs: number): BindingBudgetDto {
  const { budgetId, subject, scope, limit, used, held } = reading;
  return {
    id: budgetId!,
    name: subject,
    scope,
    limit_usd: formatUsd(limit),
    spent_usd: formatUsd(used - held),
    held_usd: formatUsd(held),
    remaining_usd: formatUsd(remainingOf(reading)),
    window_seconds: secondsOf(reading),
    resets_at: resetsAt(reading, nowMs),
  };
}

function secondsOf({ windowMs }: LimitReading): number | null {
  return windowMs === undefined ? null : windowMs / 1_000;
}

/** A limit may have become lower than what is used. */
function remainingOf({ limit, used }: LimitReading): bigint {
  return used < limit ? limit - used : 0n;
}

/** A period ends whatever was spent in it; a window of which nothing is used has nothing to reset. */
function resetsAt({ used, windowMs, resetMs }: LimitReading, nowMs: number): string | null {
  if (resetMs === undefined || resetMs === Infinity || (windowMs !== undefined && used === 0n)) return null;
  return new Date(nowMs + resetMs).toISOString();
}
