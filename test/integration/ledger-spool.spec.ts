import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { pino } from 'pino';
import { systemClock } from '../../src/core/clock.js';
import { Database } from '../../src/platform/database/database.js';
import { PrismaService } from '../../src/platform/database/prisma.service.js';
import { Ledger, LEDGER_LIMITS } from '../../src/usage/ledger/ledger.js';
import { LedgerStore } from '../../src/usage/ledger/ledger.store.js';
import { SEGMENT_BYTES, Spool } from '../../src/usage/ledger/spool/spool.js';
import { type Child, startChild } from '../support/child.js';
import { eventually } from '../support/eventually.js';
import { Gate } from '../support/gate.js';
import { migrate } from '../../src/platform/database/migrations.js';
import { type PostgresServer, startPostgres } from '../support/postgres.js';
import { query } from '../support/query.js';
import { makeScratch, removeScratch } from '../support/scratch.js';
import { silentLog } from '../support/silent-log.js';
import { spooledLine } from '../support/spooled-line.js';

describe('ledger rows on disk', () => {
  let server: PostgresServer;
  let gate: Gate;
  let database: Database;
  let prisma: PrismaService;
  let scratch: string;
  let dir: string;
  let logs: Record<string, unknown>[];
  let ledgers: Ledger[];
  const children: Child<unknown>[] = [];

  beforeAll(async () => {
    server = await startPostgres();
    await migrate(server.url);
    gate = await Gate.before(server.url);
    await gate.open();
    database = await Database.open({ databaseUrl: gate.url, dataDir: '' }, silentLog, systemClock);
    prisma = new PrismaService(database);
    await prisma.onModuleInit();
  });

  beforeEach(async () => {
    await query(server.url, 'TRUNCATE ledger');
    scratch = await makeScratch();
    dir = path.join(scratch, 'data', 'spool');
    await mkdir(scratch, { recursive: true });
    logs = [];
    ledgers = [];
  });

  afterEach(async () => {
    for (const ledger of ledgers) await ledger.close();
    for (const child of children.splice(0)) await child.kill('SIGKILL');
    await removeScratch(scratch);
  });

  afterAll(async () => {
    await prisma.$disconnect();
    await database.close();
    await gate.shut();
    await server.stop();
  });

  function openLedger(): Ledger {
    const log = pino({}, { write: (line: string) => void logs.push(JSON.parse(line) as Record<string, unknown>) });
    const spool = new Spool({ dir, maxBytes: 1e9, segmentBytes: SEGMENT_BYTES }, systemClock, log);
    const ledger = new Ledger(new LedgerStore(prisma), systemClock, log, { ...LEDGER_LIMITS, maxRetryMs: 200, closeMs: 500 }, spool);
    ledger.onModuleInit();
    ledgers.push(ledger);
    return ledger;
  }

  const requests = async (): Promise<readonly string[]> =>
    (await query<{ request_id: string }>(server.url, 'SELECT request_id FROM ledger ORDER BY call_id')).map(({ request_id }) => request_id);

  const requestsOf = (count: number): readonly string[] => Array.from({ length: count }, (_, number) => `req_${number}`);

  const events = (): readonly unknown[] => logs.map(({ event }) => event);

  it('outlast a Postgres that is killed while it cannot be reached, and the gateway that put them there', async () => {
    const former = openLedger();
    for (let number = 0; number < 200; number += 1) former.append(spooledLine(number));
    await former.flush();
    // This server is for throwing away: it does not write its log for each commit.
    await query(server.url, 'CHECKPOINT');
    const { pid } = server;
    await gate.shut();
    process.kill(pid, 'SIGKILL');
    for (let number = 200; number < 1_000; number += 1) former.append(spooledLine(number));
    await eventually(() => events().includes('ledger_spooling'));
    for (let number = 1_000; number < 1_500; number += 1) former.append(spooledLine(number));
    expect(await former.close()).toBe(1_300);
    expect(logs.at(-1)).toMatchObject({ level: 50, event: 'ledger_spool_left', rows: 1_300 });

    const next = openLedger();
    for (let number = 1_500; number < 1_600; number += 1) next.append(spooledLine(number));
    await eventually(() => next.lag().rows === 1_400);
    await eventually(async () => server.pid !== pid && (await query(server.url, 'SELECT 1').then(Boolean, () => false)));
    await gate.open();
    await next.flush();

    expect(await requests()).toEqual(requestsOf(1_600));
    expect(next.lag()).toEqual({ rows: 0, oldestAgeMs: 0, unstored: 0 });
    await next.close();
    expect(await readdir(dir)).toEqual([]);
  });

  it('are left to a process that lives, and all replayed that were on disk for certain when it was killed', async () => {
    const acknowledgements = path.join(scratch, 'acknowledged');
    const acknowledged = async (): Promise<number> => (existsSync(acknowledgements) ? Number(await readFile(acknowledgements, 'utf8')) : 0);
    const child = await startChild<{ path: string }>('spool-writer.ts', { args: [dir, acknowledgements] });
    children.push(child);
    await eventually(async () => (await acknowledged()) >= 500);

    const ledger = openLedger();
    await ledger.flush();
    expect(await requests()).toEqual([]);
    await ledger.close();
    expect(await readdir(dir)).toEqual([path.basename(child.said.path)]);

    await child.kill('SIGKILL');
    const certain = await acknowledged();
    const heir = openLedger();
    await heir.flush();

    const stored = await requests();
    expect(stored.length).toBeGreaterThanOrEqual(certain);
    expect(stored).toEqual(requestsOf(stored.length));
    await heir.close();
    expect(await readdir(dir)).toEqual([]);
  });

  it('are written once, whoever has written some of them before', async () => {
    const child = await startChild('spool-writer.ts', { args: [dir, path.join(scratch, 'acknowledged')] });
    await child.kill('SIGKILL');
    const other = new Ledger(new LedgerStore(prisma), systemClock, silentLog);
    for (let number = 0; number < 25; number += 1) other.append(spooledLine(number));
    await other.close();

    const heir = openLedger();
    await heir.flush();

    const stored = await requests();
    expect(stored.length).toBeGreaterThanOrEqual(50);
    expect(stored).toEqual(requestsOf(stored.length));
  });
});
