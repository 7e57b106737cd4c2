import type { OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import type { Clock } from '../../core/clock.js';
import { type Log, reasonOf } from '../../platform/index.js';
import { LedgerQueue, type LedgerRow } from './ledger-queue.js';
import type { LedgerStore, RowName } from './ledger.store.js';
import { PatientWriter, type RetryLimits } from './patient-writer.js';
import { Pause } from './pause.js';
import { Replayer } from './spool/replayer.js';
import { SpoolEpisodes, type SpoolingBegun } from './spool/spool-episodes.js';
import { Spooler } from './spool/spooler.js';
import { Spool } from './spool/spool.js';

export interface LedgerLimits extends RetryLimits {
  readonly batchRows: number;
  /** A row waits no longer than this for others to be written with. */
  readonly flushMs: number;
  /** Of rows that wait in memory. */
  readonly maxBytes: number;
  /** How long `close` may take. */
  readonly closeMs: number;
  /** After so many failures in a row the database is away, and rows go to disk. */
  readonly awayFailures: number;
  /** How often it is looked for rows on disk that a dead process has left. */
  readonly adoptMs: number;
}

export const LEDGER_LIMITS: LedgerLimits = {
  batchRows: 512,
  flushMs: 100,
  maxBytes: 64 * 1024 * 1024,
  retryMs: 100,
  maxRetryMs: 5_000,
  closeMs: 5_000,
  awayFailures: 2,
  adoptMs: 60_000,
};

const UNSTORED = 'ledger rows could not be stored';

/** How far the database is behind. */
export interface LedgerLag {
  /** In memory and on disk. */
  readonly rows: number;
  readonly oldestAgeMs: number;
  /** Rows since the start that are not in the database and never will be. Each stands in the log in full. */
  readonly unstored: number;
}

/**
 * Writes ledger lines behind the answers: up to 512 at a time, at most 100 ms late, one statement at a time. Rows that a database does
 * not take, because it is away or slow, are kept on disk and replayed in their order; a row that it refuses for its content holds up
 * no other. What neither the database nor the disk takes goes to the log whole.
 */
export class Ledger implements OnModuleInit, OnApplicationShutdown {
  private readonly queue: LedgerQueue;
  private readonly writer: PatientWriter;
  private readonly episodes: SpoolEpisodes;
  private readonly spooler: Spooler;
  private readonly replayer: Replayer;
  private timer: NodeJS.Timeout | undefined;
  private adoptTimer: NodeJS.Timeout | undefined;
  private writing: Promise<void> | undefined;
  private adopting: Promise<void> | undefined;
  private closing: Promise<number> | undefined;
  private isClosed = false;
  private unstored = 0;
  /** Rows that came, and rows of which nothing more can become: they leave in the order of their coming. */
  private appended = 0;
  private done = 0;
  private readonly waiting: { readonly until: number; readonly resolve: () => void; readonly reject: (error: Error) => void }[] = [];

  constructor(
    private readonly store: Pick<LedgerStore, 'insert' | 'costsOf'>,
    private readonly clock: Clock,
    private readonly log: Log,
    private readonly limits: LedgerLimits = LEDGER_LIMITS,
    /** Without one, rows wait in memory alone. */
    private readonly spool = new Spool({ dir: '', maxBytes: 0, segmentBytes: 0 }, clock, log),
  ) {
    this.queue = new LedgerQueue(limits);
    this.episodes = new SpoolEpisodes(clock, log);
    this.writer = new PatientWriter(store, log, limits, {
      refused: (row, reason) => this.refuse(row, reason),
      failed: () => this.isAway && this.spooler.hurry(),
    });
    const { queue, episodes } = this;
    this.spooler = new Spooler({ queue, spool, episodes, clock, log, isAway: () => this.isAway });
    this.replayer = new Replayer(spool, this.writer, episodes);
  }

  onModuleInit(): void {
    if (!this.spool.isOn) return;
    this.adopt();
    this.adoptTimer = setInterval(() => this.adopt(), this.limits.adoptMs).unref();
  }

  /** Rows have begun to wait on disk, now or in a process before: told once until none does. */
  onSpooling(listener: (begun: SpoolingBegun) => void): void {
    this.episodes.onBegin(listener);
  }

  /**
   * Takes a line of `toLedgerLine`; never throws and never waits. `onDone` is called when it is stored, or refused for ever, and `onKept`
   * when it is on disk meanwhile; a row that is given up because the database is away, or the process ends, calls nobody.
   */
  append(line: string, onDone?: () => void, onKept?: () => void): void {
    const row = { line, onDone, onKept };
    if (this.isClosed) return this.giveUp([row], 'the ledger is closed');
    this.queue.add(row, this.clock.now());
    this.appended += 1;
    for (let dropped = this.queue.dropOverflow(); dropped; dropped = this.queue.dropOverflow()) {
      this.giveUp(dropped.rows, `more than ${this.limits.maxBytes} bytes of rows wait for the database`);
      this.finishRows(dropped.rows.length);
    }
    this.schedule();
  }

  /**
   * Takes lines of calls that are about to go out, to the disk alone; resolves when they are there, by one fsync, and rejects where they
   * cannot be. They become rows like all that waits there, and give way to what really happened.
   */
  async foresee(lines: readonly string[]): Promise<void> {
    if (!this.spool.isOn) throw new Error('Nothing is kept on disk.');
    const atMs = this.clock.now();
    this.appended += lines.length;
    try {
      await this.spool.append(lines.map((line) => ({ line, atMs, onDone: undefined })));
    } catch (error) {
      this.finishRows(lines.length);
      throw error;
    }
    this.schedule();
  }

  /** Resolves when all that was appended before is stored or was refused, however long that takes; rejects where a row was given up. */
  async flush(): Promise<void> {
    const unstored = this.unstored;
    await this.adopting;
    if (this.done < this.appended || this.spool.hasAdopted) {
      await new Promise<void>((resolve, reject) => {
        this.waiting.push({ until: this.appended, resolve, reject });
        this.startWriting();
      });
    }
    if (this.unstored > unstored) throw new Error(UNSTORED);
  }

  /** What calls cost according to their rows, by call id; those without a row are missing. */
  costsOf(calls: readonly RowName[]): Promise<ReadonlyMap<string, bigint>> {
    return this.store.costsOf(calls);
  }

  lag(): LedgerLag {
    const { spool, queue } = this;
    const since = spool.oldestSince ?? queue.oldestSince;
    return {
      rows: queue.rows + spool.rows,
      oldestAgeMs: since === undefined ? 0 : Math.max(0, this.clock.now() - since),
      unstored: this.unstored,
    };
  }

  /**
   * Writes what is left within `closeMs`, and what is left then to disk; resolves with the number of rows that are not in the database.
   */
  close(): Promise<number> {
    this.closing ??= this.finish();
    return this.closing;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.close();
  }

  private get isAway(): boolean {
    return this.writer.failuresNow >= this.limits.awayFailures;
  }

  private schedule(): void {
    if (this.writing || this.isClosed) return;
    const since = this.queue.oldestSince;
    if (!this.spool.isEmpty || this.queue.hasFullBatch || (this.closing && since !== undefined)) this.startWriting();
    else if (since !== undefined)
      this.timer ??= setTimeout(() => this.startWriting(), Math.max(0, since + this.limits.flushMs - this.clock.now()));
  }

  private startWriting(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.writing ??= this.writeBatches().finally(() => {
      this.writing = undefined;
      this.schedule();
    });
  }

  /** The oldest batch, and then every other that is full or waited for; what waits on disk is older than what waits in memory. */
  private async writeBatches(): Promise<void> {
    this.spooler.watch();
    try {
      do {
        // Whatever is on its way to the disk comes first.
        if (this.spooler.settled) await this.spooler.settled;
        if (this.spool.isEmpty) await this.writeBatch();
        else await this.replay();
      } while (!this.isClosed && this.hasWork);
    } finally {
      this.spooler.rest();
    }
  }

  private get hasWork(): boolean {
    if (!this.spool.isEmpty || this.spooler.settled || this.queue.hasFullBatch) return true;
    return this.queue.rows > 0 && (this.closing !== undefined || this.waiting.length > 0);
  }

  private async writeBatch(): Promise<void> {
    const batch = this.queue.take();
    if (!batch) return;
    const done = await this.writer.write(batch.rows);
    if (this.isClosed) return;
    this.queue.done();
    this.finishRows(done);
  }

  private async replay(): Promise<void> {
    const { own, unread } = await this.replayer.replayOldest();
    this.unstored += unread;
    this.finishRows(own);
  }

  private adopt(): void {
    this.adopting ??= this.takeOver()
      .catch((error: unknown) =>
        this.log.error(
          { event: 'ledger_spool_unadopted', path: this.spool.path, reason: reasonOf(error) },
          'What a process has left on disk is looked for again.',
        ),
      )
      .finally(() => (this.adopting = undefined));
  }

  private async takeOver(): Promise<void> {
    const rows = await this.spool.adopt();
    if (this.spool.hasAdopted) this.episodes.added(rows, this.spool.path);
    if (!this.isClosed) this.schedule();
  }

  private finishRows(count: number): void {
    this.done += count;
    if (this.spool.hasAdopted && !this.isClosed) return;
    while (this.waiting[0] && this.waiting[0].until <= this.done) this.waiting.shift()!.resolve();
  }

  private async refuse(row: LedgerRow, reason: string): Promise<void> {
    this.giveUp([row], reason);
    await this.spool.keepRefused(row.line, reason);
  }

  private giveUp(rows: readonly LedgerRow[], reason: string): void {
    this.unstored += rows.length;
    const lines = rows.map(({ line }) => line);
    const call_ids = lines.map((line) => /"call_id":"([^"]*)"/.exec(line)?.[1] ?? null);
    this.log.error({ event: 'ledger_rows_unstored', count: lines.length, reason, call_ids, lines }, 'Ledger rows could not be stored.');
  }

  private async finish(): Promise<number> {
    const deadline = new Pause();
    clearInterval(this.adoptTimer);
    await this.adopting;
    this.writer.hurry();
    await Promise.race([this.empty(), deadline.wait(this.limits.closeMs)]);
    deadline.end();
    this.isClosed = true;
    this.writer.stop();
    await this.spooler.moveAll();
    const lost = this.queue.dropAll();
    if (lost.length > 0) this.giveUp(lost, `the gateway stopped, and the database was away for its last ${this.limits.closeMs} ms`);
    const { rows, bytes, path } = this.spool;
    if (rows > 0)
      this.log.error(
        { event: 'ledger_spool_left', rows, bytes, path },
        'Rows of the ledger wait on disk for the next process on this volume.',
      );
    for (const { reject } of this.waiting.splice(0)) reject(new Error(UNSTORED));
    await this.spool.close();
    return lost.length + rows;
  }

  private async empty(): Promise<void> {
    while ((this.queue.rows > 0 || !this.spool.isEmpty) && !this.isClosed) {
      this.startWriting();
      await this.writing;
    }
  }
}
