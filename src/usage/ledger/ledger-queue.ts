/** A line of `toLedgerLine`, and who wants to know that nothing more can become of it: it is stored, or was refused for ever. */
export interface LedgerRow {
  readonly line: string;
  readonly onDone: (() => void) | undefined;
}

/** Rows that are written in one statement. */
export interface LedgerBatch {
  readonly rows: LedgerRow[];
  /** When the first of them came, epoch milliseconds. */
  readonly since: number;
  bytes: number;
}

/** Rows on their way to the database, in order of their coming and in batches; bounded by bytes. */
export class LedgerQueue {
  private batches: LedgerBatch[] = [];
  private taken: LedgerBatch | undefined;
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
    return [this.taken, ...this.batches].reduce((sum, batch) => sum + (batch?.rows.length ?? 0), 0);
  }

  get hasFullBatch(): boolean {
    return this.batches[0] !== undefined && this.batches[0].rows.length >= this.limits.batchRows;
  }

  /** When the oldest row came, epoch milliseconds. */
  get oldestSince(): number | undefined {
    return (this.taken ?? this.batches[0])?.since;
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

  /** While there are too many bytes: the oldest batch that is not being written, now forgotten. */
  dropOverflow(): LedgerBatch | undefined {
    if (this.bytes <= this.limits.maxBytes) return undefined;
    const dropped = this.batches.shift();
    this.bytes -= dropped?.bytes ?? 0;
    return dropped;
  }

  /** Everything that waits, now forgotten. */
  dropAll(): readonly LedgerRow[] {
    const rows = [this.taken, ...this.batches].flatMap((batch) => batch?.rows ?? []);
    this.batches = [];
    this.taken = undefined;
    this.bytes = 0;
    return rows;
  }
}
