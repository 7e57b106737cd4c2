import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { pino } from 'pino';
import { systemClock } from '../../src/core/clock.js';
import { Database } from '../../src/platform/database/database.js';
import { SingleProcess } from '../../src/platform/database/single-process.js';
import { Secret } from '../../src/platform/config/secret.js';
import { Readiness } from '../../src/platform/readiness.js';
import { startChild } from '../support/child.js';
import { testConfig } from '../support/config.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { Gate } from '../support/gate.js';
import { expectInTime, inTime } from '../support/in-time.js';
import { silentLog } from '../support/silent-log.js';

const ANOTHER = 'Another gateway without Redis uses this database; set REDIS_URL to run several.';

/** The lock, by the number that it has for good: `tollgate` in ASCII. */
const TAKE = `SELECT pg_advisory_lock(${Buffer.from('tollgate').readBigInt64BE()})`;
const HOLDER = `FROM pg_locks JOIN pg_database ON pg_database.oid = database
  WHERE locktype = 'advisory' AND granted AND datname = current_database()`;
const END_HOLDER = `SELECT pg_terminate_backend(pid) ${HOLDER}`;

describe('one process without Redis', () => {
  let target: TestDatabase;
  const started: { stop(): Promise<void> }[] = [];

  beforeEach(async () => {
    target = await createDatabase();
  });

  afterEach(async () => {
    for (const { stop } of started.splice(0)) await stop();
    await target.drop();
  });

  async function start({ url = target.url, redis }: { url?: string; redis?: string } = {}) {
    const events: string[] = [];
    const log = pino({}, { write: (line) => void events.push((JSON.parse(line) as { event: string }).event) });
    const database = await Database.open({ databaseUrl: url, dataDir: '' }, silentLog, systemClock);
    const readiness = new Readiness();
    const config = testConfig({ redis: { url: redis === undefined ? undefined : new Secret(redis) } });
    const single = new SingleProcess(database, config, readiness, systemClock, log);
    let taken = 0;
    single.onTaken(() => (taken += 1));
    await single.onModuleInit();
    const stop = async (): Promise<void> => {
      await single.onApplicationShutdown();
      await database.close();
    };
    started.push({ stop });
    return { single, readiness, events, stop, taken: () => taken };
  }

  async function execute(sql: string): Promise<number> {
    const client = new pg.Client({ connectionString: target.url });
    await client.connect();
    const { rowCount } = await client.query(sql);
    await client.end();
    return rowCount ?? 0;
  }

  it('holds the lock as soon as it has started, and is ready', async () => {
    const { single, readiness, events, taken } = await start();

    expect(single.isHeld).toBe(true);
    expect(readiness.all()).toEqual([{ name: 'single_process', problem: undefined }]);
    expect(taken()).toBe(1);
    expect(events).toEqual([]);
  });

  it('keeps a second one waiting, which says why, until it has stopped', async () => {
    const first = await start();
    const second = await inTime(500, () => start());

    expect(second.single.isHeld).toBe(false);
    expect(second.readiness.all()).toEqual([{ name: 'single_process', problem: ANOTHER }]);
    expect(second.events).toEqual(['single_process_waiting']);
    await first.stop();
    await eventually(() => second.single.isHeld);

    expect(second.readiness.all()).toEqual([{ name: 'single_process', problem: undefined }]);
    expect(second.events).toEqual(['single_process_waiting', 'single_process_held']);
    expect(second.taken()).toBe(1);
  });

  it('is taken over from within seconds when it was killed', async () => {
    const first = await startChild<{ readonly isHeld: boolean }>('single-process.ts', { args: [target.url] });
    const second = await start();
    expect([first.said.isHeld, second.single.isHeld]).toEqual([true, false]);

    await first.kill('SIGKILL');
    const killedAt = performance.now();
    await eventually(() => second.single.isHeld);

    expectInTime(performance.now() - killedAt, 2_000);
  });

  it('takes the lock again when its connection was cut, and says that others may have been there meanwhile', async () => {
    const { single, taken, events } = await start();

    expect(
      await execute(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'tollgate lock %' AND datname = current_database()`,
      ),
    ).toBe(1);
    await eventually(() => taken() === 2);

    expect(single.problem).toBeUndefined();
    expect(events).toEqual(['single_process_unsure', 'single_process_held']);
  });

  it('finds that another has taken its place when its connection was cut', async () => {
    const first = await start();
    const second = await start();
    const other = new pg.Client({ connectionString: target.url });
    await other.connect();

    // The second waits for its turn every half second; this one is there at once.
    const next = other.query(TAKE);
    await execute(END_HOLDER);
    await next;
    await eventually(() => !first.single.isHeld);

    expect(first.single.problem).toBe(ANOTHER);
    expect(second.single.isHeld).toBe(false);
    await other.end();
    await eventually(() => first.single.isHeld || second.single.isHeld);
    expect([first.single.isHeld, second.single.isHeld].filter(Boolean)).toHaveLength(1);
  });

  it('goes on serving, though not ready, while the database is away', async () => {
    const gate = await Gate.before(target.url);
    await gate.open();
    const { single, taken } = await start({ url: gate.url });

    gate.silence();
    await eventually(() => single.problem !== undefined);
    expect(single.problem).toMatch(/connection to the database .* was lost/);
    expect(single.isHeld).toBe(true);
    gate.restore();

    await eventually(() => single.problem === undefined);
    expect(taken()).toBe(2);
    await gate.shut();
  });

  it('does not wait for a session of its own that only the server still knows', async () => {
    const { single, taken } = await start();
    const { owner } = await lockOwner();
    const ghost = new pg.Client({ connectionString: target.url, application_name: owner });
    ghost.on('error', () => undefined);
    await ghost.connect();

    const haunted = ghost.query(TAKE);
    await execute(END_HOLDER);
    await haunted;
    await eventually(() => taken() === 2);

    expect(single.isHeld).toBe(true);
    await ghost.end().catch(() => undefined);
  });

  it('needs no lock with Redis', async () => {
    const { single, readiness } = await start({ redis: 'redis://127.0.0.1:1' });

    expect(single.isHeld).toBe(true);
    expect(readiness.all()).toEqual([]);
    expect(await execute(`SELECT 1 ${HOLDER}`)).toBe(0);
  });

  async function lockOwner(): Promise<{ readonly owner: string }> {
    const client = new pg.Client({ connectionString: target.url });
    await client.connect();
    const { rows } = await client.query<{ owner: string }>(
      `SELECT application_name AS owner FROM pg_stat_activity WHERE application_name LIKE 'tollgate lock %' AND datname = current_database()`,
    );
    await client.end();
    return rows[0]!;
  }
});
