import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { CallRecord } from '../../src/core/call.js';
import { systemClock } from '../../src/core/clock.js';
import { makeId } from '../../src/core/ids.js';
import { chargeOf, type Price, type PricedModel } from '../../src/core/price.js';
import { type Bucket, BUCKETS, NO_USAGE, type Usage } from '../../src/core/usage.js';
import { Database } from '../../src/platform/database/database.js';
import { PrismaService } from '../../src/platform/database/prisma.service.js';
import { toLedgerLine } from '../../src/usage/ledger/ledger-line.js';
import { LedgerStore } from '../../src/usage/ledger/ledger.store.js';
import { ChargedPricesStore } from '../../src/usage/prices/charged-prices.store.js';
import { LedgerAudit, type LedgerFindings } from '../../src/usage/verification/ledger-audit.js';
import { callRecord } from '../support/call-record.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { query } from '../support/query.js';
import { silentLog } from '../support/silent-log.js';

const DAY = Date.UTC(2026, 10, 21);
const DAY_MS = 86_400_000;
const DAILY = '019b76da-a800-7000-8000-0000000000b1';
const ROLLING = '019b76da-a800-7000-8000-0000000000b2';
const GONE = '019b76da-a800-7000-8000-0000000000b3';

const price = (usd: number): Price =>
  Object.fromEntries(BUCKETS.map((bucket, at) => [bucket, BigInt(usd * 1_000_001 + at * 333)])) as Record<Bucket, bigint>;
const PRICED: PricedModel = {
  id: 'p-1',
  version: 'test',
  price: price(2),
  tiers: [
    { aboveInputTokens: 200_000, price: price(4) },
    { aboveInputTokens: 500_000, price: price(8) },
  ],
  factors: { flex: { numerator: 1n, denominator: 2n }, priority: { numerator: 7n, denominator: 4n } },
};

