import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import type { CallRecord } from '../../src/core/call.js';
import { systemClock } from '../../src/core/clock.js';
import { makeId } from '../../src/core/ids.js';
import { Database } from '../../src/platform/database/database.js';
import { PrismaService } from '../../src/platform/database/prisma.service.js';
import { NO_USAGE } from '../../src/core/usage.js';
import { toLedgerLine } from '../../src/usage/ledger/ledger-line.js';
import { Ledger } from '../../src/usage/ledger/ledger.js';
import { LedgerStore } from '../../src/usage/ledger/ledger.store.js';
import { callRecord } from '../support/call-record.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { Gate } from '../support/gate.js';
import { query } from '../support/query.js';
import { silentLog } from '../support/silent-log.js';

interface Row {
  readonly call_id: string;
  readonly user_id: string | null;
  readonly cost_nano_usd: string;
}

describe('the ledger', () => {
  let server: TestDatabase;
  let gate: Gate;
  let database: Database;
  let prisma: PrismaService;
  let logs: Record<string, unknown>[];
  let ledger: Ledger;

  beforeAll(async () => {
    server = await createDatabase();
    gate = await Gate.before(server.url);
    await gate.open();
    database = await Database.open({ databaseUrl: gate.url, dataDir: '' }, silentLog, systemClock);
    prisma = new PrismaService(database);
    await prisma.onModuleInit();
  });

  beforeEach(async () => {
    await query(server.url, 'TRUNCATE ledger');
    logs = [];
    const log = pino({}, { write: (line: string) => void logs.push(JSON.parse(line) as Record<string, unknown>) });
    ledger = new Ledger(new LedgerStore(prisma), systemClock, log);
  });

  afterEach(() => ledger.close());

  afterAll(async () => {
    await prisma.$disconnect();
    await database.close();
    await gate.shut();
    await server.drop();
  });

  const rows = (): Promise<Row[]> => query<Row & Record<string, unknown>>(server.url, 'SELECT * FROM ledger ORDER BY call_id');

  const withEverything = {
    ...callRecord({ errorKind: 'upstream_protocol', providerCostNanoUsd: 7n }),
    call: { ...callRecord().call, template: 'greeting' },
  };

  it('has a column for every member of a line, and a member for every column', async () => {
    const columns = await query<{ name: string }>(
      server.url,
      `SELECT column_name AS name FROM information_schema.columns WHERE table_name = 'ledger'`,
    );
    const { level, time, event, ...members } = JSON.parse(toLedgerLine(withEverything)) as Record<string, unknown>;

    expect([level, time, event]).toEqual([40, expect.any(Number), 'response_generated']);
    expect(Object.keys(members).sort()).toEqual(columns.map(({ name }) => name).sort());
  });

  it('keeps every figure of a call', async () => {
    const record = { ...withEverything, costNanoUsd: 9_007_199_254_740_993n };
    const { level: _level, time: _time, event: _event, ...line } = JSON.parse(toLedgerLine(record)) as Record<string, unknown>;

    ledger.append(toLedgerLine(record));
    await ledger.close();

    const [row] = await rows();
    expect(row).toEqual({
      ...line,
      admitted_at: new Date(record.call.admittedAt),
      cost_nano_usd: '9007199254740993',
      failed_cost_nano_usd: '5000',
      provider_cost_nano_usd: '7',
    });
  });

  it('takes what a line leaves out for nothing', async () => {
    ledger.append(toLedgerLine(callRecord({ usage: NO_USAGE, provider: undefined, model: undefined, priceVersion: undefined })));
    await ledger.close();

    const [row] = await rows();
    expect(row).toMatchObject({ provider: null, model: null, price_version: null, cache_read_tokens: 0, image_tokens: 0, input_tokens: 0 });
  });

  it('writes a row within a tenth of a second or so, without being told to', async () => {
    ledger.append(toLedgerLine(callRecord()));

    await eventually(async () => (await rows()).length === 1, 1_000);
    expect(ledger.lag()).toEqual({ rows: 0, oldestAgeMs: 0, unstored: 0 });
  });

  it('has one row for each of thousands of calls, however often a line comes', async () => {
    const lines = Array.from({ length: 3_000 }, () => toLedgerLine(distinct()));

    for (const line of [...lines, ...lines.slice(0, 700)]) ledger.append(line);

    expect(await ledger.close()).toBe(0);
    expect(await rows()).toHaveLength(3_000);
    expect(logs).toEqual([]);
  });

  it('takes whatever callers and providers may send', async () => {
    const users = ['\0', '\ud800', "'; DROP TABLE ledger; --", '"\\', 'Zoë 🦊', 'x'.repeat(5_000), '\u2028', ''];

    for (const user of users) ledger.append(toLedgerLine(distinct(user)));
    ledger.append(toLedgerLine({ ...distinct('nonsense'), costNanoUsd: 10n ** 40n, durationMs: 1e300, firstTokenMs: -1 }));

    expect(await ledger.close()).toBe(0);
    const stored = (await rows()).map(({ user_id }) => user_id);
    const expected = ['\ufffd', '\ufffd', "'; DROP TABLE ledger; --", '"\\', 'Zoë 🦊', 'x'.repeat(512), '\u2028', '', 'nonsense'];
    expect(stored).toHaveLength(expected.length);
    expect(new Set(stored)).toEqual(new Set(expected));
    expect(logs).toEqual([]);
  });

  it('stores the others when the database refuses a row, and logs that one whole', async () => {
    const good = Array.from({ length: 400 }, () => toLedgerLine(distinct()));
    const tooBig = toLedgerLine(distinct()).replace('"status":200', '"status":99999');
    const without = toLedgerLine(distinct()).replace(/"tenant":"[^"]*"/, '"tenant":null');
    const broken = toLedgerLine(distinct()).slice(0, -1);

    for (const line of [...good.slice(0, 100), tooBig, ...good.slice(100, 333), without, broken, ...good.slice(333)]) ledger.append(line);
    await ledger.close();

    expect(await rows()).toHaveLength(400);
    expect(logs.map(({ event, lines }) => [event, lines])).toEqual(
      [tooBig, without, broken].map((line) => ['ledger_rows_unstored', [line]]),
    );
    expect(logs.map(({ reason }) => reason)).toEqual([
      expect.stringContaining('out of range'),
      expect.stringContaining('not-null'),
      expect.stringContaining('invalid input syntax for type json'),
    ]);
  });

  it('waits for a database that is away, and loses nothing', async () => {
    await gate.shut();
    const lines = Array.from({ length: 1_200 }, () => toLedgerLine(distinct()));

    for (const line of lines) ledger.append(line);
    await eventually(() => logs.length > 0);
    expect(ledger.lag()).toMatchObject({ rows: 1_200, unstored: 0 });
    await gate.open();
    await eventually(() => ledger.lag().rows === 0);

    expect(await rows()).toHaveLength(1_200);
    expect(logs.map(({ event }) => event)).toEqual(['ledger_delayed', 'ledger_resumed']);
    expect(JSON.stringify(logs)).not.toContain(new URL(server.url).password);
  });

  it('waits for a table that is being changed, and for one that is not there yet', async () => {
    await query(server.url, 'ALTER TABLE ledger RENAME TO away');
    ledger.append(toLedgerLine(distinct()));
    await eventually(() => logs.length > 0);
    await query(server.url, 'ALTER TABLE away RENAME TO ledger');

    await eventually(() => ledger.lag().rows === 0);

    expect(await rows()).toHaveLength(1);
  });

  it('writes what is left also after the client of the database was disconnected', async () => {
    ledger.append(toLedgerLine(distinct()));
    await prisma.$disconnect();

    expect(await ledger.close()).toBe(0);
    expect(await rows()).toHaveLength(1);
  });
});

function distinct(userId = 'ann'): CallRecord {
  const record = callRecord();
  return { ...record, call: { ...record.call, callId: makeId(Date.now()), userId } };
}
