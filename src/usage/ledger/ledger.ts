import type { OnApplicationShutdown } from '@nestjs/common';
import type { Clock } from '../../core/clock.js';
import type { Log } from '../../platform/index.js';
import { LedgerQueue, type LedgerRow } from './ledger-queue.js';
import type { LedgerStore, RowName } from './ledger.store.js';
import { PatientWriter, type RetryLimits } from './patient-writer.js';
import { Pause } from './pause.js';

export interface LedgerLimits extends RetryLimits {
  readonly batchRows: number;
  /** A row waits no longer than this for others to be written with. */
  readonly flushMs: number;
  /** Of rows that wait for a database that is away. */
  readonly maxBytes: number;
  /** How long `close` may take. */
  readonly closeMs: number;
}

export const LEDGER_LIMITS: LedgerLimits = {
  batchRows: 128,
  flushMs: 100,
  maxBytes: 64 * 1024 * 1024,
  retryMs: 100,
  maxRetryMs: 5_000,
  closeMs: 5_000,
};

/** How far the database is behind. */
export interface LedgerLag {
  readonly rows: number;
  readonly oldestAgeMs: number;
  /** Rows since the start that are not in the database and never will be. Each stands in the log in full. */
  readonly unstored: number;
}

/**
 * Writes ledger lines behind the answers: up to 128 at a time, at most 100 ms late, one statement at a time. A database that is
 * away is waited for; a row that it refuses for its content holds up no other. Whatever cannot be stored goes to the log whole.
 */
export class Ledger implements OnApplicationShutdown {
  private readonly queue: LedgerQueue;
  private readonly writer: PatientWriter;
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> | undefined;
  private closing: Promise<number> | undefined;
  private isClosed = false;
  private unstored = 0;
  /** Rows that came, and rows of which nothing more can become: they leave in the order of their coming. */
  private appended = 0;
  private done = 0;
  private readonly waiting: { readonly until: number; readonly resolve: () => void }[] = [];

  constructor(
    private readonly store: Pick<LedgerStore, 'insert' | 'costsOf'>,
    private readonly clock: Clock,
    private readonly log: Log,
    private readonly limits: LedgerLimits = LEDGER_LIMITS,
  ) {
    this.queue = new LedgerQueue(limits);
    this.writer = new PatientWriter(store, log, limits, (row, reason) => this.giveUp([row], reason));
  }

  /**
   * Takes a line of `toLedgerLine`; never throws and never waits. `onDone` is called when it is stored, or refused for ever; a row that
   * is given up because the database is away, or the process ends, calls nobody.
   */
  append(line: string, onDone?: () => void): void {
    const row = { line, onDone };
    if (this.isClosed) return this.giveUp([row], 'the ledger is closed');
    this.queue.add(row, this.clock.now());
    this.appended += 1;
    for (let dropped = this.queue.dropOverflow(); dropped; dropped = this.queue.dropOverflow()) {
      this.giveUp(dropped.rows, `more than ${this.limits.maxBytes} bytes of rows wait for the database`);
      this.finishRows(dropped.rows.length);
    }
    this.schedule();
  }

  /** Resolves when all that was appended before is stored or was refused, however long that takes; rejects where a row was given up. */
  async flush(): Promise<void> {
    const unstored = this.unstored;
    if (this.done < this.appended) {
      await new Promise<void>((resolve) => {
        this.waiting.push({ until: this.appended, resolve });
        this.startWriting();
      });
    }
    if (this.unstored > unstored) throw new Error('ledger rows could not be stored');
  }

  /** What calls cost according to their rows, by call id; those without a row are missing. */
  costsOf(calls: readonly RowName[]): Promise<ReadonlyMap<string, bigint>> {
    return this.store.costsOf(calls);
  }

  lag(): LedgerLag {
    const since = this.queue.oldestSince;
    return { rows: this.queue.rows, oldestAgeMs: since === undefined ? 0 : this.clock.now() - since, unstored: this.unstored };
  }

  /** Writes what is left within `closeMs`; resolves with the number of rows that this left out. */
  close(): Promise<number> {
    this.closing ??= this.finish();
    return this.closing;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.close();
  }

  private schedule(): void {
    const since = this.queue.oldestSince;
    if (this.writing || since === undefined) return;
    if (this.queue.hasFullBatch || this.closing) this.startWriting();
    else this.timer ??= setTimeout(() => this.startWriting(), Math.max(0, since + this.limits.flushMs - this.clock.now()));
  }

  private startWriting(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.writing ??= this.writeBatches().finally(() => {
      this.writing = undefined;
      this.schedule();
    });
  }

  /** The oldest batch, and then every other that is full or waited for. */
  private async writeBatches(): Promise<void> {
    do {
      const batch = this.queue.take();
      if (!batch) return;
      const { length } = batch.rows;
      await this.writer.write(batch.rows);
      this.queue.done();
      this.finishRows(length - batch.rows.length);
    } while (this.queue.hasFullBatch || this.closing || this.waiting.length > 0);
  }

  private finishRows(count: number): void {
    this.done += count;
    while (this.waiting[0] && this.waiting[0].until <= this.done) this.waiting.shift()!.resolve();
  }

  private giveUp(rows: readonly LedgerRow[], reason: string): void {
    this.unstored += rows.length;
    const lines = rows.map(({ line }) => line);
    const call_ids = lines.map((line) => /"call_id":"([^"]*)"/.exec(line)?.[1] ?? null);
    this.log.error({ event: 'ledger_rows_unstored', count: lines.length, reason, call_ids, lines }, 'Ledger rows could not be stored.');
  }

  private async finish(): Promise<number> {
    const deadline = new Pause();
    this.writer.hurry();
    await Promise.race([this.empty(), deadline.wait(this.limits.closeMs)]);
    deadline.end();
    this.isClosed = true;
    this.writer.stop();
    const left = this.queue.dropAll();
    this.finishRows(left.length);
    if (left.length > 0) this.giveUp(left, `the gateway stopped, and the database was away for its last ${this.limits.closeMs} ms`);
    return left.length;
  }

  private async empty(): Promise<void> {
    while (this.queue.rows > 0 && !this.isClosed) {
      this.startWriting();
      await this.writing;
    }
  }
}
