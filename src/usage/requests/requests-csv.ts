import { formatUsd } from '../../core/money.js';
import { type Cell, toCsvLine } from './csv.js';
import type { RequestRow } from './request-row.js';

/** By the heading of the column. Money in US dollars is exact to the nano-dollar. */
const COLUMNS: Readonly<Record<string, (row: RequestRow) => Cell>> = {
  id: (row) => row.callId,
  request_id: (row) => row.requestId,
  admitted_at: (row) => row.admittedAt.toISOString(),
  key_id: (row) => row.keyId,
  tenant: (row) => row.tenant,
  user_id: (row) => row.userId,
  surface: (row) => row.surface,
  streamed: (row) => row.streamed,
  model_asked: (row) => row.modelAsked,
  provider: (row) => row.provider,
  model: (row) => row.model,
  status: (row) => row.status,
  ending: (row) => row.ending,
  error_kind: (row) => row.errorKind,
  input_tokens: (row) => row.input,
  cache_read_tokens: (row) => row.cacheRead,
  cache_write_5m_tokens: (row) => row.cacheWrite5m,
  cache_write_1h_tokens: (row) => row.cacheWrite1h,
  output_tokens: (row) => row.output,
  reasoning_tokens: (row) => row.reasoning,
  audio_input_tokens: (row) => row.audioInput,
  audio_output_tokens: (row) => row.audioOutput,
  image_tokens: (row) => row.image,
  usage_source: (row) => row.usageSource,
  cost_nano_usd: (row) => row.costNanoUsd,
  cost_usd: (row) => formatUsd(row.costNanoUsd),
  provider_cost_nano_usd: (row) => row.providerCostNanoUsd,
  failed_cost_nano_usd: (row) => row.failedCostNanoUsd,
  price_version: (row) => row.priceVersion,
  price_id: (row) => row.priceId,
  tier_above_input_tokens: (row) => row.tierAbove,
  service_tier: (row) => row.serviceTier,
  duration_ms: (row) => row.durationMs,
  first_token_ms: (row) => row.firstTokenMs,
  overhead_us: (row) => row.overheadUs,
  attempt_count: (row) => row.attemptCount,
  tags: (row) => (row.tags === null ? null : JSON.stringify(row.tags)),
};

const CELLS = Object.values(COLUMNS);

export const CSV_HEAD = toCsvLine(Object.keys(COLUMNS));

export function toCsvLines(rows: readonly RequestRow[]): string {
  return rows.map((row) => toCsvLine(CELLS.map((cell) => cell(row)))).join('');
}
