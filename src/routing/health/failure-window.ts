const BUCKETS = 10;

/**
 * How many calls ended and how many of them failed over the last `windowMs`, in a ring of ten buckets: a tenth of the window leaves
 * at once, and a call costs two additions, however many there are.
 */
export class FailureWindow {
  private readonly callsIn = new Uint32Array(BUCKETS);
  private readonly failuresIn = new Uint32Array(BUCKETS);
  private readonly bucketMs: number;
  /** Counted from the zero of the clock. */
  private bucket = 0;
  private allCalls = 0;
  private allFailures = 0;

  constructor(readonly windowMs: number) {
    this.bucketMs = windowMs / BUCKETS;
  }

  get calls(): number {
    return this.allCalls;
  }

  /** The share of calls that failed, as of the last `count`; 0 without calls. */
  get failureRatio(): number {
    return this.allCalls === 0 ? 0 : this.allFailures / this.allCalls;
  }

  count(hasFailed: boolean, nowMs: number): void {
    this.moveTo(Math.floor(nowMs / this.bucketMs));
    const at = this.bucket % BUCKETS;
    this.callsIn[at]! += 1;
    this.allCalls += 1;
    if (!hasFailed) return;
    this.failuresIn[at]! += 1;
    this.allFailures += 1;
  }

  clear(): void {
    this.callsIn.fill(0);
    this.failuresIn.fill(0);
    this.allCalls = this.allFailures = 0;
  }

  private moveTo(bucket: number): void {
    if (bucket - this.bucket >= BUCKETS) {
      this.clear();
      this.bucket = bucket;
    }
    while (this.bucket < bucket) {
      this.bucket += 1;
      const at = this.bucket % BUCKETS;
      this.allCalls -= this.callsIn[at]!;
      this.allFailures -= this.failuresIn[at]!;
      this.callsIn[at] = this.failuresIn[at] = 0;
    }
  }
}
