import type { Clock } from '../../core/clock.js';

/** After a failure a shard is left alone for so long: else everybody would wait for the client's time-out of 100 ms. */
const REST_MS = 1_000;

/** Whether a shard may be asked: it answers, and what it knows is whole. */
export class ShardGate {
  private isOpen = false;
  private isFailing = false;
  private retryAtMs = 0;
  private readonly waiting = new Set<() => void>();

  constructor(private readonly clock: Clock) {}

  get isClosed(): boolean {
    return !this.isOpen;
  }

  /** It has failed, and it is too early to try again. */
  get isResting(): boolean {
    return this.isFailing && this.clock.elapsed() < this.retryAtMs;
  }

  /** Of a shard that has failed, one may try after each rest; when it has answered, all may again. */
  mayAsk(): boolean {
    if (!this.isOpen || this.isResting) return false;
    if (this.isFailing) this.rest();
    return true;
  }

  /** True = it had not failed before. */
  failed(): boolean {
    const isNews = !this.isFailing;
    this.isFailing = true;
    this.rest();
    return isNews;
  }

  /** True = it had failed before. */
  answered(): boolean {
    const isNews = this.isFailing;
    this.isFailing = false;
    return isNews;
  }

  /** It has lost what it knew, or may have: nobody asks it until it is open again. */
  close(): void {
    this.isOpen = false;
  }

  open(): void {
    this.isOpen = true;
    for (const go of this.waiting) go();
  }

  /** Resolves when it is open, or after `ms`. */
  async whenOpen(ms: number): Promise<void> {
    if (this.isOpen) return;
    await new Promise<void>((resolve) => {
      const go = (): void => {
        clearTimeout(timer);
        this.waiting.delete(go);
        resolve();
      };
      const timer = setTimeout(go, ms);
      this.waiting.add(go);
    });
  }

  private rest(): void {
    this.retryAtMs = this.clock.elapsed() + REST_MS;
  }
}
