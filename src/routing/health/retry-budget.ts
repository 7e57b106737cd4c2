import type { Clock } from '../../core/clock.js';

/** In so many milliseconds all but 37 % of what was saved expires: calls of a healthy hour ago do not pay for the repeats of an outage. */
const EXPIRY_MS = 10_000;
/** The most that is saved, so that an outage of a busy provider does not begin with a burst of repeats. */
const MAX_SAVED = 100;
/** So that a provider with few calls is ever asked again: one repeat in five seconds, of which three are saved. */
const FLOOR_EVERY_MS = 5_000;
const MAX_FLOOR = 3;

/**
 * How many attempts at one provider may be repeats: `ratio` of its calls plus a small floor, so that an outage is not amplified. A
 * ratio of 0 allows none at all.
 */
export class RetryBudget {
  private saved = 0;
  private savedAtMs: number;
  private floor = MAX_FLOOR;
  private floorAtMs: number;

  constructor(
    private ratio: number,
    private readonly clock: Pick<Clock, 'elapsed'>,
  ) {
    this.savedAtMs = this.floorAtMs = clock.elapsed();
  }

  /** A call asks the provider for the first time. */
  countCall(): void {
    this.expire();
    this.saved = Math.min(MAX_SAVED, this.saved + this.ratio);
  }

  /** Takes one repeat, if there is one. */
  tryRepeat(): boolean {
    if (this.ratio === 0) return false;
    this.expire();
    if (this.saved >= 1) {
      this.saved -= 1;
      return true;
    }
    return this.tryFloor();
  }

  /** What is saved stays. */
  reconfigure(ratio: number): void {
    this.ratio = ratio;
  }

  private expire(): void {
    const nowMs = this.clock.elapsed();
    this.saved *= Math.exp(-(nowMs - this.savedAtMs) / EXPIRY_MS);
    this.savedAtMs = nowMs;
  }

  private tryFloor(): boolean {
    const nowMs = this.clock.elapsed();
    this.floor = Math.min(MAX_FLOOR, this.floor + (nowMs - this.floorAtMs) / FLOOR_EVERY_MS);
    this.floorAtMs = nowMs;
    if (this.floor < 1) return false;
    this.floor -= 1;
    return true;
  }
}
