import { RateWindow } from './rate-window.js';

/** What one key has going: its rate windows and its calls in flight. */
export class KeyUse {
  windows: readonly RateWindow[] = [];
  inFlight = 0;
  private perMinute = 0;
  private perHour = 0;

  /** Counts on under these limits, 0 being none: what was counted within a window of the same length stays counted. */
  holdTo(perMinute: number, perHour: number): void {
    if (perMinute === this.perMinute && perHour === this.perHour) return;
    const limits = [
      { limit: perMinute, windowMs: 60_000 },
      { limit: perHour, windowMs: 3_600_000 },
    ].filter(({ limit }) => limit > 0);
    this.windows = limits.map(({ limit, windowMs }) => {
      const before = this.windows.find((window) => window.windowMs === windowMs);
      return before ? before.withLimit(limit) : new RateWindow(limit, windowMs);
    });
    this.perMinute = perMinute;
    this.perHour = perHour;
  }

  /** Among the windows that are full, the one that stays so for longest: only when it has room does another try help. */
  findFull(nowMs: number): RateWindow | undefined {
    let full: RateWindow | undefined;
    for (const window of this.windows) {
      if (window.remaining(nowMs) > 0) continue;
      if (!full || window.resetMs(nowMs) > full.resetMs(nowMs)) full = window;
    }
    return full;
  }

  /** The window with the fewest calls left. */
  findTightest(nowMs: number): RateWindow | undefined {
    let tightest: RateWindow | undefined;
    for (const window of this.windows) {
      if (!tightest || window.remaining(nowMs) < tightest.remaining(nowMs)) tightest = window;
    }
    return tightest;
  }

  take(nowMs: number): void {
    for (const window of this.windows) window.take(nowMs);
    this.inFlight += 1;
  }

  isIdle(nowMs: number): boolean {
    return this.inFlight === 0 && this.windows.every((window) => window.remaining(nowMs) === window.limit);
  }
}
