import type { Clock } from '../../core/clock.js';
import type { Log } from '../../platform/index.js';

/** A storm of them is one line. */
const QUIET_MS = 60_000;

/** Counts bodies that are not kept, and says so at most once a minute. */
export class Misses {
  private total = 0;
  private told = 0;
  private toldAt = -Infinity;
  private reason = '';

  constructor(
    private readonly clock: Pick<Clock, 'elapsed'>,
    private readonly log: Log,
  ) {}

  /** Of so many calls, for the last of these reasons. */
  count(calls: number, reason: string): void {
    this.total += calls;
    this.reason = reason;
    this.tell();
  }

  /** What nobody was told of yet, if it is time for it; `always`: in any case. */
  tell(always = false): void {
    const calls = this.total - this.told;
    const now = this.clock.elapsed();
    if (calls === 0 || (!always && now - this.toldAt < QUIET_MS)) return;
    this.told = this.total;
    this.toldAt = now;
    const { total, reason } = this;
    this.log.warn({ event: 'bodies_dropped', calls, total, reason }, 'Bodies of calls were not kept. The calls and their rows are whole.');
  }
}
