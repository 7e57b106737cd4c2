import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import type { SpooledRow } from './segment.js';
import { Spool, SpoolFull, type SpoolOptions } from './spool.js';

const SEGMENT_BYTES = 1_000;

let dir: string;
let logs: Record<string, unknown>[];
let spools: Spool[];

beforeEach(async () => {
  dir = path.join(await mkdtemp(path.join(tmpdir(), `tollgate-test-${process.pid}-`)), 'spool');
  logs = [];
  spools = [];
});

afterEach(async () => {
  for (const spool of spools) await spool.close();
  await rm(path.dirname(dir), { recursive: true });
});

function openSpool(options: Partial<SpoolOptions> = {}): Spool {
  const log = pino({}, { write: (line: string) => void logs.push(JSON.parse(line) as Record<string, unknown>) });
  const spool = new Spool({ dir, maxBytes: 1_000_000, segmentBytes: SEGMENT_BYTES, ...options }, { now: () => 5_000 }, log);
  spools.push(spool);
  return spool;
}

const rowsOf = (from: number, to: number): SpooledRow[] =>
  Array.from({ length: to - from }, (_, index) => ({ line: lineOf(from + index), atMs: 1_000 + from + index, onDone: undefined }));

const lineOf = (number: number): string => `{"call_id":"${number}"}`;

/** All lines, in the order in which they come. */
async function replayAll(spool: Spool): Promise<{ readonly lines: readonly string[]; readonly unread: number }> {
  const lines: string[] = [];
  let unread = 0;
  for (let replay = await spool.openOldest(); replay; replay = await spool.openOldest()) {
    for (let rows = replay.take(7); rows.length > 0; rows = replay.take(7)) {
      lines.push(...rows.map(({ line }) => line));
      replay.finish(rows.length);
    }
    unread += await replay.end();
  }
  return { lines, unread };
}

const linesOf = (from: number, to: number): readonly string[] => rowsOf(from, to).map(({ line }) => line);

