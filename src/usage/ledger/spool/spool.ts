import type { Clock } from '../../../core/clock.js';
import { makeId } from '../../../core/ids.js';
import { type Log, reasonOf } from '../../../platform/index.js';
import type { LedgerRow } from '../ledger-queue.js';
import type { RecordReader } from './record.js';
import { RefusedRows } from './refused-rows.js';
import { Segment, type SpooledRow, toRecords } from './segment.js';
import { abandonedSegments, moveSegment, SpoolFolder } from './spool-folder.js';

export interface SpoolOptions {
  /** Folder of the spools of all processes on this volume; made when it is needed. */
  readonly dir: string;
  /** Of all rows that this process keeps there; 0 = none are kept. */
  readonly maxBytes: number;
  /** A segment gets no more rows when the next would make it larger than this. */
  readonly segmentBytes: number;
}

export const SEGMENT_BYTES = 8 * 1024 * 1024;

/** Rows do not fit under `maxBytes`. */
export class SpoolFull extends Error {}

/** Rows of the oldest segment, to be taken in turn. */
export interface Replay {
  readonly isAdopted: boolean;
  /** The next rows, at most so many; none at the end. */
  take(count: number): LedgerRow[];
  /** Of so many taken rows nothing more can become. */
  finish(count: number): void;
  /** All is finished: forgets the segment, and answers how many of its rows could not be read. */
  end(): Promise<number>;
}

/**
 * Ledger rows on disk, in the order of their coming: segments, each with a checksum for every row, in a folder of this process's own.
 * Nothing is on the disk while no row is. What processes have left that died is adopted.
 */
export class Spool {
  private readonly segments: Segment[] = [];
  private folder: SpoolFolder | undefined;
  private turn: Promise<unknown> = Promise.resolve();
  private readonly refused: RefusedRows;
  /** Folders that were told of. */
  private readonly foreign = new Set<string>();

  constructor(
    private readonly options: SpoolOptions,
    private readonly clock: Pick<Clock, 'now'>,
    private readonly log: Log,
  ) {
    this.refused = new RefusedRows(options, clock, log);
  }

  /** Whether rows may be added at all. */
  get isOn(): boolean {
    return this.options.maxBytes > 0;
  }

  get rows(): number {
    return this.segments.reduce((sum, { rows }) => sum + rows, 0);
  }

