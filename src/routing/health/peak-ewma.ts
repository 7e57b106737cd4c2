import type { Clock } from '../../core/clock.js';

/** In so many milliseconds of lower latencies, or of none, all but 37 % of a peak is forgotten. */
const DECAY_MS = 10_000;
/** After so long without an answer nothing is known any more. */
const FORGET_MS = 60_000;
/** What a target of which nothing is known costs while a call is there to find out: more than any that is known. */
const UNKNOWN_MS = 1_000_000;

/**
 * A moving average of latency that jumps to a peak at once and comes down slowly (as in Finagle's and linkerd's balancers): a target
 * that turns slow is left in the next moment, and one that recovers is found again because the average falls while it is not asked.
 */
export class PeakEwma {
  private latencyMs = 0;
  private observedAtMs = -Infinity;

  constructor(private readonly clock: Pick<Clock, 'elapsed'>) {}

  observe(latencyMs: number): void {
    const nowMs = this.clock.elapsed();
    const weight = Math.exp(-(nowMs - this.observedAtMs) / DECAY_MS);
    this.latencyMs = latencyMs >= this.latencyMs ? latencyMs : this.latencyMs * weight + latencyMs * (1 - weight);
    this.observedAtMs = nowMs;
  }

  /**
   * Latency × (calls in hand + 1), in milliseconds. A target that is unknown, or was not heard of for a minute, costs nothing, so that
   * it is tried; but by one call at a time.
   */
  load(inFlight: number): number {
    const silentMs = this.clock.elapsed() - this.observedAtMs;
    if (silentMs > FORGET_MS) return inFlight === 0 ? 0 : UNKNOWN_MS * inFlight;
    return this.latencyMs * Math.exp(-silentMs / DECAY_MS) * (inFlight + 1);
  }
}
