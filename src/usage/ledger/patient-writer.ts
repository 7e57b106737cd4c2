import type { Log } from '../../platform/index.js';
import type { LedgerRow } from './ledger-queue.js';
import type { LedgerStore } from './ledger.store.js';
import { Pause } from './pause.js';
import { reasonOf, RowRefused } from './row-refused.js';

export interface RetryLimits {
  /** After a failure; doubles with each further one. */
  readonly retryMs: number;
  readonly maxRetryMs: number;
}

/** What becomes of rows, for whoever must know. */
export interface WriterEvents {
  /** A row was refused; the others of its batch are written. It counts as done when this resolves. */
  refused(row: LedgerRow, reason: string): Promise<void>;
  /** The database has failed again, so often in a row. */
  failed(failures: number): void;
}

/** Writes a batch until it is written: waits for a database that is away, and looks for a row that it will never take. */
export class PatientWriter {
  private readonly pause = new Pause();
  private isStopped = false;
  private isHurried = false;
  private failures = 0;

  constructor(
    private readonly store: Pick<LedgerStore, 'insert'>,
    private readonly log: Log,
    private readonly limits: RetryLimits,
    private readonly events: WriterEvents,
  ) {}

  /** In a row. */
  get failuresNow(): number {
    return this.failures;
  }

  /**
   * Resolves with the number of rows that were stored or refused, each of which it takes out of `rows`: when none is left, as others may
   * take rows out as well; or after `stop`.
   */
  async write(rows: LedgerRow[]): Promise<number> {
    let done = 0;
    const count = (more: number): void => void (done += more);
    while (rows.length > 0 && !this.isStopped) {
      try {
        await this.writeApart(rows, rows.length, count);
        this.noteSuccess();
      } catch (error) {
        this.noteFailure(error, rows.length);
        if (!this.isStopped && rows.length > 0) await this.pause.wait(this.backoffMs());
      }
    }
    return done;
  }

  /** From now on tries again soon, however often it has failed. */
  hurry(): void {
    this.isHurried = true;
    this.pause.end();
  }

  stop(): void {
    this.isStopped = true;
    this.pause.end();
  }

  /** The first `count` of the rows. Finds a row at fault by halves; after a failure half-way only the rest is left to do. */
  private async writeApart(rows: LedgerRow[], count: number, onDone: (rows: number) => void): Promise<void> {
    const attempted = rows.slice(0, count);
    if (attempted.length === 0) return;
    try {
      await this.store.insert(attempted.map(({ line }) => line));
      const stored = rows.splice(0, attempted.length);
      onDone(stored.length);
      for (const row of stored) row.onDone?.();
    } catch (error) {
      if (!(error instanceof RowRefused)) throw error;
      if (attempted.length === 1) return this.refuse(rows, error.message, onDone);
      const half = attempted.length >> 1;
      await this.writeApart(rows, half, onDone);
      await this.writeApart(rows, attempted.length - half, onDone);
    }
  }

  /** The first of the rows, if it was not taken out meanwhile: then it will be refused once more, by whoever has it now. */
  private async refuse(rows: LedgerRow[], reason: string, onDone: (rows: number) => void): Promise<void> {
    const row = rows.shift();
    if (!row) return;
    await this.events.refused(row, reason);
    onDone(1);
    row.onDone?.();
  }

  private noteFailure(error: unknown, rows: number): void {
    this.failures += 1;
    this.events.failed(this.failures);
    if (this.failures > 1) return;
    this.log.warn(
      { event: 'ledger_delayed', rows, reason: reasonOf(error) },
      'The ledger cannot be written; its rows are kept and tried again.',
    );
  }

  private noteSuccess(): void {
    if (this.failures > 0) this.log.info({ event: 'ledger_resumed', failures: this.failures }, 'The ledger is written again.');
    this.failures = 0;
  }

  /** Spread, so that replicas do not come back all at once. */
  private backoffMs(): number {
    const { retryMs, maxRetryMs } = this.limits;
    const ms = this.isHurried ? retryMs : Math.min(maxRetryMs, retryMs * 2 ** (this.failures - 1));
    return ms * (0.5 + Math.random() / 2);
  }
}
