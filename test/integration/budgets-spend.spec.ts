import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { makeId } from '../../src/core/ids.js';
import { boundOf } from '../../src/limits/budgets/budget-bound.js';
import type { Budget } from '../../src/limits/budgets/budget.js';
import { resetBudget } from '../../src/limits/budgets/budget-changes.js';
import { toRow } from '../../src/limits/budgets/budget-rows.js';
import { type CounterSeed, SpendStore } from '../../src/limits/budgets/spend.store.js';
import { aBudget } from '../support/budget.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { query } from '../support/query.js';
import { openReplica, type Replica } from '../support/replica.js';

const NOW_MS = Date.parse('2026-11-21T12:00:30Z');
const MADE_AT = Date.parse('2026-01-01T00:00:00Z');
const MIDNIGHT = Date.parse('2026-11-21T00:00:00Z');
const MINUTE_MS = 60_000;

let server: TestDatabase;
let replica: Replica;
let spend: SpendStore;

beforeAll(async () => {
  server = await createDatabase();
  replica = await openReplica(server.url);
  await replica.start();
});

beforeEach(() => {
  spend = new SpendStore(replica.prisma);
});

afterEach(() =>
  query(server.url, 'DELETE FROM budgets; DELETE FROM budget_spend; DELETE FROM ledger; DELETE FROM api_keys; DELETE FROM teams'),
);

afterAll(async () => {
  await replica.stop();
  await server.drop();
});

async function add(changes: Partial<Budget> = {}): Promise<Budget> {
  const budget = aBudget({ countsFrom: MADE_AT, ...changes });
  await replica.prisma.budget.create({ data: toRow(budget) });
  return budget;
}

async function spent({ id }: Budget, at: number, nanoUsd: bigint): Promise<void> {
  await replica.prisma.budgetSpend.create({ data: { budgetId: id, bucket: new Date(at), spentNanoUsd: nanoUsd } });
}

async function seedsAt(nowMs: number, concerns: (tenant: string | undefined) => boolean = () => true): Promise<readonly CounterSeed[]> {
  return (await spend.read({ nowMs, callIds: [], concerns })).seeds;
}

describe('what a counter begins with', () => {
  it('is what was spent since a total was made, to the nano-dollar', async () => {
    const budget = await add();
    await spent(budget, MADE_AT, 8_900_000_000_000_001n);

    expect(await seedsAt(NOW_MS)).toEqual([
      {
        tenant: undefined,
        bound: boundOf(budget, NOW_MS).bound,
        spent: [{ atMs: MADE_AT, bucketMs: MADE_AT, costNanoUsd: 8_900_000_000_000_001n }],
      },
    ]);
  });

  it('is what was spent in this period, and not in others or before a reset', async () => {
    const budget = await add({ period: 'day' });
    await spent(budget, MIDNIGHT - 86_400_000, 1n);
    await spent(budget, MIDNIGHT, 20n);
    expect(await seedsAt(NOW_MS)).toMatchObject([{ spent: [{ atMs: MIDNIGHT, costNanoUsd: 20n }] }]);

    const reset = resetBudget(budget, NOW_MS - 5);
    await replica.prisma.budget.update({ where: { id: budget.id }, data: toRow(reset) });
    expect(await seedsAt(NOW_MS)).toEqual([{ tenant: undefined, bound: boundOf(reset, NOW_MS).bound, spent: [] }]);

    await spent(budget, NOW_MS - 5, 300n);
    expect(await seedsAt(NOW_MS)).toMatchObject([{ spent: [{ costNanoUsd: 300n }] }]);
  });

  it('has both periods around their turn, for a store whose clock is elsewhere', async () => {
    const budget = await add({ period: 'day' });
    await spent(budget, MIDNIGHT - 86_400_000, 1n);
    await spent(budget, MIDNIGHT, 20n);

    for (const nowMs of [MIDNIGHT - 1_000, MIDNIGHT + 1_000]) {
      expect(await seedsAt(nowMs)).toMatchObject([
        { bound: boundOf(budget, MIDNIGHT - 1).bound, spent: [{ costNanoUsd: 1n }] },
        { bound: boundOf(budget, MIDNIGHT).bound, spent: [{ costNanoUsd: 20n }] },
      ]);
    }
  });

  it('is each bucket of a rolling window that may still be in it, counted until the last of it leaves', async () => {
    const budget = await add({ period: 'rolling', windowSeconds: 3_600 });
    const current = NOW_MS - 30_000;
    await spent(budget, current - 67 * MINUTE_MS, 1n);
    await spent(budget, current - 60 * MINUTE_MS, 20n);
    await spent(budget, current - MINUTE_MS, 300n);
    await spent(budget, current, 4_000n);

    const seeds = await seedsAt(NOW_MS);

    expect(seeds).toEqual([
      {
        tenant: undefined,
        bound: boundOf(budget, NOW_MS).bound,
        spent: [
          { atMs: current - 59 * MINUTE_MS - 1, bucketMs: current - 60 * MINUTE_MS, costNanoUsd: 20n },
          { atMs: current - 1, bucketMs: current - MINUTE_MS, costNanoUsd: 300n },
          { atMs: NOW_MS, bucketMs: current, costNanoUsd: 4_000n },
        ],
      },
    ]);
  });

  it('has nothing of a rolling window from before a reset', async () => {
    const budget = await add({ period: 'rolling', windowSeconds: 3_600, countsFrom: NOW_MS - 5 * MINUTE_MS });
    await spent(budget, NOW_MS - 6 * MINUTE_MS, 1n);
    await spent(budget, NOW_MS - 5 * MINUTE_MS, 20n);

    expect(await seedsAt(NOW_MS)).toMatchObject([{ spent: [{ atMs: expect.any(Number), costNanoUsd: 20n }] }]);
    expect((await seedsAt(NOW_MS))[0]!.spent).toHaveLength(1);
  });

  it('is there for budgets that are switched off, which may be switched on again', async () => {
    const budget = await add({ isDisabled: true });
    await spent(budget, MADE_AT, 7n);

    expect(await seedsAt(NOW_MS)).toMatchObject([{ spent: [{ costNanoUsd: 7n }] }]);
  });

  it('lies with the tenant, and is read for those who are asked about', async () => {
    const team = makeId(0);
    const [ofTeam, alone] = [makeId(0), makeId(0)];
    await query(
      server.url,
      `INSERT INTO teams (id, name, created_at, changed_at) VALUES ('${team}', 'Search', now(), now());
       INSERT INTO api_keys (id, public_id, secret_hash, name, role, created_at, team_id)
       VALUES ('${ofTeam}', 'a', '\\x00', 'a', 'client', now(), '${team}'), ('${alone}', 'b', '\\x00', 'b', 'client', now(), NULL)`,
    );
    await add();
    await add({ scope: 'team', subject: team });
    await add({ scope: 'key', subject: ofTeam });
    await add({ scope: 'key', subject: alone });
    await add({ scope: 'key', subject: 'client:app' });
    await add({ scope: 'user', subject: 'ann', tenant: team });
    await add({ scope: 'tag', subject: 'app=a', tenant: alone });
    const tenantsOf = (seeds: readonly CounterSeed[]): readonly string[] => seeds.map(({ tenant }) => tenant ?? 'everything').sort();

    expect(tenantsOf(await seedsAt(NOW_MS))).toEqual([team, team, team, alone, alone, 'client:app', 'everything'].sort());
    expect(tenantsOf(await seedsAt(NOW_MS, (tenant) => tenant === team))).toEqual([team, team, team]);
    expect(tenantsOf(await seedsAt(NOW_MS, (tenant) => tenant === undefined))).toEqual(['everything']);
  });
});

