import type pg from 'pg';
import type { CellTable } from '../rollups/cells.sql.js';
import { CELL_SUMS } from '../rollups/series.js';
import * as sql from './cell-differences.sql.js';

const TABLES: readonly CellTable[] = ['usage_quarters', 'usage_days'];

/** Of cells that differ so many are told; all are counted. */
const MOST_TOLD = 10_000;

/** Cells that are mended at once: whoever writes them waits no longer than some milliseconds. */
const MENDED_AT_ONCE = 500;

/** One sum of a cell. */
export interface CellSumDifference {
  readonly name: string;
  readonly byRows: bigint;
  readonly kept: bigint;
}

/** A cell of a roll-up that is not the sum of its rows. */
export interface CellDifference {
  readonly table: CellTable;
  readonly series: string;
  readonly subject: string;
  readonly at: Date;
  readonly value: string;
  readonly sums: readonly CellSumDifference[];
}

export interface CellFindings {
  /** How many were compared: those that the ledger still has rows of. */
  readonly months: number;
  readonly total: number;
  /** The oldest months' first. */
  readonly differences: readonly CellDifference[];
  /** How many there are besides. */
  readonly untold: number;
}

interface DifferenceRow {
  readonly series: string;
  readonly subject: string;
  readonly at: Date;
  readonly value: string;
  readonly told: readonly string[];
  readonly kept: readonly string[];
}

/** Holds roll-ups against the rows of the ledger, month by month, on a connection whose statements may take their time. */
export class CellAudit {
  /** `onProgress` hears of each month that is begun. */
  constructor(
    private readonly client: Pick<pg.Client, 'query'>,
    private readonly onProgress: (text: string) => void,
  ) {}

  /** Changes nothing; gateways may write meanwhile. */
  compare(): Promise<CellFindings> {
    return this.walk(() => Promise.resolve());
  }

  /** Makes cells the sums of their rows, while gateways write or not. Resolves with what was changed. */
  mend(): Promise<CellFindings> {
    return this.walk(async (table, count) => {
      for (let first = 1; first <= count; first += MENDED_AT_ONCE)
        await this.client.query(sql.mendCells(table), [first, first + MENDED_AT_ONCE - 1]);
    });
  }

  private async walk(onDifferences: (table: CellTable, count: number) => Promise<void>): Promise<CellFindings> {
    const { rows: months } = await this.client.query<{ begin: string; end: string }>(sql.MONTHS);
    const differences: CellDifference[] = [];
    let total = 0;
    for (const [at, month] of months.entries()) {
      this.onProgress(`Roll-ups of ${month.begin.slice(0, 7)}: month ${at + 1} of ${months.length}`);
      for (const table of TABLES) {
        await this.client.query(sql.FORGET_DIFFERENCES);
        await this.client.query(sql.gatherDifferences(table, month));
        const { rows } = await this.client.query<{ count: number }>(sql.COUNT_DIFFERENCES);
        const { count } = rows[0]!;
        total += count;
        if (count > 0) differences.push(...(await this.list(table, MOST_TOLD - differences.length)));
        await onDifferences(table, count);
      }
    }
    await this.client.query(sql.FORGET_DIFFERENCES);
    return { months: months.length, total, differences, untold: total - differences.length };
  }

  private async list(table: CellTable, most: number): Promise<readonly CellDifference[]> {
    const { rows } = await this.client.query<DifferenceRow>(sql.LIST_DIFFERENCES, [most]);
    return rows.map(({ told, kept, ...name }) => ({ table, ...name, sums: differencesOf(told, kept) }));
  }
}

function differencesOf(told: readonly string[], kept: readonly string[]): readonly CellSumDifference[] {
  const sums = CELL_SUMS.map((name, at) => ({ name, byRows: BigInt(told[at]!), kept: BigInt(kept[at]!) }));
  return sums.filter(({ byRows, kept: found }) => byRows !== found);
}
