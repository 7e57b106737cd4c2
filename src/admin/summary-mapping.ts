import { toUsd } from '../core/money.js';
import { LATENCY_BUCKETS, latencyPercentile, type Sums, toTokens } from '../usage/index.js';
import type { LatencyDto, SummaryDto, TopDto, TopModelDto, UnpricedDto } from './summary.dto.js';
import type { NamedSummaryCell, RefusedCalls, SummaryCell } from './summary.store.js';

const TOP = 5;

type TotalFields = 'requests' | 'errors' | 'input_tokens' | 'output_tokens' | 'tokens' | 'cost_usd' | 'unpriced_requests' | 'latency';

export function toTotals(cells: { readonly totals: Sums; readonly named: readonly NamedSummaryCell[] }): Pick<SummaryDto, TotalFields> {
  const { totals, named } = cells;
  const { input, cacheRead, cacheWrite5m, cacheWrite1h, output, audioInput, audioOutput, image } = totals;
  return {
    requests: Number(totals.requests),
    errors: Number(totals.errors),
    input_tokens: Number(input + cacheRead + cacheWrite5m + cacheWrite1h + audioInput + image),
    output_tokens: Number(output + audioOutput),
    tokens: toTokens(totals),
    cost_usd: toUsd(totals.costNanoUsd),
    unpriced_requests: Number(totals.unpriced),
    latency: toLatency(named.filter(({ series }) => series === 'latency')),
  };
}

/** `named` the dearest first. Calls that reached no model are none of one. */
export function topModels(named: readonly NamedSummaryCell[]): TopModelDto[] {
  const models = named.filter(({ series, name }) => series === 'model' && name !== '');
  return models.slice(0, TOP).map((cell) => ({ ...toTop(cell), ...toPlace(cell.name) }));
}

export function toUnpriced(named: readonly NamedSummaryCell[]): UnpricedDto[] {
  const models = named
    .filter(({ series }) => series === 'unpriced')
    .map(({ name, requests }) => ({ ...toPlace(name), requests: Number(requests) }));
  return models.sort((one, other) => other.requests - one.requests).slice(0, TOP);
}

export function toRefusals(refused: readonly RefusedCalls[]): Pick<SummaryDto, 'refused_requests' | 'top_refusals'> {
  const all = refused.map(({ bound, requests }) => ({ bound, requests: Number(requests) }));
  return { refused_requests: all.reduce((sum, { requests }) => sum + requests, 0), top_refusals: all.slice(0, TOP) };
}

export function toTop({ name, requests, costNanoUsd }: SummaryCell): TopDto {
  return { name, requests: Number(requests), cost_usd: toUsd(costNanoUsd) };
}

/** Of `provider/model`: models may have strokes in their names, providers have none. */
function toPlace(place: string): { readonly name: string; readonly provider: string } {
  const stroke = place.indexOf('/');
  return { name: place.slice(stroke + 1), provider: place.slice(0, Math.max(0, stroke)) };
}

function toLatency(cells: readonly SummaryCell[]): LatencyDto {
  const counts = Array.from({ length: LATENCY_BUCKETS }, () => 0);
  for (const { name, requests } of cells) counts[Number(name)] = Number(requests);
  const [p50_ms, p95_ms, p99_ms] = [0.5, 0.95, 0.99].map((share) => rounded(latencyPercentile(counts, share))) as [number, number, number];
  return { p50_ms, p95_ms, p99_ms };
}

function rounded(ms: number | undefined): number | null {
  return ms === undefined ? null : Math.round(ms * 10) / 10;
}
