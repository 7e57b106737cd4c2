import { LATENCY_BUCKETS, latencyBucketSql, latencyPercentile } from '../rollups/latency-buckets.js';
import type { LatencyDto } from './usage-report.dto.js';
import { latencySourceOf } from './source.js';

/** How many calls each bucket has. */
export type LatencyCounts = readonly number[];

export const LATENCY = latencySourceOf('latency', latencyBucketSql('duration_ms'));
export const MODEL_LATENCY = latencySourceOf('model_latency', latencyBucketSql('duration_ms'));

/** undefined = no calls. Milliseconds, to the tenth. */
export function toLatency(counts: LatencyCounts): LatencyDto | undefined {
  const [p50, p90, p95, p99] = [0.5, 0.9, 0.95, 0.99].map((share) => latencyPercentile(counts, share));
  if (p50 === undefined || p90 === undefined || p95 === undefined || p99 === undefined) return undefined;
  return { p50: rounded(p50), p90: rounded(p90), p95: rounded(p95), p99: rounded(p99) };
}

/** By what `keyOf` makes of a cell: its first two digits name the bucket. */
export function latencyBy<Cell extends { readonly name: string; readonly requests: bigint }, Key>(
  cells: readonly Cell[],
  keyOf: (cell: Cell) => Key,
): ReadonlyMap<Key, LatencyCounts> {
  const all = new Map<Key, number[]>();
  for (const cell of cells) {
    const key = keyOf(cell);
    const counts = all.get(key) ?? Array.from({ length: LATENCY_BUCKETS }, () => 0);
    counts[Number(cell.name.slice(0, 2))]! += Number(cell.requests);
    all.set(key, counts);
  }
  return all;
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}
