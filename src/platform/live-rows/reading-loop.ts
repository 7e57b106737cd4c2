import type { Database } from '../database/database.js';

/** Whatever was missed is noticed within that time. */
const HEAL_MS = 30_000;
/** After a reading that failed. */
const RETRY_MS = 1_000;

/**
 * Reads from the database whenever it is asked to, and every 30 s unasked: one reading at a time, and one more, not many, for
 * all that asked meanwhile. A reading that fails is repeated every second. Does not keep the process alive.
 */
export class ReadingLoop {
  private running: Promise<void> | undefined;
  private isDue = false;
  private isFailing = false;
  private isStopped = false;
  private timer: NodeJS.Timeout | undefined;

  /** `onFailure` is called for the first of several failures in a row. */
  constructor(
    private readonly read: () => Promise<void>,
    private readonly onFailure: (error: unknown) => void,
  ) {}

  /** Does not wait for a database that is away: that is read when it comes. */
  async start(database: Pick<Database, 'whenReachable' | 'isReachable'>): Promise<void> {
    const first = database.whenReachable.then(() => this.request());
    if (database.isReachable) await first;
  }

  stop(): void {
    this.isStopped = true;
    clearTimeout(this.timer);
  }

  /** Resolves after a reading that began after the call, also if it failed. */
  request(): Promise<void> {
    this.isDue = true;
    this.running ??= this.readWhileDue();
    return this.running;
  }

  private async readWhileDue(): Promise<void> {
    clearTimeout(this.timer);
    while (this.isDue && !this.isStopped) {
      this.isDue = false;
      await this.readOnce();
    }
    this.running = undefined;
    if (!this.isStopped) this.timer = setTimeout(() => void this.request(), this.isFailing ? RETRY_MS : HEAL_MS).unref();
  }

  private async readOnce(): Promise<void> {
    try {
      await this.read();
      this.isFailing = false;
    } catch (error) {
      if (!this.isFailing) this.onFailure(error);
      this.isFailing = true;
    }
  }
}
