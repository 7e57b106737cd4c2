import type { Clock } from '../core/clock.js';
import { GatewayError } from '../core/errors.js';
import type { Timeouts } from '../core/provider.js';

/**
 * The deadlines of one attempt on a single timer: total for every call, first event and silence for streams. Reading bytes
 * only notes the time; the timer looks at the note when it fires, instead of being set anew for each chunk.
 */
export class Deadline {
  private readonly startedAt: number;
  private lastBytesAt: number;
  private begun = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private timeouts: Timeouts,
    private readonly isStream: boolean,
    private readonly clock: Clock,
    private readonly onMissed: (error: GatewayError) => void,
  ) {
    this.startedAt = this.lastBytesAt = clock.elapsed();
    this.arm();
  }

  sawBytes(): void {
    if (this.isStream) this.lastBytesAt = this.clock.elapsed();
  }

  hasBegun(): void {
    this.begun = true;
    // The silence that is allowed between events may be shorter than what was left until the first one.
    if (this.isStream && this.timeouts.idleMs < this.timeouts.firstTokenMs) this.arm();
  }

  /** Nobody waits any more: from now on it has at most so much time in all, in milliseconds. */
  endWithin(ms: number): void {
    const totalMs = Math.min(this.timeouts.totalMs, this.clock.elapsed() - this.startedAt + ms);
    this.timeouts = { ...this.timeouts, totalMs };
    this.arm();
  }

  clear(): void {
    clearTimeout(this.timer);
  }

  /** After the end: `onExpired` unless cleared before. */
  lingerFor(ms: number, onExpired: () => void): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(onExpired, ms).unref();
  }

  private arm(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.look(), Math.max(1, this.nextAt() - this.clock.elapsed()));
  }

  private look(): void {
    if (this.clock.elapsed() >= this.nextAt()) this.onMissed(new GatewayError('upstream_timeout', this.whatWasMissed()));
    else this.arm();
  }

  private nextAt(): number {
    return Math.min(this.totalAt(), this.isStream ? this.phaseAt() : Infinity);
  }

  private totalAt(): number {
    return this.startedAt + this.timeouts.totalMs;
  }

  private phaseAt(): number {
    return this.begun ? this.lastBytesAt + this.timeouts.idleMs : this.startedAt + this.timeouts.firstTokenMs;
  }

  private whatWasMissed(): string {
    const { totalMs, firstTokenMs, idleMs } = this.timeouts;
    if (!this.isStream || this.totalAt() <= this.phaseAt()) return `The provider's answer took longer than ${totalMs} ms.`;
    return this.begun
      ? `The provider fell silent for ${idleMs} ms in the middle of its answer.`
      : `The provider did not begin to answer within ${firstTokenMs} ms.`;
  }
}
