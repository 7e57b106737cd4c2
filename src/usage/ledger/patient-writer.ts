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
    /** Told of each row that was refused; the others of its batch are written. */
    private readonly onRefused: (row: LedgerRow, reason: string) => void,
  ) {}

  /** Resolves when all of `rows` are stored or refused, each of which takes a row out of them; or after `stop`. */
  async write(rows: LedgerRow[]): Promise<void> {
    while (rows.length > 0 && !this.isStopped) {
      try {
        await this.writeApart(rows, rows.length);
        this.noteSuccess();
      } catch (error) {
        this.noteFailure(error, rows.length);
        if (!this.isStopped) await this.pause.wait(this.backoffMs());
      }
    }
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
  private async writeApart(rows: LedgerRow[], count: number): Promise<void> {
    if (count === 0) return;
    try {
      await this.store.insert(rows.slice(0, count).map(({ line }) => line));
      for (const { onDone } of rows.splice(0, count)) onDone?.();
    } catch (error) {
      if (!(error instanceof RowRefused)) throw error;
      if (count === 1) return this.refuse(rows.shift()!, error.message);
      const half = count >> 1;
      await this.writeApart(rows, half);
      await this.writeApart(rows, count - half);
    }
  }

  private refuse(row: LedgerRow, reason: string): void {
    this.onRefused(row, reason);
    row.onDone?.();
  }

  private noteFailure(error: unknown, rows: number): void {
    this.failures += 1;
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