describe('ledger verification', () => {
  let server: TestDatabase;
  let database: Database;
  let prisma: PrismaService;
  let store: LedgerStore;
  let audit: LedgerAudit;

  beforeAll(async () => {
    server = await createDatabase();
    database = await Database.open({ databaseUrl: server.url, dataDir: '' }, silentLog, systemClock);
    prisma = new PrismaService(database);
    await prisma.onModuleInit();
    store = new LedgerStore(prisma);
    audit = await LedgerAudit.open(server.url);
    await query(server.url, "CREATE TABLE ledger_2026_11 PARTITION OF ledger FOR VALUES FROM ('2026-11-01+00') TO ('2026-12-01+00')");
  });

  beforeEach(async () => {
    await query(server.url, 'TRUNCATE ledger, budget_spend, budgets, alerts, charged_prices CASCADE');
    await makeBudget(DAILY, 'day', 'null');
    await makeBudget(ROLLING, 'rolling', '3600');
    await new ChargedPricesStore(prisma).insert(PRICED, DAY);
  });

  afterAll(async () => {
    await audit.close();
    await prisma.$disconnect();
    await database.close();
    await server.drop();
  });

  function makeBudget(id: string, period: string, windowSeconds: string): Promise<unknown> {
    return query(
      server.url,
      `INSERT INTO budgets (id, name, scope, limit_nano_usd, period, window_seconds, counts_from, created_at, changed_at)
       VALUES ('${id}', '${period}', 'everything', 1000, '${period}', ${windowSeconds}, '2026-11-02+00', now(), now())`,
    );
  }

  /** A row as the gateway would write it. */
  function row(usage: Partial<Usage>, changes: Partial<CallRecord> = {}, admittedAt = DAY + 5_000): CallRecord {
    const whole = { ...NO_USAGE, ...usage };
    const { costNanoUsd, tierAbove } = chargeOf(PRICED, whole, changes.serviceTier);
    const charged = {
      usage: whole,
      costNanoUsd,
      tierAbove,
      priceId: PRICED.id,
      serviceTier: undefined,
      failedCostNanoUsd: 0n,
      budgets: [],
    };
    const record = callRecord({ ...charged, ...changes });
    return { ...record, call: { ...record.call, callId: makeId(admittedAt), admittedAt } };
  }

  const write = (...rows: readonly CallRecord[]): Promise<void> => store.insert(rows.map(toLedgerLine));

  const faults = ({ rows }: LedgerFindings): readonly string[] => rows.differences.map(({ verdict }) => verdict);

  const spent = (budgetId: string, bucketMs: number, amount: number): Promise<unknown> =>
    query(
      server.url,
      `INSERT INTO budget_spend VALUES ('${budgetId}', to_timestamp(${bucketMs} / 1000.0), ${amount})
       ON CONFLICT (budget_id, bucket) DO UPDATE SET spent_nano_usd = excluded.spent_nano_usd`,
    );

  const sums = (): Promise<{ id: string; bucket: string; spent: string }[]> =>
    query(
      server.url,
      `SELECT budget_id::text AS id, (extract(epoch FROM bucket) * 1000)::bigint::text AS bucket, spent_nano_usd::text AS spent
       FROM budget_spend ORDER BY 1, 2`,
    );

  it('finds nothing where all is as it was written, in every tier, service tier and month', async () => {
    await write(
      row({
        input: 1_000,
        cacheRead: 77,
        cacheWrite5m: 3,
        cacheWrite1h: 5,
        output: 500,
        reasoning: 400,
        audioInput: 1,
        audioOutput: 2,
        image: 3,
      }),
      row({ input: 200_000, output: 1 }, { budgets: [`${DAILY}@${DAY}`] }),
      row({ input: 199_999, image: 2, output: 1 }, { budgets: [`${DAILY}@${DAY}`, `${ROLLING}@${Date.now()}`] }),
      row({ cacheRead: 500_001, output: 9 }),
      row({ input: 7 }, { serviceTier: 'flex' }),
      row({ input: 200_003 }, { serviceTier: 'priority' }),
      // A service tier that the price says nothing of costs as the usual one.
      row({ input: 9 }, { serviceTier: 'scale' }),
      row({ input: 5 }, {}, DAY + 40 * DAY_MS),
    );
    const { rows, sums: compared, inDefault } = await audit.verify();

    expect(rows.differences).toEqual([]);
    expect(rows).toMatchObject({ total: 8, untold: 0, by: { same: 8, cost: 0, tier: 0, price: 0 } });
    expect(compared).toEqual({ compared: 2, passed: 0, differences: [] });
    expect(inDefault).toBe(1);
  });

  it('rounds half to even, as costs are', async () => {
    const exact = { ...PRICED, id: 'p-2', price: { ...price(0), input: 500n, output: 1_500n }, tiers: [], factors: {} };
    await new ChargedPricesStore(prisma).insert(exact, DAY);
    const costs = [0n, 2n, 2n, 4n];
    await write(
      ...[{ input: 1 }, { input: 3 }, { output: 1 }, { input: 1, output: 2 }].map((usage, at) =>
        row(usage, { priceId: 'p-2', costNanoUsd: costs[at]!, tierAbove: undefined }),
      ),
    );

    expect((await audit.verify()).rows).toMatchObject({ differences: [], by: { same: 4 } });
  });

  it('takes reasoning and a fee apart where the price does', async () => {
    const apart = { ...PRICED, id: 'p-3', price: { ...price(2), reasoning: 333n, request: 5_000_000_777n }, tiers: [] };
    await new ChargedPricesStore(prisma).insert(apart, DAY);
    const usages = [{ input: 3, output: 500, reasoning: 400 }, { output: 5, reasoning: 9 }, { audioOutput: 1 }, {}];
    await write(
      ...usages.map((usage) => {
        const { costNanoUsd } = chargeOf(apart, { ...NO_USAGE, ...usage }, undefined);
        return row(usage, { priceId: 'p-3', costNanoUsd, tierAbove: undefined });
      }),
    );
    expect((await audit.verify()).rows).toMatchObject({ differences: [], by: { same: 4 } });

    await write(row({ output: 500, reasoning: 400 }, { priceId: 'p-3', tierAbove: undefined }));
    expect((await audit.verify()).rows).toMatchObject({ by: { same: 4, cost: 1 } });
  });

  it('counts what cannot be compared', async () => {
    await write(
      row({ input: 10 }, { priceId: undefined, costNanoUsd: 99n }),
      row({ input: 10 }, { usageSource: 'estimated', costNanoUsd: 1_234n }),
      row({ input: 10 }, { costNanoUsd: 77n, providerCostNanoUsd: 77n }),
      row({ input: 10 }, { failedCostNanoUsd: 5n, costNanoUsd: chargeOf(PRICED, { ...NO_USAGE, input: 10 }, undefined).costNanoUsd + 5n }),
    );

    expect((await audit.verify()).rows).toMatchObject({ differences: [], by: { unpriced: 1, estimated: 1, reported: 1, same: 1 } });
  });

  it('finds each row that its price does not explain', async () => {
    const right = row({ input: 1_000 }, {}, DAY);
    await write(
      { ...right, costNanoUsd: right.costNanoUsd + 1n },
      row({ input: 200_001 }, { tierAbove: undefined, costNanoUsd: 1n }, DAY + 1),
      row({ input: 200_000 }, { tierAbove: 200_000 }, DAY + 2),
      row({ input: 3 }, { tierAbove: 300_000 }, DAY + 3),
      row({ input: 4 }, { priceId: 'unheard-of' }, DAY + 4),
      row({ input: 1_001 }),
    );
    const found = await audit.verify();

    expect(faults(found)).toEqual(['cost', 'tier', 'tier', 'price', 'price']);
    expect(found.rows.differences[0]).toMatchObject({
      callId: right.call.callId,
      charged: right.costNanoUsd + 1n,
      expected: right.costNanoUsd,
      priceId: 'p-1',
    });
    expect(found.rows.by).toMatchObject({ same: 1, cost: 1, tier: 2, price: 2 });
  });

  it('finds sums that are not those of their rows, too much, too little, missing or without rows', async () => {
    const [today, tomorrow, later] = [DAY, DAY + DAY_MS, DAY + 2 * DAY_MS];
    await write(
      row({}, { costNanoUsd: 40n, budgets: [`${DAILY}@${today}`] }),
      row({}, { costNanoUsd: 2n, budgets: [`${DAILY}@${today}`] }),
    );
    await write(row({}, { costNanoUsd: 7n, budgets: [`${DAILY}@${tomorrow}`] }));
    await query(server.url, `DELETE FROM budget_spend WHERE bucket = to_timestamp(${tomorrow} / 1000)`);
    await spent(DAILY, today, 41);
    await spent(DAILY, later, 5);
    // Of before it was reset, and of a budget that is no more.
    await spent(DAILY, Date.UTC(2026, 10, 1), 9);
    await spent(GONE, today, 9);

    const { differences, compared } = await audit.sums();

    const named = { budgetId: DAILY, budget: 'day' };
    expect(compared).toBe(3);
    expect(differences).toEqual([
      { ...named, bucketMs: today, byRows: 42n, kept: 41n },
      { ...named, bucketMs: tomorrow, byRows: 7n, kept: 0n },
      { ...named, bucketMs: later, byRows: 0n, kept: 5n },
    ]);
  });

  it('leaves alone what rows may have been deleted of, with their month', async () => {
    await query(server.url, "UPDATE budgets SET counts_from = '2026-09-01+00'");
    await spent(DAILY, Date.UTC(2026, 8, 30), 100);
    await spent(DAILY, DAY, 1);

    const before = await audit.sums();
    await rebuilt();

    expect(before).toMatchObject({ passed: 1, differences: [{ bucketMs: DAY }] });
    expect((await sums()).map((one) => one.spent)).toEqual(['100', '0']);
  });

  it('mends the sums, and nothing else', async () => {
    await write(
      row({}, { costNanoUsd: 40n, budgets: [`${DAILY}@${DAY}`] }),
      row({}, { costNanoUsd: 3n, budgets: [`${DAILY}@${DAY + DAY_MS}`] }),
    );
    await query(server.url, `DELETE FROM budget_spend WHERE bucket = to_timestamp(${DAY} / 1000)`);
    await spent(DAILY, DAY + 2 * DAY_MS, 5);
    await spent(GONE, DAY, 9);

    expect(await rebuilt()).toHaveLength(2);

    expect(await sums()).toEqual([
      { id: DAILY, bucket: String(DAY), spent: '40' },
      { id: DAILY, bucket: String(DAY + DAY_MS), spent: '3' },
      { id: DAILY, bucket: String(DAY + 2 * DAY_MS), spent: '0' },
      { id: GONE, bucket: String(DAY), spent: '9' },
    ]);
    expect((await audit.sums()).differences).toEqual([]);
    expect(await rebuilt()).toEqual([]);
  });

  it('mends under a gateway that writes: nothing is lost, nothing counted twice', async () => {
    const bucket = `${DAILY}@${DAY}`;
    const writing = { isOver: false };
    const write50 = async (writer: number): Promise<void> => {
      for (let batch = 0; batch < 25; batch += 1) {
        const rows = Array.from({ length: 20 }, (_, at) =>
          row({}, { costNanoUsd: BigInt(at), budgets: [bucket, `${DAILY}@${DAY + writer}`] }),
        );
        await write(...rows);
      }
    };
    await spent(DAILY, DAY, 1_000_000);
    const writers = Promise.all([1, 2, 3].map(write50)).finally(() => (writing.isOver = true));
    let mended = 0;
    for (let wrong = 1; !writing.isOver; wrong += 1) {
      mended += (await rebuilt()).length;
      await query(
        server.url,
        `UPDATE budget_spend SET spent_nano_usd = spent_nano_usd + ${wrong} WHERE bucket = to_timestamp(${DAY} / 1000)`,
      );
    }
    await writers;
    await rebuilt();

    expect(mended).toBeGreaterThan(1);
    const each = 25 * ((19 * 20) / 2);
    expect((await sums()).map((one) => one.spent)).toEqual([3 * each, each, each, each].map(String));
    expect((await audit.verify()).rows.total).toBe(3 * 25 * 20);
  });

  it('lets nobody mend beside another', async () => {
    const [one, other] = [await LedgerAudit.open(server.url), await LedgerAudit.open(server.url)];
    await one.rebuild();

    await expect(other.rebuild()).rejects.toThrow('Another `ledger rebuild` is under way');

    await one.close();
    await expect(other.rebuild()).resolves.toEqual([]);
    await other.close();
  });

  /** As the command does: over a connection of its own. */
  async function rebuilt() {
    const own = await LedgerAudit.open(server.url);
    try {
      return await own.rebuild();
    } finally {
      await own.close();
    }
  }
});
