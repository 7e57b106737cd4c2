/** Holds a scripted answer until the test lets it go on: the test sets the pace, not a clock. */
export class Pace {
  private allowed = 0;
  private readonly waiting: (() => void)[] = [];

  /** Lets the script write `count` more segments. */
  step(count = 1): void {
    this.allowed += count;
    while (this.allowed > 0 && this.waiting.length > 0) {
      this.allowed -= 1;
      this.waiting.shift()!();
    }
  }

  /** From now on the script runs freely. */
  run(): void {
    this.step(Infinity);
  }

  /** For the script: resolves when it may write its next segment. */
  next(): Promise<void> {
    if (this.allowed > 0) {
      this.allowed -= 1;
      return Promise.resolve();
    }
    return new Promise((resolve) => this.waiting.push(resolve));
  }
}
