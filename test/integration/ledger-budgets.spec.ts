import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { CallRecord } from '../../src/core/call.js';
import { systemClock } from '../../src/core/clock.js';
import { makeId } from '../../src/core/ids.js';
import { Database } from '../../src/platform/database/database.js';
import { PrismaService } from '../../src/platform/database/prisma.service.js';
import { toInterruptedLine, toMemo } from '../../src/usage/ledger/interrupted.js';
import { toLedgerLine } from '../../src/usage/ledger/ledger-line.js';
import { LedgerStore } from '../../src/usage/ledger/ledger.store.js';
import { callRecord } from '../support/call-record.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { query } from '../support/query.js';
import { silentLog } from '../support/silent-log.js';

const DAY = Date.UTC(2026, 10, 21);
const DAILY = '019b76da-a800-7000-8000-0000000000b1';
const ROLLING = '019b76da-a800-7000-8000-0000000000b2';
const HOUR_MS = 3_600_000;

describe('the sums of budgets', () => {
  let server: TestDatabase;
  let database: Database;
  let prisma: PrismaService;
  let store: LedgerStore;

  beforeAll(async () => {
    server = await createDatabase();
    database = await Database.open({ databaseUrl: server.url, dataDir: '' }, silentLog, systemClock);
    prisma = new PrismaService(database);
    await prisma.onModuleInit();
    store = new LedgerStore(prisma);
  });

  beforeEach(async () => {
    await query(server.url, 'TRUNCATE ledger, budget_spend, budgets, alerts CASCADE');
    await makeBudget(DAILY, 'day', null);
    await makeBudget(ROLLING, 'rolling', 24 * 3_600);
  });

  afterAll(async () => {
    await prisma.$disconnect();
    await database.close();
    await server.drop();
  });

  const makeBudget = (id: string, period: string, windowSeconds: number | null): Promise<unknown> =>
    query(
      server.url,
      `INSERT INTO budgets (id, name, scope, limit_nano_usd, period, window_seconds, thresholds, counts_from, created_at, changed_at)
       VALUES ('${id}', '${period} one', 'everything', 1000, '${period}', ${windowSeconds}, '{50,80,100}', '2026-01-01', now(), now())`,
    );

  const sums = (): Promise<object[]> =>
    query(
      server.url,
      `SELECT budget_id::text AS id, (extract(epoch FROM bucket) * 1000)::bigint::text AS bucket, spent_nano_usd::text AS spent
       FROM budget_spend ORDER BY 1, 2`,
    );

  const alerts = (): Promise<{ occasion: string; facts: Record<string, unknown> }[]> =>
    query(server.url, 'SELECT occasion, facts FROM alerts ORDER BY id');

  const charged = (costNanoUsd: bigint, budgets: readonly string[], changes: Partial<CallRecord> = {}): CallRecord => {
    const record = callRecord({ costNanoUsd, budgets, ...changes });
    return { ...record, call: { ...record.call, callId: makeId(DAY), admittedAt: DAY + 5_000 } };
  };

  const daily = `${DAILY}@${DAY}`;

  it('are written with the rows, each row once', async () => {
    const lines = [charged(100n, [daily]), charged(20n, [daily, `${ROLLING}@${DAY}`]), charged(3n, [])].map(toLedgerLine);
    await store.insert(lines);
    await store.insert([...lines, toLedgerLine(charged(7n, [daily]))]);

    expect(await sums()).toEqual([
      { id: DAILY, bucket: String(DAY), spent: '127' },
      { id: ROLLING, bucket: String(DAY), spent: '20' },
    ]);
  });

  it('are those of the rows however many write at once', async () => {
    const batches = Array.from({ length: 20 }, (_each, batch) =>
      Array.from({ length: 50 }, (_, at) => toLedgerLine(charged(BigInt(at), at % 2 ? [daily] : [`${ROLLING}@${DAY + batch}`, daily]))),
    );
    await Promise.all(batches.map((lines) => store.insert(lines)));

    expect((await sums())[0]).toEqual({ id: DAILY, bucket: String(DAY), spent: String(20 * ((49 * 50) / 2)) });
  });

  it('alert once for each threshold of a period', async () => {
    for (const cost of [499n, 1n, 10n, 300n, 500n, 1n]) await store.insert([toLedgerLine(charged(cost, [daily]))]);
    await store.insert([toLedgerLine(charged(500n, [`${DAILY}@${DAY + 24 * HOUR_MS}`]))]);

    const found = await alerts();
    expect(found.map(({ occasion }) => occasion)).toEqual([
      `budget:${DAILY}:${DAY}:50`,
      `budget:${DAILY}:${DAY}:80`,
      `budget:${DAILY}:${DAY}:100`,
      `budget:${DAILY}:${DAY + 24 * HOUR_MS}:50`,
    ]);
    expect(found[0]!.facts).toMatchObject({ budget: 'day one', threshold: 50, spent_nano_usd: '500', limit_nano_usd: '1000' });
  });

  it('of a rolling budget alert by all that lies within its window', async () => {
    for (const hours of [0, 10, 20, 40]) {
      const bucket = `${ROLLING}@${DAY + hours * HOUR_MS}`;
      await store.insert([toLedgerLine(charged(260n, [bucket]))]);
    }

    expect((await alerts()).map(({ facts }) => [facts.threshold, facts.spent_nano_usd])).toEqual([
      [50, '520'],
      // What was spent 40 hours before is out of the window of the last; the one at 20 hours is in it.
      [50, '520'],
    ]);
  });

  it('change by the difference when the truth takes the place of a guess, and not the other way round', async () => {
    const record = charged(300n, [daily]);
    const memo = toMemo(record.call, record.budgets);
    const { callId, caller, admittedAt } = record.call;
    const guess = toInterruptedLine({ callId, tenant: caller.tenant, memo, tokens: 900, costNanoUsd: 450n }, DAY + 60_000);

    await store.insert([guess.line]);
    expect(await store.costsOf([{ admittedAt, callId }])).toEqual(new Map([[callId, 450n]]));
    await store.insert([toLedgerLine(record)]);
    await store.insert([guess.line]);

    expect(await sums()).toEqual([{ id: DAILY, bucket: String(DAY), spent: '300' }]);
    expect(await query(server.url, 'SELECT ending, request_id, output_tokens, tags FROM ledger')).toEqual([
      { ending: 'complete', request_id: 'req_1', output_tokens: 500, tags: { app: 'search' } },
    ]);
  });

  it('are those of the truth where a guess comes in the same batch, in front of it', async () => {
    const record = charged(300n, [daily]);
    const { callId, caller } = record.call;
    const memo = toMemo(record.call, record.budgets);
    const guess = toInterruptedLine({ callId, tenant: caller.tenant, memo, tokens: 900, costNanoUsd: 450n }, DAY + 60_000);

    await store.insert([guess.line, toLedgerLine(record)]);

    expect(await sums()).toEqual([{ id: DAILY, bucket: String(DAY), spent: '300' }]);
    expect(await query(server.url, 'SELECT ending FROM ledger')).toEqual([{ ending: 'complete' }]);
  });

  it('knows the costs of rows by their names alone', async () => {
    expect(await store.costsOf([{ admittedAt: DAY, callId: makeId(DAY) }])).toEqual(new Map());
  });
});
