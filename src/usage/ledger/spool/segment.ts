import { type FileHandle, open, readFile, unlink } from 'node:fs/promises';
import type { LedgerRow } from '../ledger-queue.js';
import { countRecords, encodeRecord, RecordReader } from './record.js';

/** A row with the time at which it came, epoch milliseconds. */
export interface SpooledRow extends LedgerRow {
  readonly atMs: number;
}

/** A file of rows that wait for the database, in the order of their coming. */
export class Segment {
  /** Rows in it of which something can still become. */
  rows = 0;
  bytes = 0;
  sinceMs: number | undefined;
  private handle: FileHandle | undefined;
  /** By the offset of their row: those of this process's own rows that anybody waits for. */
  private readonly callbacks = new Map<number, () => void>();

  private constructor(
    readonly file: string,
    /** Left by a process that does not live any more. */
    readonly isAdopted: boolean,
  ) {}

  static async create(file: string): Promise<Segment> {
    const segment = new Segment(file, false);
    segment.handle = await open(file, 'wx', 0o600);
    return segment;
  }

  static async adopt(file: string): Promise<Segment> {
    const segment = new Segment(file, true);
    const content = await readFile(file);
    segment.bytes = content.length;
    segment.rows = countRecords(content);
    segment.sinceMs = new RecordReader(content, () => undefined).next()?.atMs;
    return segment;
  }

  /** Whether rows can be added to it. */
  get isOpen(): boolean {
    return this.handle !== undefined;
  }

  /** Resolves when all rows are on the disk, by one fsync; where it rejects, none of them counts as being there. */
  async append(rows: readonly SpooledRow[], records: readonly Buffer[]): Promise<void> {
    const content = Buffer.concat(records);
    for (let written = 0; written < content.length;) {
      const { bytesWritten } = await this.handle!.write(content, written, content.length - written, this.bytes + written);
      written += bytesWritten;
    }
    await this.handle!.sync();
    let offset = this.bytes;
    rows.forEach(({ onDone }, index) => {
      if (onDone) this.callbacks.set(offset, onDone);
      offset += records[index]!.length;
    });
    this.bytes = offset;
    this.rows += rows.length;
    this.sinceMs ??= rows[0]?.atMs;
  }

  /** Nothing is added to it any more. */
  async seal(): Promise<void> {
    const { handle } = this;
    this.handle = undefined;
    // What it holds is on the disk already.
    await handle?.close().catch(() => undefined);
  }

  /** What was appended, or all that a former process wrote; of what is damaged in it `onDamage` is told. */
  async read(onDamage: ConstructorParameters<typeof RecordReader>[1]): Promise<RecordReader> {
    const content = await readFile(this.file);
    const missing = this.bytes - content.length;
    if (missing > 0) onDamage({ offset: content.length, bytes: missing });
    return new RecordReader(content.subarray(0, this.bytes), onDamage);
  }

  callbackAt(offset: number): (() => void) | undefined {
    return this.callbacks.get(offset);
  }

  remove(): Promise<void> {
    return unlink(this.file);
  }
}

export function toRecords(rows: readonly SpooledRow[]): readonly Buffer[] {
  return rows.map(({ atMs, line }) => encodeRecord(atMs, line));
}
