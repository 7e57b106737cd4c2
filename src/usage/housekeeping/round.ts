import { type Log, reasonOf } from '../../platform/index.js';
import { DoneElsewhere, type Errand, type ErrandConnection } from './errand-connection.js';
import { dropOldestMonth, makeMonth } from './ledger-months.js';
import { monthsFrom } from './month.js';
import { deleteOldRows, OLD_AUDIT, OLD_WITH_THE_LEDGER, type OldRows } from './old-rows.js';

/** The month of now and the next two: a gateway that cannot make any for weeks has them still. */
const MONTHS_AHEAD = 3;
const BATCH_ROWS = 1_000;
const DAY_MS = 86_400_000;

/** In days; 0 = for ever. */
export interface Retention {
  readonly ledgerDays: number;
  readonly auditDays: number;
}

export interface RoundParts {
  readonly connection: Pick<ErrandConnection, 'run'>;
  readonly retention: Retention;
  readonly log: Log;
  /** Ends it after the errand under way. */
  readonly signal: AbortSignal;
}

/** `elsewhere`: another gateway was found at it. `unfinished`: something failed, and stands in the log. */
export type RoundOutcome = 'finished' | 'elsewhere' | 'unfinished';

/** Makes the months of the ledger that are near, and deletes what is older than it is to be kept. One errand's failure stops no other. */
export class Round {
  private readonly failures: { readonly errand: string; readonly reason: string }[] = [];
  private isElsewhere = false;

  constructor(private readonly parts: RoundParts) {}

  async run(nowMs: number): Promise<RoundOutcome> {
    await this.makeMonths(nowMs);
    await this.deleteOld(nowMs);
    if (this.failures.length > 0 && !this.parts.signal.aborted) {
      this.parts.log.warn({ event: 'housekeeping_delayed', failures: this.failures }, 'What could not be done is tried again later.');
    }
    if (this.isElsewhere) return 'elsewhere';
    return this.failures.length > 0 ? 'unfinished' : 'finished';
  }

  private async makeMonths(nowMs: number): Promise<void> {
    for (const month of monthsFrom(nowMs, MONTHS_AHEAD)) {
      const moved = await this.attempt(`make ${month.table}`, makeMonth(month));
      if (moved !== undefined) this.parts.log.info({ event: 'ledger_month_made', partition: month.table, moved_rows: moved });
    }
  }

  private async deleteOld(nowMs: number): Promise<void> {
    const { ledgerDays, auditDays } = this.parts.retention;
    if (ledgerDays === 0 && auditDays === 0) return;
    const database = await this.attempt('ask the database for the time', findTime);
    if (!database) return;
    // What is deleted is gone: a clock that runs ahead is not taken at its word.
    const knownMs = Math.min(nowMs, database.getTime());
    if (ledgerDays > 0) await this.deleteLedger(new Date(knownMs - ledgerDays * DAY_MS));
    if (auditDays > 0) await this.deleteRows(OLD_AUDIT, new Date(knownMs - auditDays * DAY_MS));
  }

  private async deleteLedger(before: Date): Promise<void> {
    for (;;) {
      const dropped = await this.attempt('drop a month', dropOldestMonth(before));
      if (!dropped) break;
      this.parts.log.info({ event: 'ledger_month_dropped', ...dropped, before });
    }
    for (const rows of OLD_WITH_THE_LEDGER) await this.deleteRows(rows, before);
  }

  private async deleteRows(rows: OldRows, before: Date): Promise<void> {
    let total = 0;
    for (;;) {
      const deleted = (await this.attempt(`delete from ${rows.table}`, deleteOldRows(rows, before, BATCH_ROWS))) ?? 0;
      total += deleted;
      if (deleted < BATCH_ROWS) break;
    }
    if (total > 0) this.parts.log.info({ event: 'old_rows_deleted', table: rows.table, rows: total, before });
  }

  private async attempt<Result>(name: string, errand: Errand<Result>): Promise<Result | undefined> {
    if (this.isElsewhere || this.parts.signal.aborted) return undefined;
    try {
      return await this.parts.connection.run(errand);
    } catch (error) {
      if (error instanceof DoneElsewhere) this.isElsewhere = true;
      else this.failures.push({ errand: name, reason: reasonOf(error) });
      return undefined;
    }
  }
}

const findTime: Errand<Date> = async (client) => {
  const { rows } = await client.query<{ now: Date }>('SELECT clock_timestamp() AS now');
  return rows[0]!.now;
};
