import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { LiveRows, noteChange } from '../../src/platform/index.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { Gate } from '../support/gate.js';
import { inTime } from '../support/in-time.js';
import { query } from '../support/query.js';
import { openReplica, type Replica } from '../support/replica.js';
import { silentLog } from '../support/silent-log.js';

const NAME = 'switches';

interface Row {
  readonly id: string;
  readonly value: string;
}

/** A process that keeps the table of toggles as live rows. */
interface Process extends Replica {
  readonly rows: LiveRows<Row>;
  readonly readings: readonly (readonly string[] | undefined)[];
  write(id: string, value: string): Promise<void>;
}

describe('live rows', () => {
  let server: TestDatabase;
  let gate: Gate;
  let one: Process;
  /** Listens through the gate. */
  let other: Process;

  beforeEach(async () => {
    server = await createDatabase();
    gate = await Gate.before(server.url);
    await gate.open();
    await query(server.url, 'CREATE TABLE switches (id text PRIMARY KEY, value text NOT NULL)');
    [one, other] = await Promise.all([open(server.url), open(server.url, gate.url)]);
    await eventually(() => one.notifications.isListening && other.notifications.isListening);
  });

  afterEach(async () => {
    jest.useRealTimers();
    await Promise.all([one, other].map(close));
    await gate.shut();
    await server.drop();
  });

  async function open(url: string, directUrl = url): Promise<Process> {
    const replica = await openReplica(url, directUrl);
    const readings: (readonly string[] | undefined)[] = [];
    const load = async (ids?: readonly string[]): Promise<Row[]> => {
      readings.push(ids);
      const sql = `SELECT id, value FROM switches ${ids ? 'WHERE id = ANY ($1)' : ''}`;
      return (await replica.database.pool.query<Row>(sql, ids ? [ids] : [])).rows;
    };
    const rows = new LiveRows<Row>({ name: NAME, load }, replica.notifications, replica.database, silentLog);
    await rows.start();
    await replica.start();
    return { ...replica, rows, readings, write: (id, value) => write(replica, id, value) };
  }

  async function close(process: Process): Promise<void> {
    process.rows.stop();
    await process.stop();
  }

  async function write({ prisma }: Replica, id: string, value: string, fail?: Error): Promise<void> {
    await prisma.$transaction(async (transaction) => {
      await transaction.$executeRaw`INSERT INTO switches VALUES (${id}, ${value}) ON CONFLICT (id) DO UPDATE SET value = ${value}`;
      await noteChange(transaction, NAME, id);
      if (fail) throw fail;
    });
  }

  it('are in effect in another process within a second, each read by itself', async () => {
    for (const [id, value] of [
      ['a', '1'],
      ['b', '1'],
      ['a', '2'],
    ] as const)
      await inTime(1_000, async () => {
        await one.write(id, value);
        await eventually(() => other.rows.get(id)?.value === value);
      });

    expect(other.readings.flat()).toEqual(expect.arrayContaining(['a', 'b']));
    expect(other.readings.filter((ids) => ids === undefined)).toHaveLength(1);
  });

  it('are read as they are after many changes at once, none of them missed', async () => {
    const values = Array.from({ length: 20 }, (_, at) => String(at));

    await Promise.all(values.map((value, at) => (at % 2 === 0 ? one : other).write(`row-${at % 4}`, value)));

    const stored = await query(server.url, 'SELECT id, value FROM switches');
    const isSo = ({ rows }: Process): boolean => stored.every((row) => rows.get(row['id'] as string)?.value === row['value']);
    await eventually(() => isSo(one) && isSo(other));
    expect(await query(server.url, `SELECT value::int FROM revisions WHERE name = '${NAME}'`)).toEqual([{ value: values.length }]);
    expect([...one.readings, ...other.readings].filter((ids) => ids === undefined)).toHaveLength(2);
  });

  it('are told of several in one transaction, in the order of their numbers', async () => {
    await one.prisma.$transaction(async (transaction) => {
      await transaction.$executeRaw`INSERT INTO switches SELECT n::text, 'on' FROM generate_series(1, 50) AS n`;
      await noteChange(transaction, NAME, ...Array.from({ length: 50 }, (_, at) => String(at + 1)));
      await noteChange(transaction, NAME);
    });

    await eventually(() => other.rows.size === 50);
    await one.write('1', 'off');
    await eventually(() => other.rows.get('1')?.value === 'off');
    expect(other.readings.filter((ids) => ids === undefined)).toHaveLength(1);
  });

  it('are not told of a change that is undone', async () => {
    await one.write('a', '1');
    await eventually(() => other.rows.get('a')?.value === '1');

    await expect(write(one, 'a', '2', new Error('no'))).rejects.toThrow('no');
    await one.write('b', '1');

    await eventually(() => other.rows.get('b')?.value === '1');
    expect(other.readings.filter((ids) => ids?.includes('a'))).toHaveLength(1);
    expect(other.rows.get('a')?.value).toBe('1');
  });

  it('that were changed while nobody could listen are found when listening begins again', async () => {
    await gate.shut();
    await eventually(() => !other.notifications.isListening);
    await one.write('a', '1');
    expect(other.rows.get('a')).toBeUndefined();

    await gate.open();

    await eventually(() => other.rows.get('a')?.value === '1');
  });

  it('that nobody told of are found with the next that is told of', async () => {
    await one.write('a', '1');
    await eventually(() => other.rows.get('a')?.value === '1');
    await changeSilently('a', '2');

    await one.write('b', '1');

    await eventually(() => other.rows.get('b')?.value === '1');
    expect(other.rows.get('a')?.value).toBe('2');
  });

  async function changeSilently(id: string, value: string): Promise<void> {
    await query(server.url, `UPDATE switches SET value = '${value}' WHERE id = '${id}'`);
    await query(server.url, `UPDATE revisions SET value = value + 1 WHERE name = '${NAME}'`);
  }
});

describe('live rows whose message was lost', () => {
  let server: TestDatabase;
  let replica: Replica;

  beforeEach(async () => {
    server = await createDatabase();
    replica = await openReplica(server.url);
    await replica.start();
    await eventually(() => replica.notifications.isListening);
  });

  afterEach(async () => {
    await replica.stop();
    await server.drop();
  });

  it('are noticed 30 s later, by the number of the last change', async () => {
    const intervals = jest.spyOn(globalThis, 'setTimeout');
    const load = async (): Promise<Row[]> => (await replica.prisma.toggle.findMany()).map(({ name, value }) => ({ id: name, value }));
    const rows = new LiveRows<Row>({ name: NAME, load }, replica.notifications, replica.database, silentLog);
    await rows.start();
    const heal = intervals.mock.calls.findLast(([, delayMs]) => delayMs === 30_000)![0];
    intervals.mockRestore();
    await query(server.url, `INSERT INTO toggles (name, value, changed_at, changed_by) VALUES ('a', '1', now(), 'x')`);
    await query(server.url, `INSERT INTO revisions VALUES ('${NAME}', 1)`);
    expect(rows.get('a')).toBeUndefined();

    heal();

    await eventually(() => rows.get('a')?.value === '1');
    rows.stop();
  });
});
