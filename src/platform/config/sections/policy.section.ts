import type { BillingConfig, BreakerConfig, CacheConfig, Config, LimitsConfig } from '../config.js';
import type { Reading } from './reading.js';

export function toLimits({ environment: { values, set }, file: { limits } }: Reading): LimitsConfig {
  const perMinute = set.has('MAX_REQUESTS_PER_MINUTE') ? undefined : limits.requests_per_minute;
  const perHour = set.has('MAX_REQUESTS_PER_HOUR') ? undefined : limits.requests_per_hour;
  return {
    requestsPerMinute: perMinute ?? values.MAX_REQUESTS_PER_MINUTE,
    requestsPerHour: perHour ?? values.MAX_REQUESTS_PER_HOUR,
    tokensPerMinute: limits.tokens_per_minute,
    concurrency: limits.concurrency,
  };
}

export function toCache({ environment: { values, set }, file: { cache } }: Reading): CacheConfig {
  const mode = set.has('CACHE_MODE') ? undefined : cache.mode;
  const ttlSeconds = set.has('CACHE_TTL_SECONDS') ? undefined : cache.ttl_seconds;
  return {
    mode: mode ?? values.CACHE_MODE,
    ttlSeconds: ttlSeconds ?? values.CACHE_TTL_SECONDS,
    maxEntryBytes: cache.max_entry_bytes,
    maxBytes: cache.max_bytes,
    semantic: { enabled: cache.semantic.enabled, threshold: cache.semantic.threshold, model: cache.semantic.model },
  };
}

export function toRetry({ file: { retry } }: Reading): Config['retry'] {
  return { maxAttempts: retry.max_attempts, baseMs: retry.base_ms, maxMs: retry.max_ms, budgetRatio: retry.budget_ratio };
}

export function toBreaker({ file: { breaker } }: Reading): BreakerConfig {
  return {
    failureRatio: breaker.failure_ratio,
    minimumCalls: breaker.minimum_calls,
    windowMs: breaker.window_ms,
    consecutive: breaker.consecutive,
    openMs: breaker.open_ms,
    halfOpenCalls: breaker.half_open_calls,
    slowCallMs: breaker.slow_call_ms,
  };
}

export function toBilling({ environment: { values } }: Reading): BillingConfig {
  return {
    onClientAbort: values.ON_CLIENT_ABORT,
    onUnknownUsage: values.ON_UNKNOWN_USAGE,
    billFailedAttempts: values.BILL_FAILED_ATTEMPTS,
    costSource: values.COST_SOURCE,
    priceSyncHours: values.PRICE_SYNC_HOURS,
  };
}
