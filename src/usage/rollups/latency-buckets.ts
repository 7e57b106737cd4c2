/** How many there are. Each reaches √2 times as far as the one before; the last one has no end. */
export const LATENCY_BUCKETS = 36;
const FIRST_BOUND_MS = 5;

/** Up to how many whole milliseconds, inclusive, each bucket but the last one reaches: 5, 7, 10, 14, … 655,360. */
export const LATENCY_BOUNDS_MS: readonly number[] = Array.from({ length: LATENCY_BUCKETS - 1 }, (_, at) =>
  Math.floor(FIRST_BOUND_MS * 2 ** (at / 2)),
);

const NAMES = Array.from({ length: LATENCY_BUCKETS }, (_, at) => latencyBucketName(at)).join(',');
const BEGINNINGS = LATENCY_BOUNDS_MS.map((bound) => bound + 1).join(',');

/** As cells name it: its number in two digits. */
export function latencyBucketName(bucket: number): string {
  return String(bucket).padStart(2, '0');
}

/** SQL for the name of the bucket of an INTEGER of milliseconds that is not null. */
export function latencyBucketSql(durationMs: string): string {
  return `('{${NAMES}}'::text[])[1 + width_bucket(${durationMs}, '{${BEGINNINGS}}'::int[])]`;
}

/**
 * The milliseconds that a share of all calls (0.95 = the 95th percentile) took at most, as far as counts by bucket tell: calls are taken
 * to lie evenly within theirs. In the last bucket it is where that one begins. Undefined where there were no calls.
 */
export function latencyPercentile(counts: readonly number[], share: number): number | undefined {
  const rank = share * counts.reduce((sum, count) => sum + count, 0);
  let below = 0;
  let last: number | undefined;
  for (const [bucket, count] of counts.entries()) {
    if (count === 0) continue;
    last = endOf(bucket);
    if (below + count >= rank) {
      const begin = bucket === 0 ? 0 : LATENCY_BOUNDS_MS[bucket - 1]!;
      return begin + (last - begin) * Math.max(0, (rank - below) / count);
    }
    below += count;
  }
  return last;
}

function endOf(bucket: number): number {
  return LATENCY_BOUNDS_MS[Math.min(bucket, LATENCY_BOUNDS_MS.length - 1)]!;
}
