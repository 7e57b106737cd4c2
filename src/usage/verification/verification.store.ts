import pg from 'pg';
import { CellAudit } from './cell-audit.js';
import { type ChargedFactor, type ChargedPriceRow, type ChargedRate, factorsOf, ratesOf } from './charged-rates.js';
import * as sql from './verification.sql.js';

/** Any number; what else locks by number in this database has others. */
const LOCK = 72_707_373;
const CONNECT_MS = 3_000;

/**
 * `unpriced`: it names no price. `estimated`: what was held may have been charged instead. `reported`: its provider's own figure was
 * charged. `same`: buckets × price. Wrong: `cost`, `tier` (another one holds for so much input), `price` (there is none of that name).
 */
export type Verdict = 'unpriced' | 'estimated' | 'reported' | 'same' | RowFault;
type RowFault = 'cost' | 'tier' | 'price';

/** Part of a ledger, in whole months. */
export interface Partition {
  /** As SQL takes it. */
  readonly name: string;
  /** What no month was made for. */
  readonly isDefault: boolean;
}

/** A row that its price does not explain. Nano-dollars. */
export interface RowDifference {
  readonly admittedAt: Date;
  readonly callId: string;
  readonly verdict: RowFault;
  readonly priceId: string;
  readonly tierAbove: number | null;
  readonly serviceTier: string | null;
  readonly charged: bigint;
  /** By the tier that the row names; undefined where there is no such price. */
  readonly expected: bigint | undefined;
}

/** A sum of `budget_spend` that is not that of its rows. Nano-dollars. */
export interface SumDifference {
  readonly budgetId: string;
  readonly budget: string;
  /** Epoch milliseconds. */
  readonly bucketMs: number;
  readonly byRows: bigint;
  readonly kept: bigint;
}

export interface ComparedSums {
  readonly compared: number;
  /** Not compared, as some of their rows may have been deleted with their month. */
  readonly passed: number;
  readonly differences: readonly SumDifference[];
}

/** What each price costs, as JSON. */
export interface Tariff {
  readonly rates: string;
  readonly factors: string;
}

type Texts<Row, Name extends keyof Row> = Omit<Row, Name> & Readonly<Record<Name, string>>;

/**
 * The ledger, read whole: a connection of its own, on which a statement may take its time. It asks the server to do the work, so that
 * what comes here is what differs.
 */
export class VerificationStore {
  private constructor(private readonly client: pg.Client) {}

  /** `url` past any pooler, which would not keep the lock. Rejects where the database is away. */
  static async open(url: string): Promise<VerificationStore> {
    const client = new pg.Client({
      connectionString: url,
      application_name: 'tollgate ledger',
      connectionTimeoutMillis: CONNECT_MS,
      keepAlive: true,
    });
    // A lost connection fails the statement under way; as an event of its own it would end the process.
    client.on('error', () => undefined);
    await client.connect();
    await client.query("SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; SET work_mem = '64MB'");
    return new VerificationStore(client);
  }

  cells(onProgress: (text: string) => void): CellAudit {
    return new CellAudit(this.client, onProgress);
  }

  close(): Promise<void> {
    return this.client.end();
  }

  async partitions(): Promise<readonly Partition[]> {
    return (await this.client.query<Partition>(sql.PARTITIONS)).rows;
  }

  async tariff(): Promise<Tariff> {
    const { rows } = await this.client.query<ChargedPriceRow>(sql.CHARGED_PRICES);
    const rates: readonly ChargedRate[] = rows.flatMap(ratesOf);
    const factors: readonly ChargedFactor[] = rows.flatMap(factorsOf);
    return { rates: JSON.stringify(rates), factors: JSON.stringify(factors) };
  }

  /** How many rows of a part there is what to be said of. */
  async verdicts({ name }: Partition, { rates, factors }: Tariff): Promise<ReadonlyMap<Verdict, number>> {
    const { rows } = await this.client.query<{ verdict: Verdict; rows: number }>(sql.verdictsOf(name), [rates, factors]);
    return new Map(rows.map(({ verdict, rows: count }) => [verdict, count]));
  }

  /** The oldest of a part, at most so many. */
  async rowDifferences({ name }: Partition, { rates, factors }: Tariff, most: number): Promise<readonly RowDifference[]> {
    const { rows } = await this.client.query<Omit<RowDifference, 'charged' | 'expected'> & { charged: string; expected: string | null }>(
      sql.differencesOf(name),
      [rates, factors, most],
    );
    return rows.map((row) => ({
      ...row,
      charged: BigInt(row.charged),
      expected: row.expected === null ? undefined : BigInt(row.expected),
    }));
  }

  async comparedSums(): Promise<ComparedSums> {
    const { rows } = await this.client.query<{
      compared: string;
      passed: string;
      differing: readonly Texts<SumDifference, 'byRows' | 'kept'>[];
    }>(sql.COMPARED_SUMS);
    const { compared, passed, differing } = rows[0]!;
    const differences = differing.map((one) => ({ ...one, byRows: BigInt(one.byRows), kept: BigInt(one.kept) }));
    return { compared: Number(compared), passed: Number(passed), differences };
  }

  /** False = another one has it. Kept until the connection is closed. */
  async lock(): Promise<boolean> {
    const { rows } = await this.client.query<{ taken: boolean }>('SELECT pg_try_advisory_lock($1) AS taken', [LOCK]);
    return rows[0]!.taken;
  }

  /** Adds to the sums of one budget what they lack, in one transaction. False = the budget is gone. */
  async mend(budgetId: string, differences: readonly SumDifference[]): Promise<boolean> {
    await this.client.query('BEGIN');
    try {
      const { rowCount } = await this.client.query(sql.LOCK_BUDGET, [budgetId]);
      const lacking = differences.map(({ bucketMs, byRows, kept }) => ({ bucket: bucketMs, lacking: String(byRows - kept) }));
      const given = [budgetId, JSON.stringify(lacking)];
      if (rowCount) for (const step of [sql.MAKE_SUMS, sql.LOCK_SUMS, sql.MEND_SUMS]) await this.client.query(step, given);
      await this.client.query('COMMIT');
      return Boolean(rowCount);
    } catch (error) {
      await this.client.query('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }
}
