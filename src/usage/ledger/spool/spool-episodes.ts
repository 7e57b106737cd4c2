import type { Clock } from '../../../core/clock.js';
import type { Log } from '../../../platform/index.js';

/** Rows have begun to wait on disk. */
export interface SpoolingBegun {
  /** Epoch milliseconds. */
  readonly atMs: number;
  readonly rows: number;
  /** The folder that they are in. */
  readonly path: string;
}

/** The times in which rows wait on disk: each is told once when it begins, and once when it is over. */
export class SpoolEpisodes {
  private current: { readonly atMs: number; rows: number; unread: number } | undefined;
  private readonly listeners: ((begun: SpoolingBegun) => void)[] = [];

  constructor(
    private readonly clock: Pick<Clock, 'now'>,
    private readonly log: Log,
  ) {}

  onBegin(listener: (begun: SpoolingBegun) => void): void {
    this.listeners.push(listener);
  }

  /** So many rows more are on disk now. */
  added(rows: number, path: string): void {
    if (this.current) {
      this.current.rows += rows;
      return;
    }
    const atMs = this.clock.now();
    this.current = { atMs, rows, unread: 0 };
    this.log.error({ event: 'ledger_spooling', rows, path }, 'The database does not take the rows of the ledger: they wait on disk.');
    for (const listener of this.listeners) listener({ atMs, rows, path });
  }

  /** So many of them cannot be read any more. */
  lost(rows: number): void {
    if (this.current) this.current.unread += rows;
  }

  /** None is on disk any more. */
  ended(): void {
    if (!this.current) return;
    const { atMs, rows, unread } = this.current;
    this.current = undefined;
    const duration_ms = this.clock.now() - atMs;
    this.log.error({ event: 'ledger_spool_replayed', rows, unread, duration_ms }, 'No row of the ledger waits on disk any more.');
  }
}
