import type { RateLimits } from '../core/caller.js';

/** Limits as administrators set them: 0 = no limit; undefined = as configured, or for a team none. */
export type LimitAttributes = Readonly<Record<keyof RateLimits, number | undefined>>;

/** The same as rows have them. */
export type LimitColumns = Readonly<Record<keyof RateLimits, number | null>>;

export const NO_LIMITS: LimitAttributes = {
  requestsPerMinute: undefined,
  requestsPerHour: undefined,
  tokensPerMinute: undefined,
  concurrency: undefined,
};

export function fromLimitColumns(row: LimitColumns): LimitAttributes {
  return {
    requestsPerMinute: row.requestsPerMinute ?? undefined,
    requestsPerHour: row.requestsPerHour ?? undefined,
    tokensPerMinute: row.tokensPerMinute ?? undefined,
    concurrency: row.concurrency ?? undefined,
  };
}

export function toLimitColumns(limits: LimitAttributes): LimitColumns {
  return {
    requestsPerMinute: limits.requestsPerMinute ?? null,
    requestsPerHour: limits.requestsPerHour ?? null,
    tokensPerMinute: limits.tokensPerMinute ?? null,
    concurrency: limits.concurrency ?? null,
  };
}

export function toRateLimits({ requestsPerMinute, requestsPerHour, tokensPerMinute, concurrency }: LimitAttributes): RateLimits {
  return {
    ...(requestsPerMinute !== undefined && { requestsPerMinute }),
    ...(requestsPerHour !== undefined && { requestsPerHour }),
    ...(tokensPerMinute !== undefined && { tokensPerMinute }),
    ...(concurrency !== undefined && { concurrency }),
  };
}

export function toLimitsWire(limits: LimitAttributes) {
  return {
    requests_per_minute: limits.requestsPerMinute ?? null,
    requests_per_hour: limits.requestsPerHour ?? null,
    tokens_per_minute: limits.tokensPerMinute ?? null,
    concurrency: limits.concurrency ?? null,
  };
}
