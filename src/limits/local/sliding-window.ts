/** What is taken within the same 1/256 of a window is kept as one entry, so that memory does not grow with the limit. */
const GRAINS = 256;
const COMPACT_FROM = 64;

/**
 * Sums up what was taken within the last `windowMs`, wherever that span begins. What was taken within one grain leaves together,
 * with the last of it: up to 234 ms late for a minute, never early.
 * All times are readings of one rising clock, in milliseconds.
 */
export class SlidingWindow {
  private readonly grainMs: number;
  private readonly times: number[] = [];
  private readonly amounts: number[] = [];
  /** The receipt of `times[0]`. */
  private firstReceipt = 0;
  private oldest = 0;
  private total = 0;

  constructor(readonly windowMs: number) {
    this.grainMs = windowMs / GRAINS;
  }

  sum(nowMs: number): number {
    this.expire(nowMs);
    return this.total;
  }

  isEmpty(nowMs: number): boolean {
    this.expire(nowMs);
    return this.oldest === this.times.length;
  }

  /** Returns a receipt with which the amount can be changed later. */
  take(nowMs: number, amount: number): number {
    const last = this.times.length - 1;
    this.total += amount;
    if (last >= this.oldest && this.grainOf(this.times[last]!) === this.grainOf(nowMs)) {
      this.times[last] = nowMs;
      this.amounts[last]! += amount;
      return this.firstReceipt + last;
    }
    this.times.push(nowMs);
    this.amounts.push(amount);
    return this.firstReceipt + last + 1;
  }

  /** Adds what was taken earlier, the latest first: told in another order, some of it leaves late, with what was taken next. */
  takeEarlier(timeMs: number, amount: number): void {
    this.compact();
    const next = this.times.findIndex((time) => time >= timeMs);
    if (next < 0) return void this.take(timeMs, amount);
    this.total += amount;
    if (next > 0) {
      this.amounts[next]! += amount;
      return;
    }
    this.times.unshift(timeMs);
    this.amounts.unshift(amount);
    this.firstReceipt -= 1;
  }

  /** Has no effect on what has left the window. */
  change(receipt: number, by: number): void {
    const at = receipt - this.firstReceipt;
    if (at < this.oldest) return;
    this.amounts[at]! += by;
    this.total += by;
  }

  /**
   * Milliseconds from `nowMs` until `needed` more fit under `limit`, or if they do now, until the oldest counted leaves.
   * 0 = nothing is counted, `Infinity` = never.
   */
  resetMs(nowMs: number, limit: number, needed: number): number {
    if (needed > limit) return Infinity;
    let excess = Math.max(1, this.total - (limit - needed));
    for (let at = this.oldest; at < this.times.length; at += 1) {
      excess -= this.amounts[at]!;
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
      this.total -= this.amounts[this.oldest]!;
      this.oldest += 1;
    }
    if (this.oldest >= COMPACT_FROM || this.oldest === this.times.length) this.compact();
  }

  private compact(): void {
    this.times.splice(0, this.oldest);
    this.amounts.splice(0, this.oldest);
    this.firstReceipt += this.oldest;
    this.oldest = 0;
  }
}
