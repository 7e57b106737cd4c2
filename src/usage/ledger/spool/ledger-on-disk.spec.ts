import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { Ledger, LEDGER_LIMITS, type LedgerLimits } from '../ledger.js';
import { RowRefused } from '../row-refused.js';
import { SEGMENT_BYTES, Spool, type SpoolOptions } from './spool.js';
import type { SpoolingBegun } from './spool-episodes.js';
import { eventually } from '../../../../test/support/eventually.js';

let folder: string;
let dir: string;
let store: SwitchedStore;
let ledgers: Ledger[];
let logs: Record<string, unknown>[];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), `tollgate-test-${process.pid}-`));
  dir = path.join(folder, 'spool');
  store = new SwitchedStore();
  ledgers = [];
  logs = [];
});

afterEach(async () => {
  store.isAway = false;
  store.release();
  for (const ledger of ledgers) await ledger.close();
  await rm(folder, { recursive: true });
});

const line = (name: number | string): string => `{"call_id":"${name}"}`;
const numbers = (from: number, to: number): readonly string[] => Array.from({ length: to - from }, (_, index) => String(from + index));

function openLedger(limits: Partial<LedgerLimits> = {}, options: Partial<SpoolOptions> = {}): Ledger {
  const log = pino({}, { write: (text: string) => void logs.push(JSON.parse(text) as Record<string, unknown>) });
  const clock = { now: () => Math.round(performance.now()), elapsed: () => performance.now() };
  const spool = new Spool({ dir, maxBytes: 10_000_000, segmentBytes: SEGMENT_BYTES, ...options }, clock, log);
  const quick = { flushMs: 1, retryMs: 1, maxRetryMs: 5, closeMs: 20 };
  const ledger = new Ledger(store, clock, log, { ...LEDGER_LIMITS, ...quick, ...limits }, spool);
  ledgers.push(ledger);
  return ledger;
}

const logged = (): readonly unknown[] => logs.map(({ event }) => event);
const isSpooling = (): boolean => logged().includes('ledger_spooling');

describe('a ledger whose database is away', () => {
  it('keeps rows on disk, and writes them in the order in which they came when it is back', async () => {
    const ledger = openLedger();
    store.isAway = true;

    for (const name of numbers(0, 300)) ledger.append(line(name));
    await eventually(isSpooling);
    for (const name of numbers(300, 500)) ledger.append(line(name));
    await eventually(async () => (await onDisk()).length >= 500);
    expect(ledger.lag()).toMatchObject({ rows: 500, unstored: 0 });
    store.isAway = false;
    for (const name of numbers(500, 600)) ledger.append(line(name));
    await eventually(() => ledger.lag().rows === 0);

    expect(store.distinct).toEqual(numbers(0, 600));
    expect(logged()).toEqual(['ledger_delayed', 'ledger_spooling', 'ledger_resumed', 'ledger_spool_replayed']);
    expect(logs.at(-1)).toMatchObject({ level: 50, unread: 0 });
    await ledger.close();
    expect(await readdir(dir)).toEqual([]);
  });

  it('tells of it once until all is over, and again the next time', async () => {
    const ledger = openLedger();
    const told: SpoolingBegun[] = [];
    ledger.onSpooling((begun) => told.push(begun));

    for (const round of [1, 2]) {
      store.isAway = true;
      for (const name of numbers(0, 3)) ledger.append(line(`${round}-${name}`));
      await eventually(() => told.length === round);
      ledger.append(line(`${round}-more`));
      await eventually(async () => (await onDisk()).length === 4);
      store.isAway = false;
      await eventually(() => ledger.lag().rows === 0);
    }

    expect(told).toHaveLength(2);
    expect(told[0]).toMatchObject({ rows: 3, path: expect.stringContaining(dir) });
  });

  it('calls nobody for a row on disk, and everybody once it is stored or refused', async () => {
    const ledger = openLedger();
    const done: string[] = [];
    store.isAway = true;
    store.refused = new Set(['4']);
    for (const name of numbers(0, 10)) ledger.append(line(name), () => done.push(name));
    await eventually(async () => (await onDisk()).length === 10);
    expect(done).toEqual([]);

    store.isAway = false;
    await eventually(() => ledger.lag().rows === 0);

    expect(done).toEqual(numbers(0, 10));
    expect(store.distinct).toEqual(numbers(0, 10).filter((name) => name !== '4'));
    expect(ledger.lag()).toMatchObject({ unstored: 1 });
    expect(JSON.parse(await readFile(path.join(dir, 'refused.jsonl'), 'utf8'))).toMatchObject({ line: line(4), reason: 'out of range' });
  });

  it('is flushed only when what is on disk is stored', async () => {
    const ledger = openLedger();
    store.isAway = true;
    for (const name of numbers(0, 10)) ledger.append(line(name));
    await eventually(async () => (await onDisk()).length === 10);
    let storedThen = -1;
    const flushed = ledger.flush().then(() => (storedThen = store.distinct.length));

    store.isAway = false;
    await flushed;

    expect(storedThen).toBe(10);
  });

  it('does not wait for a statement that never ends', async () => {
    const ledger = openLedger();
    store.hangs = true;
    for (const name of numbers(0, 10)) ledger.append(line(name));

    await eventually(async () => (await onDisk()).length === 10);
    ledger.append(line(10));
    store.hangs = false;
    store.release();
    await eventually(() => ledger.lag().rows === 0);

    expect(store.distinct).toEqual(numbers(0, 11));
  });

  it('keeps in memory what the disk has no place for, and gives it up to the log beyond its bound', async () => {
    const ledger = openLedger({ maxBytes: 2_000, batchRows: 10 }, { maxBytes: 500 });
    store.isAway = true;
    for (const name of numbers(0, 5)) ledger.append(line(name));
    await eventually(async () => (await onDisk()).length === 5);

    for (const name of numbers(5, 300)) ledger.append(line(name));
    await eventually(() => logged().includes('ledger_spool_full'));
    const { rows, unstored } = ledger.lag();
    expect([rows + unstored, unstored > 0, rows > 5]).toEqual([300, true, true]);
    store.isAway = false;
    await eventually(() => ledger.lag().rows === 0);

    const given = logs.filter(({ event }) => event === 'ledger_rows_unstored').flatMap(({ call_ids }) => call_ids as string[]);
    expect([...store.distinct, ...given].toSorted()).toEqual(numbers(0, 300).toSorted());
  });

  it('is as without a disk where that fails', async () => {
    await writeFile(dir, 'a file where a folder should be');
    const ledger = openLedger();
    store.isAway = true;
    for (const name of numbers(0, 10)) ledger.append(line(name));

    await eventually(() => logged().includes('ledger_spool_failed'));
    store.isAway = false;
    await eventually(() => ledger.lag().rows === 0);

    expect(store.distinct).toEqual(numbers(0, 10));
    expect(logged().filter((event) => event === 'ledger_spool_failed')).toHaveLength(1);
  });
});

