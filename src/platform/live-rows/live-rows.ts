import { isDeepStrictEqual } from 'node:util';
import type { Database } from '../database/database.js';
import type { Notifications } from '../database/notifications.js';
import type { Log } from '../log/log.js';
import { reasonOf } from '../reason.js';
import { ReadingLoop } from './reading-loop.js';

/** Between two comparisons while messages cannot be heard. */
const DEAF_MS = 1_000;
/** Beyond that, reading all is the smaller question. */
const MAX_ONE_BY_ONE = 1_000;

/** What is kept in memory. */
export interface RowSource<Row> {
  /** One word: what `noteChange` calls it. */
  readonly name: string;
  /** All rows, or those with these ids as far as they exist. */
  load(ids?: readonly string[]): Promise<readonly Row[]>;
}

/** `row` is undefined where there is none any more. */
export type RowListener<Row> = (id: string, row: Row | undefined) => void;

/**
 * All rows of a table whose changes are told by `noteChange`, in memory. A changed row is read anew as soon as its change is
 * heard of. Changes are numbered (table `revisions`): where a number was missed, all rows are read anew; it is compared after
 * each gap in the messages, every second while there are none to be heard, and every 30 s. While the database is away, rows
 * stay as they were last read.
 */
export class LiveRows<Row extends { readonly id: string }> {
  private readonly rows = new Map<string, Row>();
  private changes = 0;
  private readonly listeners: RowListener<Row>[] = [];
  private readonly reading = new ReadingLoop(
    () => this.read(),
    (error) => this.noteFailure(error),
  );
  /** Rows to read anew. */
  private readonly due = new Set<string>();
  private isInDoubt = true;
  private deaf: NodeJS.Timeout | undefined;
  /** The number of the last change that `rows` and `due` know of; undefined = all rows must be read. */
  private heardUpTo: number | undefined;

  constructor(
    private readonly source: RowSource<Row>,
    private readonly notifications: Pick<Notifications, 'subscribe' | 'isListening'>,
    private readonly database: Pick<Database, 'pool' | 'whenReachable' | 'isReachable'>,
    private readonly log: Log,
  ) {}

  /** Another number after each change of any row: what was worked out from rows holds for as long as it stays. */
  get revision(): number {
    return this.changes;
  }

  get size(): number {
    return this.rows.size;
  }

  /** A look-up in memory: the same object for as long as nothing of the row has changed. undefined = there is none, or it was not read yet. */
  get(id: string): Row | undefined {
    return this.rows.get(id);
  }

  values(): IterableIterator<Row> {
    return this.rows.values();
  }

  /** Called for each row that is there already, and from then on for each that is found changed, when all found with it are in effect. */
  onChange(listener: RowListener<Row>): void {
    this.listeners.push(listener);
    for (const id of this.rows.keys()) this.tell(listener, id);
  }

  /** Resolves when all rows have been read; does not wait for a database that is away. */
  async start(): Promise<void> {
    this.notifications.subscribe(
      this.source.name,
      (message) => this.hear(message),
      () => this.doubt(),
    );
    this.deaf = setInterval(() => this.doubtUnlessListening(), DEAF_MS).unref();
    await this.reading.start(this.database);
  }

  stop(): void {
    clearInterval(this.deaf);
    this.reading.stop();
  }

  /** Reads one row anew without waiting to hear of it: what was committed before is known when it resolves, unless the database is away. */
  refresh(id: string): Promise<void> {
    this.due.add(id);
    return this.reading.request();
  }

  private hear(message: string): void {
    const [id, number] = message.split(' ') as [string, string | undefined];
    const change = Number(number);
    if (this.heardUpTo !== undefined && change <= this.heardUpTo) return;
    const isNext = this.heardUpTo !== undefined && change === this.heardUpTo + 1;
    this.heardUpTo = isNext ? change : undefined;
    void this.refresh(id);
  }

  private doubtUnlessListening(): void {
    if (this.database.isReachable && !this.notifications.isListening) this.doubt();
  }

  private doubt(): void {
    this.isInDoubt = true;
    void this.reading.request();
  }

  private async read(): Promise<void> {
    const ids = [...this.due];
    if (ids.length > MAX_ONE_BY_ONE) this.heardUpTo = undefined;
    const mustCompare = this.isInDoubt || this.heardUpTo === undefined || ids.length === 0;
    this.due.clear();
    this.isInDoubt = false;
    try {
      if (mustCompare && (await this.readAllIfBehind())) return;
      if (ids.length > 0) this.replace(ids, await this.source.load(ids));
    } catch (error) {
      this.heardUpTo = undefined;
      throw error;
    }
  }

  private async readAllIfBehind(): Promise<boolean> {
    const revision = await this.findRevision();
    if (revision === this.heardUpTo) return false;
    // Before the rows are read, which may be newer: then what is heard meanwhile is read once more, and nothing is missed.
    this.heardUpTo = revision;
    const rows = await this.source.load();
    this.replace([...this.rows.keys(), ...rows.map(({ id }) => id)], rows);
    return true;
  }

  private async findRevision(): Promise<number> {
    const { rows } = await this.database.pool.query<{ value: string }>('SELECT value FROM revisions WHERE name = $1', [this.source.name]);
    return Number(rows[0]?.value ?? 0);
  }

  /** `ids` are those that were read, `found` those that exist. */
  private replace(ids: readonly string[], found: readonly Row[]): void {
    const rows = new Map(found.map((row) => [row.id, row]));
    const changed = [...new Set(ids)].filter((id) => !isDeepStrictEqual(this.rows.get(id), rows.get(id)));
    if (changed.length === 0) return;
    for (const id of changed) this.put(id, rows.get(id));
    this.changes += 1;
    for (const id of changed) for (const listener of this.listeners) this.tell(listener, id);
  }

  private put(id: string, row: Row | undefined): void {
    if (row) this.rows.set(id, row);
    else this.rows.delete(id);
  }

  private tell(listener: RowListener<Row>, id: string): void {
    try {
      listener(id, this.rows.get(id));
    } catch (error) {
      this.log.error({ event: 'row_not_applied', table: this.source.name, id, err: error });
    }
  }

  private noteFailure(error: unknown): void {
    this.log.warn({ event: 'rows_unread', table: this.source.name, reason: reasonOf(error) }, 'Rows stay as they were last read.');
  }
}