async function filesIn(folder: string): Promise<readonly string[]> {
  return (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
}

describe('Spool', () => {
  it('touches no disk while nothing is put into it', async () => {
    const spool = openSpool();

    expect(await spool.adopt()).toBe(0);
    expect(await spool.openOldest()).toBeUndefined();
    await spool.close();

    await expect(stat(dir)).rejects.toThrow('ENOENT');
  });

  it('gives rows back in their order over many segments, and leaves nothing behind', async () => {
    const spool = openSpool();
    for (let from = 0; from < 200; from += 10) await spool.append(rowsOf(from, from + 10));
    expect(spool).toMatchObject({ rows: 200, oldestSince: 1_000, isEmpty: false, hasAdopted: false });
    expect((await filesIn(dir)).length).toBeGreaterThan(5);

    expect(await replayAll(spool)).toEqual({ lines: linesOf(0, 200), unread: 0 });

    expect(spool).toMatchObject({ rows: 0, bytes: 0, isEmpty: true, oldestSince: undefined });
    await spool.close();
    expect(await readdir(dir)).toEqual([]);
  });

  it('gives each row its callback back', async () => {
    const spool = openSpool();
    const done: number[] = [];
    await spool.append(rowsOf(0, 20).map((row, index) => ({ ...row, onDone: index % 2 === 0 ? () => done.push(index) : undefined })));

    const replay = await spool.openOldest();
    for (const row of replay!.take(20)) row.onDone?.();

    expect(done).toEqual([0, 2, 4, 6, 8, 10, 12, 14, 16, 18]);
  });

  it('takes rows while others are replayed, and keeps the order', async () => {
    const spool = openSpool();
    await spool.append(rowsOf(0, 10));
    const replay = await spool.openOldest();
    await spool.append(rowsOf(10, 20));
    const first = replay!.take(100).map(({ line }) => line);
    replay!.finish(first.length);
    await replay!.end();

    expect([...first, ...(await replayAll(spool)).lines]).toEqual(linesOf(0, 20));
  });

  it('is for its own user alone', async () => {
    const spool = openSpool();
    await spool.append(rowsOf(0, 1));
    await spool.keepRefused('{}', 'no');

    const modes = await Promise.all([dir, spool.path, ...(await filesIn(dir))].map(async (each) => (await stat(each)).mode & 0o777));

    expect(modes).toEqual([0o700, 0o700, 0o600, 0o600]);
  });

  it('takes no more than it may, and all that it may', async () => {
    const spool = openSpool({ maxBytes: 2_000 });
    await spool.append(rowsOf(0, 40));
    const { rows, bytes } = spool;

    await expect(spool.append(rowsOf(40, 80))).rejects.toThrow(SpoolFull);

    expect(spool).toMatchObject({ rows, bytes });
    expect((await replayAll(spool)).lines).toEqual(linesOf(0, 40));
    await spool.append(rowsOf(40, 80));
  });

  it('keeps the rows of before when the disk fails', async () => {
    const spool = openSpool();
    await spool.append(rowsOf(0, 3));
    await rm(dir, { recursive: true });
    await writeFile(dir, 'no folder any more');

    await expect(spool.append(rowsOf(3, 90))).rejects.toThrow('ENO');

    expect(spool.rows).toBe(3);
    expect(await replayAll(spool)).toEqual({ lines: [], unread: 3 });
    expect(logs.map(({ event }) => event)).toEqual(['ledger_spool_unreadable']);
  });

  it('keeps for people what was refused', async () => {
    const spool = openSpool();

    await spool.keepRefused('{"broken', 'invalid input syntax');
    await spool.keepRefused('{}', 'null value');

    const content = await readFile(path.join(dir, 'refused.jsonl'), 'utf8');
    expect(
      content
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([
      { refused_at: '1970-01-01T00:00:05.000Z', reason: 'invalid input syntax', line: '{"broken' },
      { refused_at: '1970-01-01T00:00:05.000Z', reason: 'null value', line: '{}' },
    ]);
  });
});

describe('the spool of a process that ended', () => {
  it('is adopted in its order, before the rows of the next', async () => {
    const former = openSpool();
    for (let from = 0; from < 100; from += 10) await former.append(rowsOf(from, from + 10));
    await former.close();
    const next = openSpool();

    expect(await next.adopt()).toBe(100);
    await next.append(rowsOf(100, 110));

    expect(next).toMatchObject({ rows: 110, hasAdopted: true, oldestSince: 1_000 });
    expect(await replayAll(next)).toEqual({ lines: linesOf(0, 110), unread: 0 });
    await next.close();
    expect(await readdir(dir)).toEqual([]);
  });

  it('is left alone while that lives, and two that live do not meet', async () => {
    const one = openSpool();
    const other = openSpool();
    await one.append(rowsOf(0, 5));
    await other.append(rowsOf(5, 9));

    expect(await one.adopt()).toBe(0);
    expect(await other.adopt()).toBe(0);

    expect((await replayAll(one)).lines).toEqual(linesOf(0, 5));
    expect((await replayAll(other)).lines).toEqual(linesOf(5, 9));
  });

  it('has each of its rows adopted once, however many try at once', async () => {
    const former = openSpool();
    for (let from = 0; from < 300; from += 10) await former.append(rowsOf(from, from + 10));
    await former.close();
    const heirs = [openSpool(), openSpool(), openSpool()];

    const adopted = await Promise.all(heirs.map((heir) => heir.adopt()));

    expect(adopted.reduce((sum, rows) => sum + rows)).toBe(300);
    const lines = (await Promise.all(heirs.map(replayAll))).flatMap((each) => each.lines);
    expect(lines.toSorted()).toEqual(linesOf(0, 300).toSorted());
  });

  it('is adopted over several lives, in its order', async () => {
    for (const from of [0, 10, 20]) {
      const process = openSpool();
      await process.adopt();
      await process.append(rowsOf(from, from + 10));
      await process.close();
    }
    const last = openSpool();

    expect(await last.adopt()).toBe(30);
    expect((await replayAll(last)).lines).toEqual(linesOf(0, 30));
  });

  it('is read up to a torn tail, which is told with its place, and in all other segments', async () => {
    const former = openSpool();
    for (let from = 0; from < 100; from += 10) await former.append(rowsOf(from, from + 10));
    await former.close();
    const files = await filesIn(dir);
    const { size } = await stat(files[1]!);
    await truncate(files[1]!, size - 5);
    const next = openSpool();
    await next.adopt();

    const { lines } = await replayAll(next);

    expect(lines).toHaveLength(99);
    expect(lines).toEqual(linesOf(0, 100).filter((line) => lines.includes(line)));
    const record = Buffer.byteLength(lineOf(10)) + '0a1b2c3d 1010 \n'.length;
    expect(logs).toMatchObject([
      { level: 50, event: 'ledger_spool_damaged', offset: size - record, bytes: record - 5, file: expect.stringMatching(/0002\.segment$/) },
    ]);
  });

  it('is read around what is damaged in its middle', async () => {
    const former = openSpool();
    await former.append(rowsOf(10, 40));
    await former.close();
    const [file] = await filesIn(dir);
    const content = await readFile(file!);
    content.fill(0xff, 200, 203);
    await writeFile(file!, content);
    const next = openSpool();
    expect(await next.adopt()).toBe(30);

    const { lines, unread } = await replayAll(next);

    expect([lines.length, unread]).toEqual([29, 1]);
    expect(logs).toMatchObject([{ event: 'ledger_spool_damaged' }]);
  });
});
