import type { OnApplicationShutdown } from '@nestjs/common';
import type { Clock } from '../../core/clock.js';
import type { Log } from '../../platform/index.js';
import { LedgerQueue } from './ledger-queue.js';
import type { LedgerStore } from './ledger.store.js';
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

  constructor(
    store: Pick<LedgerStore, 'insert'>,
    private readonly clock: Clock,
    private readonly log: Log,
    private readonly limits: LedgerLimits = LEDGER_LIMITS,
  ) {
    this.queue = new LedgerQueue(limits);
    this.writer = new PatientWriter(store, log, limits, (line, reason) => this.giveUp([line], reason));
  }

  /** Takes a line of `toLedgerLine`; never throws and never waits. */
  append(line: string): void {
    if (this.isClosed) return this.giveUp([line], 'the ledger is closed');
    this.queue.add(line, this.clock.now());
    for (let dropped = this.queue.dropOverflow(); dropped; dropped = this.queue.dropOverflow()) {
      this.giveUp(dropped.lines, `more than ${this.limits.maxBytes} bytes of rows wait for the database`);
    }
    this.schedule();
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

  /** The oldest batch, and then every other that is full. */
  private async writeBatches(): Promise<void> {
    do {
      const batch = this.queue.take();
      if (!batch) return;
      await this.writer.write(batch.lines);
      this.queue.done();
    } while (this.queue.hasFullBatch || this.closing);
  }

  private giveUp(lines: readonly string[], reason: string): void {
    this.unstored += lines.length;
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
