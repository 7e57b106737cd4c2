/** A line of `toLedgerLine`, and who wants to know that nothing more can become of it: it is stored, or was refused for ever. */
export interface LedgerRow {
  readonly line: string;
  readonly onDone: (() => void) | undefined;
  /** It stands on the disk, and so outlives this process. */
  readonly onKept?: (() => void) | undefined;
}

/** Rows that are written in one statement. */
export interface LedgerBatch {
  readonly rows: LedgerRow[];
  /** When the first of them came, epoch milliseconds. */
  readonly since: number;
  bytes: number;
}

/**
 * Rows on their way to the database, in order of their coming and in batches; bounded by bytes. Where that takes too long, the
 * oldest of them leave for the disk.
 */
export class LedgerQueue {
  private batches: LedgerBatch[] = [];
  private taken: LedgerBatch | undefined;
  private leaving: readonly LedgerBatch[] = [];
  private bytes = 0;

  constructor(private readonly limits: { readonly batchRows: number; readonly maxBytes: number }) {}

  add(row: LedgerRow, nowMs: number): void {
    let batch = this.batches.at(-1);
    if (!batch || batch.rows.length >= this.limits.batchRows) this.batches.push((batch = { rows: [], since: nowMs, bytes: 0 }));
    const bytes = Buffer.byteLength(row.line);
    batch.rows.push(row);
    batch.bytes += bytes;
    this.bytes += bytes;
  }

  get rows(): number {
    return this.all.reduce((sum, batch) => sum + batch.rows.length, 0);
  }

  get hasFullBatch(): boolean {
    return this.batches[0] !== undefined && this.batches[0].rows.length >= this.limits.batchRows;
  }

  /** When the oldest row came, epoch milliseconds. */
  get oldestSince(): number | undefined {
    const taken = this.taken?.rows.length === 0 ? undefined : this.taken;
    return (this.leaving[0] ?? taken ?? this.batches[0])?.since;
  }

  /** The oldest batch. It counts as waiting until it is `done`. */
  take(): LedgerBatch | undefined {
    this.taken = this.batches.shift();
    return this.taken;
  }

  done(): void {
    this.bytes -= this.taken?.bytes ?? 0;
    this.taken = undefined;
  }

  /**
   * Batches of the oldest rows, of little more than so many bytes together. They count as waiting until they have `left` or `stay`; the
   * first are taken out of the batch that is being written, for nobody knows when that comes to an end.
   */
  leave(upToBytes: number): readonly LedgerBatch[] {
    const leaving: LedgerBatch[] = [];
    const { taken } = this;
    if (taken && taken.rows.length > 0) {
      leaving.push({ rows: taken.rows.splice(0), since: taken.since, bytes: taken.bytes });
      taken.bytes = 0;
    }
    for (let bytes = leaving[0]?.bytes ?? 0; bytes < upToBytes && this.batches.length > 0; bytes += leaving.at(-1)!.bytes) {
      leaving.push(this.batches.shift()!);
    }
    this.leaving = leaving;
    return leaving;
  }

  left(): void {
    for (const { bytes } of this.leaving) this.bytes -= bytes;
    this.leaving = [];
  }

  stay(): void {
    this.batches.unshift(...this.leaving);
    this.leaving = [];
  }

  /** While there are too many bytes: the oldest batch that is on no way out, now forgotten. */
  dropOverflow(): LedgerBatch | undefined {
    if (this.bytes <= this.limits.maxBytes) return undefined;
    const dropped = this.batches.shift();
    this.bytes -= dropped?.bytes ?? 0;
    return dropped;
  }

  /** Everything that waits, now forgotten. */
  dropAll(): readonly LedgerRow[] {
    const rows = this.all.flatMap((batch) => batch.rows);
    this.leaving = [];
    this.batches = [];
    this.taken = undefined;
    this.bytes = 0;
    return rows;
  }

  /** Oldest first. */
  private get all(): readonly LedgerBatch[] {
    return [...this.leaving, ...(this.taken ? [this.taken] : []), ...this.batches];
  }
}
