const MAX_KEYS = 10_000;

/** What came of one request: whether it was counted, how many now are, and when the oldest of them leaves. */
export interface Counted {
  readonly isBlocked: boolean;
  readonly hits: number;
  readonly resetMs: number;
}

/**
 * Sliding windows in this process, by key. A refused request is not counted, so a key is known by no more numbers than its
 * limit; the key that has been quiet for longest makes room when there are too many.
 */
export class LocalWindows {
  /** When they happened, oldest first; keys in the order of their last. */
  private readonly times = new Map<string, readonly number[]>();
  private longestMs = 0;

  count(key: string, windowMs: number, limit: number, nowMs: number): Counted {
    const recent = (this.times.get(key) ?? []).filter((time) => time > nowMs - windowMs);
    const resetMs = (recent[0] ?? nowMs) + windowMs - nowMs;
    if (recent.length >= limit) return { isBlocked: true, hits: recent.length, resetMs };
    this.longestMs = Math.max(this.longestMs, windowMs);
    this.times.delete(key);
    this.times.set(key, [...recent, nowMs]);
    this.makeRoom(nowMs);
    return { isBlocked: false, hits: recent.length + 1, resetMs };
  }

  /** Keys that are remembered. */
  get size(): number {
    return this.times.size;
  }

  private makeRoom(nowMs: number): void {
    for (const [key, times] of this.times) {
      if (this.times.size <= MAX_KEYS && times.at(-1)! > nowMs - this.longestMs) return;
      this.times.delete(key);
    }
  }
}