describe('a ledger that ends', () => {
  it('leaves on disk what it could not write, says so, and the next one writes it', async () => {
    const former = openLedger();
    store.isAway = true;
    for (const name of numbers(0, 200)) former.append(line(name));
    const flushed = former.flush().catch((error: Error) => error.message);

    expect(await former.close()).toBe(200);

    expect(await flushed).toBe('ledger rows could not be stored');
    expect(logs.at(-1)).toMatchObject({ level: 50, event: 'ledger_spool_left', rows: 200, path: expect.stringContaining(dir) });
    expect(former.lag()).toMatchObject({ rows: 200, unstored: 0 });

    store.isAway = false;
    const next = openLedger();
    const told: SpoolingBegun[] = [];
    next.onSpooling((begun) => told.push(begun));
    next.onModuleInit();
    await next.flush();

    expect(store.distinct).toEqual(numbers(0, 200));
    expect(told).toMatchObject([{ rows: 200 }]);
    expect(next.lag()).toMatchObject({ rows: 0, unstored: 0 });
  });

  it('leaves on disk what a statement that never ends holds', async () => {
    const ledger = openLedger();
    store.hangs = true;
    for (const name of numbers(0, 3)) ledger.append(line(name));

    expect(await ledger.close()).toBe(3);

    expect(await onDisk()).toEqual(numbers(0, 3));
  });

  it('gives to the log what it can leave nowhere', async () => {
    await writeFile(dir, 'a file where a folder should be');
    const ledger = openLedger();
    store.isAway = true;
    ledger.append(line('a'));

    expect(await ledger.close()).toBe(1);

    expect(logs.at(-1)).toMatchObject({ event: 'ledger_rows_unstored', call_ids: ['a'] });
  });
});

describe('a ledger whose database is there', () => {
  it('touches no disk', async () => {
    const ledger = openLedger();
    ledger.onModuleInit();
    for (const name of numbers(0, 1_000)) ledger.append(line(name));
    await ledger.flush();
    await ledger.close();

    expect(await readdir(folder)).toEqual([]);
  });
});

/** The calls on disk, in their order. */
async function onDisk(): Promise<readonly string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter(({ name }) => name.endsWith('.segment')).map(({ parentPath, name }) => path.join(parentPath, name));
  const contents = await Promise.all(files.sort().map((file) => readFile(file, 'utf8').catch(() => '')));
  return contents.flatMap((content) => [...content.matchAll(/"call_id":"([^"]*)"}\n/g)].map((match) => match[1]!));
}

/** A database that can be switched off. */
class SwitchedStore {
  isAway = false;
  hangs = false;
  refused: ReadonlySet<string> = new Set();
  private readonly rows = new Set<string>();
  private readonly held: (() => void)[] = [];

  /** Each row once, in the order of their first coming. */
  get distinct(): readonly string[] {
    return [...this.rows];
  }

  costsOf(): Promise<ReadonlyMap<string, bigint>> {
    return Promise.resolve(new Map());
  }

  release(): void {
    for (const go of this.held.splice(0)) go();
  }

  async insert(lines: readonly string[]): Promise<void> {
    await new Promise<void>((resolve) => (this.hangs ? this.held.push(resolve) : setImmediate(resolve)));
    if (this.isAway) throw new Error("Can't reach database server");
    const names = lines.map((each) => (JSON.parse(each) as { call_id: string }).call_id);
    if (names.some((name) => this.refused.has(name))) throw new RowRefused(new Error('out of range'));
    for (const name of names) this.rows.add(name);
  }
}
