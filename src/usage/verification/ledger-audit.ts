import type { CellFindings } from './cell-audit.js';
import {
  type ComparedSums,
  type Partition,
  type RowDifference,
  type SumDifference,
  type Tariff,
  type Verdict,
  VerificationStore,
} from './verification.store.js';

export type { CellDifference, CellFindings } from './cell-audit.js';
export type { RowDifference, SumDifference } from './verification.store.js';

/** Of rows that differ so many are told; all are counted. */
const MOST_TOLD = 10_000;

const VERDICTS: readonly Verdict[] = ['same', 'reported', 'estimated', 'unpriced', 'cost', 'tier', 'price'];
const FAULTS: readonly Verdict[] = ['cost', 'tier', 'price'];

export interface LedgerFindings {
  readonly sums: ComparedSums;
  readonly rows: {
    readonly total: number;
    readonly by: Readonly<Record<Verdict, number>>;
    /** Those that differ, the oldest of them. */
    readonly differences: readonly RowDifference[];
    /** How many there are besides. */
    readonly untold: number;
  };
  /** The roll-ups. */
  readonly cells: CellFindings;
  /** Rows that no month was made for. */
  readonly inDefault: number;
}

/** Somebody else mends the sums. */
class RebuildElsewhere extends Error {
  override readonly name = 'RebuildElsewhere';

  constructor() {
    super('Another `ledger rebuild` is under way on this database. Wait until it is done.');
  }
}

/** Holds the ledger against itself: its rows against their prices, and what is kept of its sums against its rows. */
export class LedgerAudit {
  private constructor(
    private readonly store: VerificationStore,
    private readonly onProgress: (text: string) => void,
  ) {}

  /** `onProgress` hears how far it has come, as that may take minutes. Rejects where the database is away. */
  static async open(url: string, onProgress: (text: string) => void = () => undefined): Promise<LedgerAudit> {
    return new LedgerAudit(await VerificationStore.open(url), onProgress);
  }

  close(): Promise<void> {
    return this.store.close();
  }

  /** Reads every row; gateways may write meanwhile. */
  async verify(): Promise<LedgerFindings> {
    const { store } = this;
    const sums = await store.comparedSums();
    let tariff = await store.tariff();
    const by = Object.fromEntries(VERDICTS.map((verdict) => [verdict, 0])) as Record<Verdict, number>;
    const differences: RowDifference[] = [];
    let inDefault = 0;
    for (const partition of await store.partitions()) {
      let verdicts = await store.verdicts(partition, tariff);
      if (verdicts.has('price')) {
        // A price that was charged for the first time since the prices were read.
        tariff = await store.tariff();
        verdicts = await store.verdicts(partition, tariff);
      }
      for (const [verdict, count] of verdicts) by[verdict] += count;
      if (partition.isDefault) inDefault = sum([...verdicts.values()]);
      if (FAULTS.some((fault) => verdicts.has(fault)))
        differences.push(...(await this.differencesOf(partition, tariff, differences.length)));
    }
    const total = sum(Object.values(by));
    const untold = Math.max(0, sum(FAULTS.map((fault) => by[fault])) - differences.length);
    return { sums, rows: { total, by, differences, untold }, cells: await this.cells(), inDefault };
  }

  /** What cells of the roll-ups lack or have too much. */
  cells(): Promise<CellFindings> {
    return this.store.cells(this.onProgress).compare();
  }

  /** Makes the cells of the roll-ups the sums of their rows; resolves with what was changed. Throws `RebuildElsewhere` like `rebuild`. */
  async rebuildCells(): Promise<CellFindings> {
    if (!(await this.store.lock())) throw new RebuildElsewhere();
    return this.store.cells(this.onProgress).mend();
  }

  /** What the sums of budgets lack or have too much. */
  sums(): Promise<ComparedSums> {
    return this.store.comparedSums();
  }

  /**
   * Makes the sums of budgets those of their rows, while gateways write or not. Resolves with what was changed; throws
   * `RebuildElsewhere`, as two at a time would mend the same twice.
   */
  async rebuild(): Promise<readonly SumDifference[]> {
    if (!(await this.store.lock())) throw new RebuildElsewhere();
    const { differences } = await this.store.comparedSums();
    const mended: SumDifference[] = [];
    for (const budgetId of new Set(differences.map((one) => one.budgetId))) {
      const ofBudget = differences.filter((one) => one.budgetId === budgetId);
      if (await this.store.mend(budgetId, ofBudget)) mended.push(...ofBudget);
    }
    return mended;
  }

  private differencesOf(partition: Partition, tariff: Tariff, told: number): Promise<readonly RowDifference[]> {
    return this.store.rowDifferences(partition, tariff, Math.max(0, MOST_TOLD - told));
  }
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
