import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { ErrandConnection } from '../../src/usage/housekeeping/errand-connection.js';
import { monthsFrom } from '../../src/usage/housekeeping/month.js';
import { makePartition } from '../../src/usage/housekeeping/partitions.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { Gate } from '../support/gate.js';
import { makeHousekeeping } from '../support/housekeeping.js';
import { inTime } from '../support/in-time.js';
import { insertionOf, insertLedgerRows, monthsOf, placesOf } from '../support/ledger-rows.js';
import { query } from '../support/query.js';

const NOW = '2024-06-15T12:00:00Z';
const MONTHS = ['ledger_2024_06', 'ledger_2024_07', 'ledger_2024_08'];
const JUNE = monthsFrom(Date.parse(NOW), 1)[0]!;
/** Tests in which somebody waits for a lock on purpose decide themselves how long. */
const PATIENT = { lockMs: 30_000 };

describe('the months of the ledger', () => {
  let server: TestDatabase;
  const sessions: pg.Client[] = [];

  beforeEach(async () => {
    server = await createDatabase();
  });

  afterEach(async () => {
    for (const session of sessions.splice(0)) await session.end();
    await server.drop();
  });

  async function openSession(): Promise<pg.Client> {
    const session = new pg.Client({ connectionString: server.url });
    sessions.push(session);
    await session.connect();
    return session;
  }

  /** Until so many of this database wait for a lock on a table. */
  const waiting = (count: number) =>
    eventually(async () => {
      const sql = `SELECT count(*)::int AS count FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
        WHERE datname = current_database() AND NOT granted`;
      return (await query<{ count: number }>(server.url, sql))[0]!.count >= count;
    });

  it('are made for now and the next two, once', async () => {
    const { housekeeping, logs } = makeHousekeeping({ url: server.url, now: NOW });

    expect([await housekeeping.run(), await housekeeping.run()]).toEqual(['finished', 'finished']);

    expect(await monthsOf(server.url)).toEqual(MONTHS);
    expect(logs.map(({ event, partition, moved_rows }) => [event, partition, moved_rows])).toEqual(
      MONTHS.map((month) => ['ledger_month_made', month, 0]),
    );
  });

  it('begin and end with UTC, whatever time zone the database has', async () => {
    await query(server.url, `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET TimeZone = ''Asia/Tokyo''', current_database()); END $$`);
    await query(server.url, `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET DateStyle = ''SQL, DMY''', current_database()); END $$`);
    const { housekeeping } = makeHousekeeping({ url: server.url, now: NOW });
    expect([await housekeeping.run(), await housekeeping.run()]).toEqual(['finished', 'finished']);

    await insertLedgerRows(
      server.url,
      '2024-05-31T23:59:59.999Z',
      '2024-06-01T00:00:00Z',
      '2024-06-30T23:59:59.999Z',
      '2024-07-01T00:00:00Z',
    );

    expect(await placesOf(server.url)).toEqual([
      '2024-05-31 ledger_default',
      '2024-06-01 ledger_2024_06',
      '2024-06-30 ledger_2024_06',
      '2024-07-01 ledger_2024_07',
    ]);
  });

  it('are not made where a partition of another name is for that time', async () => {
    await query(server.url, `CREATE TABLE ledger_summer PARTITION OF ledger FOR VALUES FROM ('2024-06-01Z') TO ('2024-08-01Z')`);
    const { housekeeping, logs } = makeHousekeeping({ url: server.url, now: NOW });

    expect(await housekeeping.run()).toBe('finished');

    expect(await monthsOf(server.url)).toEqual(['ledger_2024_08', 'ledger_summer']);
    expect(logs).toHaveLength(1);
  });

  it('take the rows of their time out of the default partition, and leave it the others, which are found as well', async () => {
    await insertLedgerRows(server.url, '2024-05-31T12:00:00Z', '2024-06-01T00:00:00Z', '2024-07-31T12:00:00Z', '2024-09-01T00:00:00Z');
    const before = await query(server.url, 'SELECT * FROM ledger ORDER BY admitted_at');
    const { housekeeping, logs } = makeHousekeeping({ url: server.url, now: NOW });

    await housekeeping.run();

    expect(await query(server.url, 'SELECT * FROM ledger ORDER BY admitted_at')).toEqual(before);
    expect(await placesOf(server.url)).toEqual([
      '2024-05-31 ledger_default',
      '2024-06-01 ledger_2024_06',
      '2024-07-31 ledger_2024_07',
      '2024-09-01 ledger_default',
    ]);
    expect(logs.map(({ moved_rows }) => moved_rows)).toEqual([1, 1, 0]);
  });

  it('keep a call in one row that comes again after it was moved', async () => {
    const insertion = insertionOf(['2024-06-10T12:00:00Z']);
    await query(server.url, insertion);
    await makeHousekeeping({ url: server.url, now: NOW }).housekeeping.run();

    await query(server.url, `${insertion} ON CONFLICT DO NOTHING`);

    expect(await placesOf(server.url)).toEqual(['2024-06-10 ledger_2024_06']);
  });

  it('refuse no row that comes while one is made', async () => {
    const [holder, writer] = [await openSession(), await openSession()];
    await holder.query('BEGIN; SELECT FROM ledger_default');
    const connection = await ErrandConnection.open(server.url, PATIENT);
    const making = connection.run(makePartition(JUNE));
    await waiting(1);
    const writing = writer.query(insertionOf(['2024-06-10T12:00:00Z']));
    await waiting(2);

    await holder.query('COMMIT');

    expect(await making).toBe(0);
    await writing;
    await connection.close();
    expect(await placesOf(server.url)).toEqual(['2024-06-10 ledger_2024_06']);
  });

  it('hide no row from who reads while it is moved', async () => {
    await insertLedgerRows(server.url, '2024-06-10T12:00:00Z');
    const [holder, reader] = [await openSession(), await openSession()];
    await holder.query('BEGIN; SELECT FROM ledger_default');
    const connection = await ErrandConnection.open(server.url, PATIENT);
    const making = connection.run(makePartition(JUNE));
    await waiting(1);
    const reading = reader.query<{ count: number }>('SELECT count(*)::int AS count FROM ledger');
    await waiting(2);

    await holder.query('COMMIT');

    expect(await making).toBe(1);
    expect((await reading).rows).toEqual([{ count: 1 }]);
    await connection.close();
  });

  it('are not waited for long where the ledger is busy, and made later', async () => {
    const holder = await openSession();
    await holder.query('BEGIN; LOCK TABLE ledger IN SHARE MODE');
    const { housekeeping, logs } = makeHousekeeping({ url: server.url, now: NOW });

    expect(await inTime(10_000, () => housekeeping.run())).toBe('unfinished');
    expect(logs).toEqual([
      expect.objectContaining({
        event: 'housekeeping_delayed',
        failures: MONTHS.map((month) => ({ errand: `make ${month}`, reason: 'canceling statement due to lock timeout' })),
      }),
    ]);
    expect(await monthsOf(server.url)).toEqual([]);
    await holder.query('COMMIT');

    expect(await housekeeping.run()).toBe('finished');
    expect(await monthsOf(server.url)).toEqual(MONTHS);
  });

  it('are made though one of them cannot be', async () => {
    await query(server.url, 'CREATE TABLE ledger_2024_07 (taken int)');
    const { housekeeping, logs } = makeHousekeeping({ url: server.url, now: NOW });

    expect(await housekeeping.run()).toBe('unfinished');

    expect(await monthsOf(server.url)).toEqual(['ledger_2024_06', 'ledger_2024_08']);
    expect(logs.at(-1)).toMatchObject({
      failures: [{ errand: 'make ledger_2024_07', reason: 'relation "ledger_2024_07" already exists' }],
    });
  });

  it('are left to another gateway that is at it', async () => {
    const connection = await ErrandConnection.open(server.url);
    let finish!: () => void;
    const busy = connection.run(() => new Promise<void>((resolve) => (finish = resolve)));
    await eventually(() => finish !== undefined);
    const { housekeeping, logs } = makeHousekeeping({ url: server.url, now: NOW, ledgerDays: 1 });

    expect(await housekeeping.run()).toBe('elsewhere');

    expect(await monthsOf(server.url)).toEqual([]);
    expect(logs).toEqual([]);
    finish();
    await busy;
    await connection.close();
  });

  it('are made once by many gateways that start together', async () => {
    const gateways = Array.from({ length: 6 }, () => makeHousekeeping({ url: server.url, now: NOW }));

    const outcomes = await Promise.all(gateways.map(({ housekeeping }) => housekeeping.run()));

    expect(outcomes).toContain('finished');
    expect(outcomes).not.toContain('unfinished');
    expect(await monthsOf(server.url)).toEqual(MONTHS);
    expect(gateways.flatMap(({ logs }) => logs.map(({ partition }) => String(partition))).toSorted()).toEqual(MONTHS);
  });
});