describe('sums that nobody needs', () => {
  it('are pruned: of rolling windows long ago, and of budgets that are gone', async () => {
    const rolling = await add({ period: 'rolling', windowSeconds: 3_600 });
    const day = await add({ period: 'day' });
    const gone = aBudget();
    for (const budget of [rolling, day, gone]) {
      await spent(budget, NOW_MS - 3 * 86_400_000, 1n);
      await spent(budget, NOW_MS, 1n);
    }

    expect(await spend.prune(NOW_MS)).toBe(3);

    const left = await query<{ budget_id: string }>(server.url, 'SELECT budget_id FROM budget_spend');
    expect(left.map(({ budget_id }) => budget_id).sort()).toEqual([rolling.id, day.id, day.id].sort());
  });
});

/** A row of the ledger; `budgets` as SQL has it. */
function rowOf(callId: string, admittedAt: number, cost: bigint, budgets: string): string {
  return `INSERT INTO ledger (admitted_at, call_id, request_id, key_id, tenant, surface, streamed, model_asked, status, ending,
      input_tokens, cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens, output_tokens, reasoning_tokens, audio_input_tokens,
      audio_output_tokens, image_tokens, usage_source, cost_nano_usd, duration_ms, overhead_us, attempts, budgets)
    VALUES ('${new Date(admittedAt).toISOString()}', '${callId}', 'r', 'k', 't', 's', false, 'm', 200, 'complete',
      0, 0, 0, 0, 0, 0, 0, 0, 0, 'provider', ${cost}, 0, 0, '[]', ${budgets})`;
}

describe('calls', () => {
  it('are told whose rows are stored, with what they cost and are charged to', async () => {
    const ids = [0, 1, 2].map((at) => makeId(NOW_MS + at));
    await query(server.url, rowOf(ids[0]!, NOW_MS, 8_900_000_000_000_001n, `'{a@1,b@2}'`));
    await query(server.url, rowOf(ids[1]!, NOW_MS + 1, 0n, 'NULL'));

    const { stored } = await spend.read({ nowMs: NOW_MS, callIds: ids, concerns: () => true });

    expect([...stored]).toEqual(
      expect.arrayContaining([
        [ids[0], { costNanoUsd: 8_900_000_000_000_001n, budgets: ['a@1', 'b@2'] }],
        [ids[1], { costNanoUsd: 0n, budgets: [] }],
      ]),
    );
    expect(stored.size).toBe(2);
  });

  it('are either in the sums or not stored, however fast their rows come', async () => {
    const budget = await add();
    const ref = `${budget.id}@${MADE_AT}`;
    await spent(budget, MADE_AT, 0n);
    const ids = Array.from({ length: 60 }, (_, at) => makeId(NOW_MS + at));
    const write = async (): Promise<void> => {
      for (const [at, id] of ids.entries()) {
        const sum = `UPDATE budget_spend SET spent_nano_usd = spent_nano_usd + 1 WHERE budget_id = '${budget.id}'`;
        await query(server.url, `BEGIN; ${sum}; ${rowOf(id, NOW_MS + at, 1n, `'{${ref}}'`)}; COMMIT`);
      }
    };
    const snapshots: (readonly [bigint, number])[] = [];
    const progress = { isOver: false };
    const writing = write().finally(() => (progress.isOver = true));
    while (!progress.isOver) {
      const { seeds, stored } = await spend.read({ nowMs: NOW_MS, callIds: ids, concerns: () => true });
      snapshots.push([seeds[0]!.spent[0]!.costNanoUsd, stored.size]);
    }
    await writing;

    expect(snapshots.length).toBeGreaterThan(1);
    for (const [sum, rows] of snapshots) expect(Number(sum)).toBe(rows);
  });
});
