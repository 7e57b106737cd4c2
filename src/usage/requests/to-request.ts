import { toUsd } from '../../core/money.js';
import { inputTokensOf, outputTokensOf, type Usage } from '../../core/usage.js';
import type { UsageTokensDto } from '../reports/usage-stats.dto.js';
import type { RequestRow } from './request-row.js';
import type { RequestDto } from './requests.dto.js';

/** A row as people read it. */
export function toRequest(row: RequestRow): RequestDto {
  return {
    id: row.callId,
    request_id: row.requestId,
    admitted_at: row.admittedAt.toISOString(),
    key_id: row.keyId,
    tenant: row.tenant,
    user_id: row.userId,
    surface: row.surface,
    streamed: row.streamed,
    model_asked: row.modelAsked,
    provider: row.provider,
    model: row.model,
    status: row.status,
    ending: row.ending,
    error_kind: row.errorKind,
    tokens: toTokens(row),
    usage_source: row.usageSource,
    cost_nano_usd: String(row.costNanoUsd),
    cost_usd: toUsd(row.costNanoUsd),
    provider_cost_nano_usd: row.providerCostNanoUsd === null ? null : String(row.providerCostNanoUsd),
    provider_cost_usd: row.providerCostNanoUsd === null ? null : toUsd(row.providerCostNanoUsd),
    failed_cost_nano_usd: String(row.failedCostNanoUsd),
    failed_cost_usd: toUsd(row.failedCostNanoUsd),
    price_version: row.priceVersion,
    service_tier: row.serviceTier,
    duration_ms: row.durationMs,
    first_token_ms: row.firstTokenMs,
    overhead_us: row.overheadUs,
    attempt_count: row.attemptCount,
    tags: (row.tags ?? {}) as Readonly<Record<string, string>>,
  };
}

export function toTokens(usage: Usage): UsageTokensDto {
  return {
    input: usage.input,
    cache_read: usage.cacheRead,
    cache_write_5m: usage.cacheWrite5m,
    cache_write_1h: usage.cacheWrite1h,
    output: usage.output,
    reasoning: usage.reasoning,
    audio_input: usage.audioInput,
    audio_output: usage.audioOutput,
    image: usage.image,
    total: inputTokensOf(usage) + outputTokensOf(usage),
  };
}
