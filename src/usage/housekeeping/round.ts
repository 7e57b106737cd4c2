import { type Log, reasonOf } from '../../platform/index.js';
import { DoneElsewhere, type Errand, type ErrandConnection } from './errand-connection.js';
import { daysFrom } from './day.js';
import { monthsFrom } from './month.js';
import { deleteOldRows, OLD_AUDIT, OLD_BODIES, OLD_WITH_THE_LEDGER, type OldRows } from './old-rows.js';
import { dropOldest, makePartition, type Partition } from './partitions.js';

/** The month of now and the next two: a gateway that cannot make any for weeks has them still. */
const MONTHS_AHEAD = 3;
/** The day of now and the next week. */
const DAYS_AHEAD = 8;
const BATCH_ROWS = 1_000;
const DAY_MS = 86_400_000;

/** In days; 0 = for ever. */
export interface Retention {
  readonly ledgerDays: number;
  readonly bodiesDays: number;
  readonly auditDays: number;
}

export interface RoundParts {
  readonly connection: Pick<ErrandConnection, 'run'>;
  readonly retention: Retention;
  /** Bodies are stored: they need their days. */
  readonly storesBodies: boolean;
  readonly log: Log;
  /** Ends it after the errand under way. */
  readonly signal: AbortSignal;
}

/** `elsewhere`: another gateway was found at it. `unfinished`: something failed, and stands in the log. */
export type RoundOutcome = 'finished' | 'elsewhere' | 'unfinished';

/** Makes the months of the ledger and the days of bodies that are near, and deletes what is older than it is to be kept. One errand's failure stops no other. */
export class Round {
  private readonly failures: { readonly errand: string; readonly reason: string }[] = [];
  private isElsewhere = false;

  constructor(private readonly parts: RoundParts) {}

  async run(nowMs: number): Promise<RoundOutcome> {
    await this.makePartitions(nowMs);
    await this.deleteOld(nowMs);
    if (this.failures.length > 0 && !this.parts.signal.aborted) {
      this.parts.log.warn({ event: 'housekeeping_delayed', failures: this.failures }, 'What could not be done is tried again later.');
    }
    if (this.isElsewhere) return 'elsewhere';
    return this.failures.length > 0 ? 'unfinished' : 'finished';
  }

  private async makePartitions(nowMs: number): Promise<void> {
    for (const partition of partitionsFor(nowMs, this.parts.storesBodies)) {
      const { parent, table } = partition;
      const moved = await this.attempt(`make ${table}`, makePartition(partition));
      if (moved !== undefined) this.parts.log.info({ event: EVENTS[parent].made, partition: table, moved_rows: moved });
    }
  }

  private async deleteOld(nowMs: number): Promise<void> {
    const { ledgerDays, bodiesDays, auditDays } = this.parts.retention;
    if (ledgerDays === 0 && bodiesDays === 0 && auditDays === 0) return;
    const database = await this.attempt('ask the database for the time', findTime);
    if (!database) return;
    // What is deleted is gone: a clock that runs ahead is not taken at its word.
    const knownMs = Math.min(nowMs, database.getTime());
    if (ledgerDays > 0) await this.deleteLedger(new Date(knownMs - ledgerDays * DAY_MS));
    if (bodiesDays > 0) await this.deleteBodies(new Date(knownMs - bodiesDays * DAY_MS));
    if (auditDays > 0) await this.deleteRows(OLD_AUDIT, new Date(knownMs - auditDays * DAY_MS));
  }

  private async deleteLedger(before: Date): Promise<void> {
    await this.dropPartitions('ledger', before);
    for (const rows of OLD_WITH_THE_LEDGER) await this.deleteRows(rows, before);
  }

  private async deleteBodies(before: Date): Promise<void> {
    await this.dropPartitions('bodies', before);
    await this.deleteRows(OLD_BODIES, before);
  }

  private async dropPartitions(parent: Partition['parent'], before: Date): Promise<void> {
    for (;;) {
      const dropped = await this.attempt(`drop a partition of ${parent}`, dropOldest(parent, before));
      if (!dropped) return;
      this.parts.log.info({ event: EVENTS[parent].dropped, ...dropped, before });
    }
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

const EVENTS = {
  ledger: { made: 'ledger_month_made', dropped: 'ledger_month_dropped' },
  bodies: { made: 'bodies_day_made', dropped: 'bodies_day_dropped' },
};

function partitionsFor(nowMs: number, storesBodies: boolean): readonly Partition[] {
  return [...monthsFrom(nowMs, MONTHS_AHEAD), ...(storesBodies ? daysFrom(nowMs, DAYS_AHEAD) : [])];
}

const findTime: Errand<Date> = async (client) => {
  const { rows } = await client.query<{ now: Date }>('SELECT clock_timestamp() AS now');
  return rows[0]!.now;
};
