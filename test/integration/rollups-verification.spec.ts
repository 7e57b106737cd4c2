import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '../../src/core/clock.js';
import { makeId } from '../../src/core/ids.js';
import { Database } from '../../src/platform/database/database.js';
import { PrismaService } from '../../src/platform/database/prisma.service.js';
import { toLedgerLine } from '../../src/usage/ledger/ledger-line.js';
import { LedgerStore } from '../../src/usage/ledger/ledger.store.js';
import type { CellDifference } from '../../src/usage/verification/cell-audit.js';
import { LedgerAudit } from '../../src/usage/verification/ledger-audit.js';
import { callRecord } from '../support/call-record.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { query } from '../support/query.js';
import { silentLog } from '../support/silent-log.js';

const NOON = Date.UTC(2026, 10, 21, 12);

describe('roll-ups that are wrong', () => {
  let server: TestDatabase;
  let database: Database;
  let prisma: PrismaService;
  let store: LedgerStore;
  let audit: LedgerAudit;
  let progress: string[];

  beforeAll(async () => {
    server = await createDatabase();
    database = await Database.open({ databaseUrl: server.url, dataDir: '' }, silentLog, systemClock);
    prisma = new PrismaService(database);
    await prisma.onModuleInit();
    store = new LedgerStore(prisma);
    audit = await LedgerAudit.open(server.url, (text) => progress.push(text));
    await change("CREATE TABLE ledger_2026_10 PARTITION OF ledger FOR VALUES FROM ('2026-10-01+00') TO ('2026-11-01+00')");
    await change("CREATE TABLE ledger_2026_11 PARTITION OF ledger FOR VALUES FROM ('2026-11-01+00') TO ('2026-12-01+00')");
  });

  beforeEach(async () => {
    progress = [];
    await change('TRUNCATE ledger, usage_quarters, usage_days');
    await write('2026-10-05T10:00:00Z', '2026-11-21T12:00:00Z', '2026-11-21T12:20:00Z', '2026-11-21T23:59:59.999Z');
  });

  afterAll(async () => {
    await audit.close();
    await prisma.$disconnect();
    await database.close();
    await server.drop();
  });

  const change = (sql: string): Promise<Record<string, unknown>[]> => query(server.url, sql);

  async function write(...admitted: readonly string[]): Promise<void> {
    const lines = admitted.map((text) => {
      const admittedAt = Date.parse(text);
      const record = callRecord({ budgets: [] });
      return toLedgerLine({ ...record, call: { ...record.call, callId: makeId(admittedAt), admittedAt } });
    });
    await store.insert(lines);
  }

  const told = (differences: readonly CellDifference[]): readonly string[] =>
    differences.map(({ table, series, at, value, sums }) => {
      const changes = sums.filter(({ name }) => name === 'requests' || name === 'image_tokens');
      return `${table} ${series} ${at.toISOString()} ${value}: ${changes.map(({ name, kept, byRows }) => `${name} ${kept} for ${byRows}`).join(', ')}`;
    });

  const kept = (): Promise<Record<string, unknown>[]> =>
    change(
      `SELECT * FROM usage_days WHERE requests <> 0 UNION ALL SELECT * FROM usage_quarters WHERE requests <> 0 ORDER BY 1, 2, 3, 4, 5`,
    );

  /** One too much, one missing, and two that nobody wrote. */
  async function spoil(): Promise<void> {
    await change(`UPDATE usage_days SET image_tokens = image_tokens + 5 WHERE series = 'user' AND at = '2026-10-05+00'`);
    await change(`DELETE FROM usage_quarters WHERE series = 'outcome' AND at = '2026-11-21T12:15Z'`);
    await change(`INSERT INTO usage_days SELECT 'model', '', '2026-11-21+00', 'x/y', 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0`);
    await change(`INSERT INTO usage_quarters SELECT 'total', '', '2027-05-05+00', '', 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0`);
  }

  const SPOILT = [
    'usage_days user 2026-10-05T00:00:00.000Z team-1: image_tokens 12 for 7',
    'usage_quarters outcome 2026-11-21T12:15:00.000Z complete: requests 0 for 1, image_tokens 0 for 7',
    'usage_quarters total 2027-05-05T00:00:00.000Z : requests 1 for 0',
    'usage_days model 2026-11-21T00:00:00.000Z x/y: requests 4 for 0',
  ];

  it('are found, each with what it is and should be, and nothing is changed', async () => {
    await spoil();
    const before = await kept();
    const { cells } = await audit.verify();

    expect(told(cells.differences)).toEqual(SPOILT);
    expect(cells).toMatchObject({ months: 2, total: 4, untold: 0 });
    expect(progress).toEqual(['Roll-ups of 2026-10: month 1 of 2', 'Roll-ups of 2026-11: month 2 of 2']);
    expect(await kept()).toEqual(before);
  });

  it('are mended, and nothing else is touched', async () => {
    const right = await kept();
    await spoil();

    expect(told((await audit.rebuildCells()).differences)).toEqual(SPOILT);

    expect(await kept()).toEqual(right);
    expect(await audit.cells()).toEqual({ months: 2, total: 0, differences: [], untold: 0 });
  });

  it('are made anew where there is nothing left of them', async () => {
    const right = await kept();
    await change('TRUNCATE usage_quarters, usage_days');

    expect((await audit.rebuildCells()).total).toBe(right.length);
    expect(await kept()).toEqual(right);
  });

  it('are mended while they are written', async () => {
    await spoil();
    await change(`DELETE FROM usage_days WHERE series = 'total'`);
    const writing = Promise.all(
      Array.from({ length: 4 }, async () => {
        for (let round = 0; round < 10; round += 1) {
          await write(...Array.from({ length: 20 }, (_, at) => new Date(NOON + at * 1_000_000).toISOString()));
        }
      }),
    );
    await audit.rebuildCells();
    await writing;

    expect((await audit.cells()).differences).toEqual([]);
    expect(await change(`SELECT sum(requests)::text AS requests FROM usage_days WHERE series = 'total'`)).toEqual([{ requests: '804' }]);
  });

  it('are left alone where their rows may have been deleted, with their month or before it', async () => {
    await change(`DELETE FROM ledger WHERE admitted_at < '2026-11-01+00'`);

    expect(await audit.cells()).toMatchObject({ months: 1, total: 0 });
    await change('TRUNCATE ledger');
    expect(await audit.cells()).toEqual({ months: 0, total: 0, differences: [], untold: 0 });
  });

  it('are mended by one at a time', async () => {
    const other = await LedgerAudit.open(server.url);
    try {
      await audit.rebuildCells();
      await expect(other.rebuildCells()).rejects.toThrow('Another `ledger rebuild` is under way');
    } finally {
      await other.close();
    }
  });
});
