import { LATENCY_BUCKETS, latencyAt, latencyBucket } from './latency-buckets.js';

const RECENT_MS = 5 * 60_000;
const SLOT_MS = 10_000;
const SLOTS = RECENT_MS / SLOT_MS;

/** `answered` whole; `refused` for what was asked; `failed` for reasons of the provider or of the way to it. */
const ATTEMPT_ENDS = ['answered', 'refused', 'failed'] as const;
export type AttemptEnd = (typeof ATTEMPT_ENDS)[number];

/** How long the answered ones took, in milliseconds; the percentiles to about 10 %. undefined: there were none. */
export interface RecentLatency {
  readonly averageMs: number | undefined;
  readonly p50Ms: number | undefined;
  readonly p95Ms: number | undefined;
}

/**
 * What came of the attempts of the last five minutes, in a ring of slots of ten seconds. Numbers only, all of them made at the
 * start, so that adding one costs no memory. Times are on the clock's scale of spans.
 */
export class RecentAttempts {
  private readonly ends = new Float64Array(SLOTS * ATTEMPT_ENDS.length);
  private readonly latencies = new Uint32Array(SLOTS * LATENCY_BUCKETS);
  private readonly answeredMs = new Float64Array(SLOTS);
  /** The slot of the last look, counted from the beginning of the clock. */
  private latest = 0;

  add(end: AttemptEnd, durationMs: number, nowMs: number): void {
    const slot = this.slotAt(nowMs);
    this.ends[slot * ATTEMPT_ENDS.length + ATTEMPT_ENDS.indexOf(end)]! += 1;
    if (end !== 'answered') return;
    this.answeredMs[slot]! += durationMs;
    this.latencies[slot * LATENCY_BUCKETS + latencyBucket(durationMs)]! += 1;
  }

  /** Of the last so many milliseconds, to whole slots; of all five minutes unless less is asked for. */
  counts(nowMs: number, withinMs = RECENT_MS): Readonly<Record<AttemptEnd, number>> {
    const current = this.slotAt(nowMs);
    const counts = { answered: 0, refused: 0, failed: 0 };
    for (let back = 0; back < withinMs / SLOT_MS; back++) {
      const row = ((current - back + SLOTS) % SLOTS) * ATTEMPT_ENDS.length;
      ATTEMPT_ENDS.forEach((end, at) => (counts[end] += this.ends[row + at]!));
    }
    return counts;
  }

  latency(nowMs: number): RecentLatency {
    const { answered } = this.counts(nowMs);
    const [totalMs] = columnSums(this.answeredMs, 1);
    const counts = columnSums(this.latencies, LATENCY_BUCKETS);
    return {
      averageMs: answered === 0 ? undefined : totalMs! / answered,
      p50Ms: latencyAt(0.5, counts),
      p95Ms: latencyAt(0.95, counts),
    };
  }

  /** The slot of now, with those emptied that have had their time. */
  private slotAt(nowMs: number): number {
    const current = Math.floor(nowMs / SLOT_MS);
    const passed = Math.min(SLOTS, current - this.latest);
    for (let back = 0; back < passed; back++) this.empty((current - back) % SLOTS);
    if (passed > 0) this.latest = current;
    return current % SLOTS;
  }

  private empty(slot: number): void {
    this.ends.fill(0, slot * ATTEMPT_ENDS.length, (slot + 1) * ATTEMPT_ENDS.length);
    this.latencies.fill(0, slot * LATENCY_BUCKETS, (slot + 1) * LATENCY_BUCKETS);
    this.answeredMs[slot] = 0;
  }
}

function columnSums(table: ArrayLike<number>, columns: number): Float64Array {
  const sums = new Float64Array(columns);
  for (let at = 0; at < table.length; at++) sums[at % columns]! += table[at]!;
  return sums;
}
