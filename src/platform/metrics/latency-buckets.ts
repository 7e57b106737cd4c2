/** Each bound is this many times the one before it: what is read from a bucket is at most 10 % off. */
const GROWTH = 1.2;
/** Up to twenty minutes; what took longer is in the last one. */
const BOUNDS_MS = boundsUpTo(20 * 60_000);

/** So many numbers hold a distribution. */
export const LATENCY_BUCKETS = BOUNDS_MS.length + 1;

/** The number of the bucket that a latency, in milliseconds, belongs to. */
export function latencyBucket(ms: number): number {
  if (ms <= 1) return 0;
  const bucket = Math.ceil(Math.log(ms) / Math.log(GROWTH));
  return bucket < BOUNDS_MS.length ? bucket : BOUNDS_MS.length;
}

/** The latency in milliseconds that the given share of all stayed within, to the width of a bucket; undefined where there are none. */
export function latencyAt(share: number, counts: ArrayLike<number>): number | undefined {
  let total = 0;
  for (let bucket = 0; bucket < counts.length; bucket++) total += counts[bucket]!;
  if (total === 0) return undefined;
  const rank = Math.max(1, Math.ceil(total * share));
  let seen = 0;
  let bucket = 0;
  while ((seen += counts[bucket]!) < rank) bucket++;
  return middleOf(bucket);
}

function middleOf(bucket: number): number {
  if (bucket === 0) return 1;
  const upper = BOUNDS_MS[Math.min(bucket, BOUNDS_MS.length - 1)]!;
  return upper / Math.sqrt(GROWTH);
}

function boundsUpTo(lastMs: number): readonly number[] {
  const bounds = [1];
  while (bounds.at(-1)! < lastMs) bounds.push(bounds.at(-1)! * GROWTH);
  return bounds;
}