describe('housekeeping without a database', () => {
  let server: TestDatabase;
  let gate: Gate;

  beforeEach(async () => {
    server = await createDatabase();
    gate = await Gate.before(server.url);
  });

  afterEach(async () => {
    gate.restore();
    await gate.shut();
    await server.drop();
  });

  it('holds up neither start nor stop, and begins when the database comes', async () => {
    let arrive!: () => void;
    const whenReachable = new Promise<void>((resolve) => (arrive = resolve));
    const [one, other] = [0, 1].map(() => makeHousekeeping({ url: gate.url, now: NOW, whenReachable }).housekeeping);

    one!.onModuleInit();
    other!.onModuleInit();
    await inTime(500, () => one!.onApplicationShutdown());
    await gate.open();
    arrive();

    await eventually(async () => (await monthsOf(server.url)).length === MONTHS.length);
    await other!.onApplicationShutdown();
  });

  it.each(['refuses', 'says nothing'])('says that it comes later when the database %s', async (how) => {
    if (how === 'says nothing') {
      await gate.open();
      gate.silence();
    }
    const { housekeeping, logs } = makeHousekeeping({ url: gate.url, now: NOW });

    expect(await inTime(10_000, () => housekeeping.run())).toBe('unfinished');

    expect(logs).toEqual([expect.objectContaining({ event: 'housekeeping_delayed', reason: expect.any(String) })]);
    expect(JSON.stringify(logs)).not.toContain(new URL(server.url).password);
  });

  it('stops at once in the middle of an errand, without a word', async () => {
    await gate.open();
    const holder = new pg.Client({ connectionString: server.url });
    await holder.connect();
    await holder.query('BEGIN; LOCK TABLE ledger IN SHARE MODE');
    const { housekeeping, logs } = makeHousekeeping({ url: gate.url, now: NOW });
    const running = housekeeping.run();
    await eventually(async () => {
      const rows = await query(server.url, `SELECT FROM pg_locks WHERE relation = 'ledger'::regclass AND NOT granted`);
      return rows.length > 0;
    });
    gate.silence();

    await inTime(3_000, () => housekeeping.onApplicationShutdown());

    expect(await running).toBe('unfinished');
    expect(logs).toEqual([]);
    await holder.end();
  });
});
