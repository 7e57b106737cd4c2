import type { Clock } from '../../core/clock.js';
import type { Log } from '../../platform/index.js';
import { type Binding, toPlaceKey } from './binding.js';
import type { ProviderStateStore } from './provider-state.store.js';

export interface WriterLimits {
  readonly batchRows: number;
  /** Bindings that wait for a database that is away; what comes on top of them is not stored. */
  readonly maxWaiting: number;
  /** After a failure; doubles with each further one. */
  readonly retryMs: number;
  readonly maxRetryMs: number;
  /** How long `close` may take. */
  readonly closeMs: number;
}

/** Stores bindings behind the answers: at once, all that came meanwhile in one statement, and again until it is done. */
export class BindingWriter {
  private waiting: Binding[] = [];
  private writing: Promise<void> | undefined;
  private failures = 0;
  private unstored = 0;
  private isClosing = false;
  private isClosed = false;
  private wake: (() => void) | undefined;

  constructor(
    private readonly store: Pick<ProviderStateStore, 'insert'>,
    private readonly clock: Clock,
    private readonly log: Log,
    private readonly limits: WriterLimits,
    /** Told of those that were bound before, to whomever. */
    private readonly onTaken: (bindings: readonly Binding[]) => void,
  ) {}

  add(binding: Binding): void {
    if (this.isClosed || this.waiting.length >= this.limits.maxWaiting) return this.leaveOut(1);
    this.waiting.push(binding);
    this.writing ??= this.writeAll();
  }

  /** Writes what is left, if the database takes it within `closeMs`. */
  async close(): Promise<void> {
    this.isClosing = true;
    this.wake?.();
    let deadline: NodeJS.Timeout | undefined;
    const enough = new Promise<void>((resolve) => {
      deadline = setTimeout(resolve, this.limits.closeMs);
    });
    await Promise.race([this.writing, enough]);
    clearTimeout(deadline);
    this.isClosed = true;
    this.leaveOut(this.waiting.length);
    this.waiting = [];
    this.wake?.();
  }

  private async writeAll(): Promise<void> {
    await nextTurn();
    while (this.waiting.length > 0) await this.writeBatch();
    // In the turn that found nothing waiting, so that whatever comes next begins anew.
    this.writing = undefined;
  }

  private async writeBatch(): Promise<void> {
    const batch = this.waiting.slice(0, this.limits.batchRows);
    try {
      const stored = new Set((await this.store.insert(batch, this.clock.now())).map(toPlaceKey));
      this.waiting.splice(0, batch.length);
      this.noteSuccess();
      this.onTaken(batch.filter((binding) => !stored.has(toPlaceKey(binding))));
    } catch (error) {
      this.noteFailure(error);
      if (!this.isClosed) await this.pause(this.backoffMs());
    }
  }

  /** Ends early when the writer is closed. */
  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  private backoffMs(): number {
    const { retryMs, maxRetryMs } = this.limits;
    return this.isClosing ? retryMs : Math.min(maxRetryMs, retryMs * 2 ** (this.failures - 1));
  }

  private noteFailure(error: unknown): void {
    this.failures += 1;
    if (this.failures > 1) return;
    // Prisma's errors show the code that asked before they say, last, what is wrong.
    const reason = String(error).trimEnd().split('\n').at(-1);
    this.log.warn({ event: 'provider_ids_delayed', reason }, 'The owners of provider ids cannot be stored; they are kept and tried again.');
  }

  private noteSuccess(): void {
    if (this.failures > 0)
      this.log.info({ event: 'provider_ids_resumed', unstored: this.unstored }, 'Owners of provider ids are stored again.');
    this.failures = 0;
    this.unstored = 0;
  }

  /** Logged when it begins; how many there were in the end is said when the database is back. */
  private leaveOut(count: number): void {
    if (this.unstored === 0 && count > 0) {
      const message = 'Owners of provider ids are lost: calls that name these ids will get 404.';
      this.log.error({ event: 'provider_ids_unstored', count }, message);
    }
    this.unstored += count;
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