  get bytes(): number {
    return this.segments.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  get isEmpty(): boolean {
    return this.segments.length === 0;
  }

  get hasAdopted(): boolean {
    return this.segments.some(({ isAdopted }) => isAdopted);
  }

  /** When the oldest row came, epoch milliseconds. */
  get oldestSince(): number | undefined {
    return this.segments.find(({ sinceMs }) => sinceMs !== undefined)?.sinceMs;
  }

  /** Where rows of this process are, or would be. */
  get path(): string {
    return this.folder?.dir ?? this.options.dir;
  }

  /** Resolves when all rows are on the disk, by one fsync. Where it rejects, all are still the caller's: `SpoolFull`, or what the disk said. */
  append(rows: readonly SpooledRow[]): Promise<void> {
    return this.inTurn(async () => {
      const records = toRecords(rows);
      const bytes = records.reduce((sum, { length }) => sum + length, 0);
      if (this.bytes + bytes > this.options.maxBytes) throw new SpoolFull(`more than ${this.options.maxBytes} bytes would be on disk`);
      const segment = await this.segmentFor(bytes);
      try {
        await segment.append(rows, records);
      } catch (error) {
        // Nobody knows what is behind its last good row now.
        await segment.seal().catch(() => undefined);
        if (segment.rows === 0) await this.forget(segment);
        throw error;
      }
    });
  }

  /** The oldest segment, which gets no more rows; undefined if there is none. */
  openOldest(): Promise<Replay | undefined> {
    return this.inTurn(async () => {
      const [segment] = this.segments;
      await segment?.seal();
      return segment && this.replay(segment);
    });
  }

  /** Takes over what dead processes have left; resolves with the number of rows that this is about. */
  adopt(): Promise<number> {
    return this.inTurn(async () => {
      const files = await abandonedSegments(this.options.dir, (dir, error) => this.noteForeign(dir, error));
      if (files.length === 0) return 0;
      // Whatever comes after has a higher number.
      await this.segments.at(-1)?.seal();
      const before = this.rows;
      for (const file of files) await this.adoptSegment(file);
      await this.folder?.sync();
      return this.rows - before;
    });
  }

  /** Keeps for people a row that the database will never take. Resolves in any case. */
  async keepRefused(line: string, reason: string): Promise<void> {
    if (this.isOn) await this.refused.keep(line, reason);
  }

  /** Lets go of the folder. What is left in it is for the next process on this volume. */
  close(): Promise<void> {
    return this.inTurn(async () => {
      await this.segments.at(-1)?.seal();
      await this.folder?.close();
      this.folder = undefined;
    });
  }

  private noteForeign(dir: string, error: unknown): void {
    if (this.foreign.has(dir)) return;
    this.foreign.add(dir);
    this.log.error(
      { event: 'ledger_spool_foreign', path: dir, reason: reasonOf(error) },
      'What another process has on disk cannot be looked at.',
    );
  }

  private async adoptSegment(from: string): Promise<void> {
    const folder = await this.openFolder();
    const file = folder.nextFile();
    if (await moveSegment(from, file)) this.segments.push(await Segment.adopt(file));
  }

  private async segmentFor(bytes: number): Promise<Segment> {
    const last = this.segments.at(-1);
    if (last?.isOpen && last.bytes + bytes <= this.options.segmentBytes) return last;
    await last?.seal();
    const folder = await this.openFolder();
    const segment = await Segment.create(folder.nextFile());
    this.segments.push(segment);
    await folder.sync();
    return segment;
  }

  private async openFolder(): Promise<SpoolFolder> {
    this.folder ??= await SpoolFolder.make(this.options.dir, makeId(this.clock.now()));
    return this.folder;
  }

  private async replay(segment: Segment): Promise<Replay> {
    const reader = await this.read(segment);
    return {
      isAdopted: segment.isAdopted,
      take: (count) => takeRows(segment, reader, count),
      finish: (count) => {
        segment.rows = Math.max(0, segment.rows - count);
      },
      end: async () => {
        // What could not be read at all stays where it is: another process may be able to.
        await this.inTurn(() => this.forget(segment, reader !== undefined));
        return segment.rows;
      },
    };
  }

  private async read(segment: Segment): Promise<RecordReader | undefined> {
    try {
      return await segment.read(({ offset, bytes }) =>
        this.log.error(
          { event: 'ledger_spool_damaged', file: segment.file, offset, bytes },
          'A part of the spool cannot be read: it was cut off or overwritten. All rows around it are replayed.',
        ),
      );
    } catch (error) {
      const { file, rows } = segment;
      this.log.error({ event: 'ledger_spool_unreadable', file, rows, reason: reasonOf(error) }, 'A file of the spool cannot be read.');
      return undefined;
    }
  }

  private async forget(segment: Segment, isOver = true): Promise<void> {
    this.segments.splice(this.segments.indexOf(segment), 1);
    if (!isOver) return;
    try {
      await segment.remove();
      await this.folder?.sync();
    } catch (error) {
      this.log.error({ event: 'ledger_spool_not_removed', file: segment.file, reason: reasonOf(error) }, 'A replayed file is still there.');
    }
  }

  /** One after the other, in the order in which they are asked for. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.turn.then(work);
    this.turn = result.catch(() => undefined);
    return result;
  }
}

function takeRows(segment: Segment, reader: RecordReader | undefined, count: number): LedgerRow[] {
  const rows: LedgerRow[] = [];
  for (let record = reader?.next(); record; record = rows.length < count ? reader?.next() : undefined) {
    rows.push({ line: record.line, onDone: segment.callbackAt(record.offset) });
  }
  return rows;
}
