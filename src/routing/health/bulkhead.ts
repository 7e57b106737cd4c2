import { GatewayError } from '../../core/errors.js';

/** Calls take seconds: who has waited this long would wait on, and another target or another try serves it better. */
export const MAX_WAIT_MS = 1_000;
const RETRY_AFTER_MS = 1_000;
/** A queue longer than the places could not be served within the wait. Few places still get a queue that a burst fits in. */
const MIN_QUEUE = 8;

const forever = (): number => Infinity;

interface Waiter {
  readonly admit: () => void;
}

/**
 * Bounds the calls that one provider has in hand from this process. Who finds no place waits in a short queue, first come, first
 * served. A limit of 0 counts and bounds nothing.
 */
export class Bulkhead {
  private inHand = 0;
  /** In order of arrival. */
  private readonly queue = new Set<Waiter>();

  constructor(
    private readonly provider: string,
    private limit: number,
  ) {}

  get inFlight(): number {
    return this.inHand;
  }

  get waiting(): number {
    return this.queue.size;
  }

  /**
   * undefined: it has a place at once. Else a promise of one, which rejects with `upstream_unavailable` if the queue is full or the wait too
   * long, at the latest after `withinMs`, and with the signal's reason if the call is given up while it waits. Who was let in leaves by `leave`, also if it was given
   * up in the meantime.
   */
  enter(abandoned: () => AbortSignal, withinMs: () => number = forever): Promise<void> | undefined {
    if (this.limit > 0 && this.inHand >= this.limit) return this.wait(abandoned(), Math.min(MAX_WAIT_MS, withinMs()));
    this.inHand += 1;
    return undefined;
  }

  leave(): void {
    this.inHand -= 1;
    this.admitWaiting();
  }

  /** Calls in hand above a lower limit stay; a higher one lets those in who wait. */
  reconfigure(limit: number): void {
    if (limit === this.limit) return;
    this.limit = limit;
    this.admitWaiting();
  }

  private admitWaiting(): void {
    for (const waiter of this.queue) {
      if (this.limit > 0 && this.inHand >= this.limit) return;
      this.queue.delete(waiter);
      this.inHand += 1;
      waiter.admit();
    }
  }

  private wait(abandoned: AbortSignal, longestMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      if (abandoned.aborted) return reject(abandoned.reason as Error);
      if (this.queue.size >= Math.max(this.limit, MIN_QUEUE)) return reject(this.refusal());
      const settle = (): void => {
        clearTimeout(timer);
        abandoned.removeEventListener('abort', giveUp);
      };
      const waiter: Waiter = {
        admit: () => {
          settle();
          resolve();
        },
      };
      const leaveWith = (reason: Error): void => {
        settle();
        this.queue.delete(waiter);
        reject(reason);
      };
      const giveUp = (): void => leaveWith(abandoned.reason as Error);
      const timer = setTimeout(() => leaveWith(this.refusal()), longestMs);
      abandoned.addEventListener('abort', giveUp);
      this.queue.add(waiter);
    });
  }

  private refusal(): GatewayError {
    const calls = this.limit === 1 ? '1 call' : `${this.limit} calls`;
    const message = `The provider ${this.provider} is busy: its limit of ${calls} at a time is reached. Try again in a second.`;
    return new GatewayError('upstream_unavailable', message, { retryAfterMs: RETRY_AFTER_MS });
  }
}
