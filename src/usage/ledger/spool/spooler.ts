import type { Clock } from '../../../core/clock.js';
import { type Log, reasonOf } from '../../../platform/index.js';
import type { LedgerQueue } from '../ledger-queue.js';
import type { SpoolEpisodes } from './spool-episodes.js';
import { type Spool, SpoolFull } from './spool.js';

export interface SpoolerLimits {
  /** How long a row may wait in memory while the database answers. */
  readonly patienceMs: number;
  /** The same while it does not: rows that come within this time share an fsync. */
  readonly commitMs: number;
  /** After the disk has failed, or is full. */
  readonly diskRetryMs: number;
}

export const SPOOLER_LIMITS: SpoolerLimits = { patienceMs: 1_000, commitMs: 100, diskRetryMs: 5_000 };

/** Of rows that share an fsync: more of them would hold up everything else while they are put together. */
const COMMIT_BYTES = 1024 * 1024;

export interface SpoolerParts {
  readonly queue: LedgerQueue;
  readonly spool: Spool;
  readonly episodes: SpoolEpisodes;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
  /** Whether the database has failed more than for a moment. */
  readonly isAway: () => boolean;
}

/** Moves rows from memory to disk while the database does not take them in time. Where the disk does not either, they stay. */
export class Spooler {
  private timer: NodeJS.Timeout | undefined;
  private moving: Promise<void> | undefined;
  private isWatching = false;
  /** The disk was tried in vain a short while ago. */
  private isResting = false;
  private isTold = false;

  constructor(
    private readonly parts: SpoolerParts,
    private readonly limits: SpoolerLimits = SPOOLER_LIMITS,
  ) {}

  /** Rows are being written: from now on one that waits too long is moved. */
  watch(): void {
    this.isWatching = this.parts.spool.isOn;
    this.arm();
  }

  /** No row waits for the database any more. */
  rest(): void {
    this.isWatching = false;
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  /** All rows are moved now, however short they have waited. */
  hurry(): void {
    if (this.isWatching && !this.isResting) this.move();
  }

  /** When no row is on its way to the disk any more; undefined = none is. */
  get settled(): Promise<void> | undefined {
    return this.moving;
  }

  /** Moves all that waits; resolves with whether it could. */
  async moveAll(): Promise<boolean> {
    this.rest();
    await this.moving;
    if (!this.parts.spool.isOn) return false;
    await this.moveWaiting();
    return this.parts.queue.rows === 0;
  }

  private arm(): void {
    if (!this.isWatching || this.timer || this.moving) return;
    const since = this.parts.queue.oldestSince ?? this.parts.clock.now();
    const { commitMs } = this.limits;
    const waitMs = this.parts.isAway() ? commitMs : since + this.limits.patienceMs - this.parts.clock.now();
    this.timer = setTimeout(() => this.look(), Math.max(commitMs, waitMs));
  }

  private look(): void {
    this.timer = undefined;
    if (this.isDue()) this.move();
    else this.arm();
  }

  private isDue(): boolean {
    const { queue, clock, isAway } = this.parts;
    const since = queue.oldestSince;
    return since !== undefined && !this.isResting && (isAway() || clock.now() - since >= this.limits.patienceMs);
  }

  private move(): void {
    this.moving ??= this.moveWaiting().finally(() => {
      this.moving = undefined;
      this.arm();
    });
  }

  /** What waits at this moment. */
  private async moveWaiting(): Promise<void> {
    let left = this.parts.queue.rows;
    while (left > 0) {
      const moved = await this.moveSome();
      if (moved === 0) return;
      left -= moved;
    }
  }

  private async moveSome(): Promise<number> {
    const { queue, spool, episodes } = this.parts;
    const batches = queue.leave(COMMIT_BYTES);
    const rows = batches.flatMap((batch) => batch.rows.map((row) => ({ ...row, atMs: batch.since })));
    if (rows.length === 0) return 0;
    try {
      await spool.append(rows);
    } catch (error) {
      queue.stay();
      this.noteFailure(error, rows.length);
      return 0;
    }
    queue.left();
    for (const { onKept } of rows) onKept?.();
    this.isTold = false;
    episodes.added(rows.length, spool.path);
    return rows.length;
  }

  private noteFailure(error: unknown, rows: number): void {
    this.isResting = true;
    setTimeout(() => (this.isResting = false), this.limits.diskRetryMs).unref();
    if (this.isTold) return;
    this.isTold = true;
    const event = error instanceof SpoolFull ? 'ledger_spool_full' : 'ledger_spool_failed';
    const facts = { event, rows, path: this.parts.spool.path, reason: reasonOf(error) };
    this.parts.log.error(facts, 'Rows of the ledger cannot be kept on disk: they wait in memory, and are given up when that is full.');
  }
}
