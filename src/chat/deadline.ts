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
    private readonly timeouts: Timeouts,
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
    this.timer = setTimeout(() => this.look(), Math.max(1, this.next().at - this.clock.elapsed()));
  }

  private look(): void {
    const { at, missed } = this.next();
    if (this.clock.elapsed() >= at) this.onMissed(new GatewayError('upstream_timeout', missed));
    else this.arm();
  }

  private next(): { at: number; missed: string } {
    const { totalMs, firstTokenMs, idleMs } = this.timeouts;
    const total = { at: this.startedAt + totalMs, missed: `The provider's answer took longer than ${totalMs} ms.` };
    if (!this.isStream) return total;
    const phase = this.begun
      ? { at: this.lastBytesAt + idleMs, missed: `The provider fell silent for ${idleMs} ms in the middle of its answer.` }
      : { at: this.startedAt + firstTokenMs, missed: `The provider did not begin to answer within ${firstTokenMs} ms.` };
    return phase.at < total.at ? phase : total;
  }
}
