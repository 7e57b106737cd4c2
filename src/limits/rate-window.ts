/** Calls within the same 1/4096 of a window are kept as one entry, so that memory does not grow with the limit. */
const GRAINS = 4_096;
const COMPACT_FROM = 512;

/**
 * Counts the calls of the last `windowMs`, wherever that span begins: at no instant do more than `limit` lie within it.
 * Calls of one grain leave together, with the last of them: up to 15 ms late for a minute, never early.
 * All times are readings of one rising clock, in milliseconds.
 */
export class RateWindow {
  private readonly grainMs: number;
  private times: number[] = [];
  private counts: number[] = [];
  private oldest = 0;
  private total = 0;

  constructor(
    readonly limit: number,
    readonly windowMs: number,
  ) {
    this.grainMs = windowMs / GRAINS;
  }

  /** The same calls under another limit, which there may be more of than it allows. */
  withLimit(limit: number): RateWindow {
    const window = new RateWindow(limit, this.windowMs);
    window.times = this.times.slice(this.oldest);
    window.counts = this.counts.slice(this.oldest);
    window.total = this.total;
    return window;
  }

  /** How many more calls fit in at `nowMs`. */
  remaining(nowMs: number): number {
    this.expire(nowMs);
    return Math.max(0, this.limit - this.total);
  }

  take(nowMs: number): void {
    const last = this.times.length - 1;
    if (last >= this.oldest && this.grainOf(this.times[last]!) === this.grainOf(nowMs)) {
      this.times[last] = nowMs;
      this.counts[last]! += 1;
    } else {
      this.times.push(nowMs);
      this.counts.push(1);
    }
    this.total += 1;
  }

  /**
   * Milliseconds from `nowMs` until the oldest counted call leaves; 0 when there is none. Where a limit that was lowered is
   * exceeded: until so many have left that there is room.
   */
  resetMs(nowMs: number): number {
    let excess = Math.max(1, this.total - this.limit + 1);
    for (let at = this.oldest; at < this.times.length; at += 1) {
      excess -= this.counts[at]!;
      if (excess <= 0) return Math.max(0, this.times[at]! + this.windowMs - nowMs);
    }
    return 0;
  }

  private grainOf(timeMs: number): number {
    return Math.floor(timeMs / this.grainMs);
  }

  private expire(nowMs: number): void {
    const horizonMs = nowMs - this.windowMs;
    while (this.oldest < this.times.length && this.times[this.oldest]! <= horizonMs) {
      this.total -= this.counts[this.oldest]!;
      this.oldest += 1;
    }
    this.compact();
  }

  private compact(): void {
    const isMostlyGone = this.oldest >= COMPACT_FROM && this.oldest * 2 >= this.times.length;
    if (this.oldest === 0 || !(isMostlyGone || this.oldest === this.times.length)) return;
    this.times = this.times.slice(this.oldest);
    this.counts = this.counts.slice(this.oldest);
    this.oldest = 0;
  }
}
