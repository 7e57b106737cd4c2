import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Caller } from '../../src/core/caller.js';
import { makeId } from '../../src/core/ids.js';
import type { BudgetWishes } from '../../src/limits/budgets/budget-changes.js';
import type { BudgetReadings } from '../../src/limits/budgets/budget-standing.js';
import { BudgetsService } from '../../src/limits/budgets/budgets.service.js';
import { BudgetsStore } from '../../src/limits/budgets/budgets.store.js';
import { LiveBudgets } from '../../src/limits/budgets/live-budgets.js';
import { Secret } from '../../src/platform/index.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { Gate } from '../support/gate.js';
import { inTime } from '../support/in-time.js';
import { query } from '../support/query.js';
import { openReplica, type Replica } from '../support/replica.js';
import { silentLog } from '../support/silent-log.js';

const START = Date.parse('2026-11-21T12:00:00Z');
const ANN = { id: 'key-ann', name: 'Ann' };
const BILL: BudgetWishes = { name: 'the bill', scope: 'everything', limitNanoUsd: 8_900_000_000_000_001n, period: 'total' };
const KEYS = {
  clients: [{ name: 'app', key: new Secret('a-static-key-for-app') }],
  admins: [{ name: 'root', key: new Secret('a-static-key-for-root') }],
  metricsToken: undefined,
  secretKeys: [],
};

interface Gateway {
  readonly replica: Replica;
  readonly live: LiveBudgets;
  readonly budgets: BudgetsService;
}

let server: TestDatabase;
let gate: Gate;
let one: Gateway;
/** Reaches the database through the gate. */
let other: Gateway;
let nowMs: number;
const looked: { tenant: string; counters: readonly string[] }[] = [];
const READINGS: BudgetReadings = {
  look: (tenant, bounds) => {
    looked.push({ tenant, counters: bounds.map(({ counter }) => counter) });
    return bounds.map(() => ({ used: 5n, held: 2n, resetMs: undefined }));
  },
};

beforeAll(async () => {
  server = await createDatabase();
  gate = await Gate.before(server.url);
  await gate.open();
  [one, other] = await Promise.all([openGateway(server.url), openGateway(server.url, gate.url)]);
  await eventually(() => one.replica.notifications.isListening && other.replica.notifications.isListening);
});

beforeEach(() => {
  nowMs = START;
  looked.length = 0;
});

afterEach(() =>
  query(
    server.url,
    `DELETE FROM budgets; DELETE FROM budget_spend; DELETE FROM api_keys; DELETE FROM teams; UPDATE revisions SET value = value + 1`,
  ),
);

afterAll(async () => {
  for (const { live, replica } of [one, other]) {
    live.onApplicationShutdown();
    await replica.stop();
  }
  await gate.shut();
  await server.drop();
});

async function openGateway(url: string, directUrl = url): Promise<Gateway> {
  const replica = await openReplica(url, directUrl);
  const store = new BudgetsStore(replica.prisma, replica.audit);
  const live = new LiveBudgets(store, replica.notifications, replica.database, silentLog);
  await replica.start();
  await live.onModuleInit();
  return { replica, live, budgets: new BudgetsService(store, live, READINGS, { keys: KEYS }, { now: () => nowMs }) };
}

async function addTeam(): Promise<string> {
  const id = makeId(nowMs);
  await query(server.url, `INSERT INTO teams (id, name, created_at, changed_at) VALUES ('${id}', '${id}', now(), now())`);
  return id;
}

async function addKey(teamId?: string): Promise<{ readonly id: string; readonly publicId: string }> {
  const id = makeId(nowMs);
  const publicId = id.slice(-12);
  await query(
    server.url,
    `INSERT INTO api_keys (id, public_id, secret_hash, name, role, created_at, team_id)
     VALUES ('${id}', '${publicId}', '\\x00', 'app', 'client', now(), ${teamId === undefined ? 'NULL' : `'${teamId}'`})`,
  );
  return { id, publicId };
}

describe('a budget', () => {
  it('is as it was made, to the nano-dollar, wherever it is read', async () => {
    const made = await one.budgets.create({ ...BILL, period: 'month', timeZone: 'Asia/Kathmandu', thresholds: [90, 10] }, ANN);

    expect(made).toMatchObject({
      limitNanoUsd: 8_900_000_000_000_001n,
      timeZone: 'Asia/Kathmandu',
      thresholds: [10, 90],
      countsFrom: START,
    });
    expect(await other.budgets.find(made.id)).toEqual(made);
    expect(one.live.get(made.id)).toEqual(made);
  });

  it('is in effect here when it is made, changed, reset and deleted, and elsewhere within a second', async () => {
    const { id } = await one.budgets.create(BILL, ANN);
    expect(one.live.get(id)?.limitNanoUsd).toBe(BILL.limitNanoUsd);

    await inTime(1_000, async () => {
      await one.budgets.change(id, { limitNanoUsd: 0n }, ANN);
      expect(one.live.get(id)?.limitNanoUsd).toBe(0n);
      await eventually(() => other.live.get(id)?.limitNanoUsd === 0n);
    });
    nowMs += 1_000;
    await inTime(1_000, async () => {
      await other.budgets.reset(id, ANN);
      expect(other.live.get(id)?.countsFrom).toBe(nowMs);
      await eventually(() => one.live.get(id)?.countsFrom === nowMs);
    });
    await inTime(1_000, async () => {
      await one.budgets.delete(id, ANN);
      expect(one.live.get(id)).toBeUndefined();
      await eventually(() => other.live.get(id) === undefined);
    });
    expect(await one.budgets.find(id)).toBeUndefined();
  });

  it('that changed while nobody could listen is found when listening begins again', async () => {
    const { id } = await one.budgets.create(BILL, ANN);
    await eventually(() => other.live.get(id) !== undefined);
    await gate.shut();
    await eventually(() => !other.replica.notifications.isListening);
    await one.budgets.change(id, { isDisabled: true }, ANN);

    await gate.open();

    await eventually(() => other.live.get(id)?.isDisabled === true);
  });

  it('is recorded with who did what to it, and with what it was', async () => {
    const { id } = await one.budgets.create(BILL, ANN);
    await one.budgets.change(id, { limitNanoUsd: 1n }, ANN);
    nowMs += 1_000;
    await one.budgets.reset(id, ANN);
    await one.budgets.delete(id, ANN);

    const records = (await one.replica.audit.list({ limit: 10, entity: 'budget' })).filter(({ entityId }) => entityId === id);
    const byAction = Object.fromEntries(records.map((record) => [record.action, record]));
    expect(byAction).toMatchObject({
      create: { actor: ANN, before: undefined, after: { name: 'the bill', scope: 'everything', limit_usd: '8900000.000000001' } },
      change: { before: { limit_usd: '8900000.000000001' }, after: { limit_usd: '0.000000001' } },
      reset: { before: { counts_from: '2026-11-21T12:00:00.000Z' }, after: { counts_from: '2026-11-21T12:00:01.000Z' } },
      delete: { before: { limit_usd: '0.000000001' }, after: undefined },
    });
  });

  it('that is changed into what it is tells and records nothing', async () => {
    const { id } = await one.budgets.create(BILL, ANN);
    const { revision } = one.live;

    await one.budgets.change(id, { limitNanoUsd: BILL.limitNanoUsd }, ANN);

    expect(one.live.revision).toBe(revision);
    const records = (await one.replica.audit.list({ limit: 10, entity: 'budget' })).filter(({ entityId }) => entityId === id);
    expect(records).toHaveLength(1);
  });

  it('takes the sums of what was spent with it', async () => {
    const { id } = await one.budgets.create(BILL, ANN);
    await query(server.url, `INSERT INTO budget_spend VALUES ('${id}', now(), 5)`);

    await one.budgets.delete(id, ANN);

    expect(await query(server.url, 'SELECT * FROM budget_spend')).toEqual([]);
  });

  it.each(['019512aa-3c5b-7f0c-8a5e-4d3c2b1a0f9e', 'nonsense', "'; DROP TABLE budgets", '\0'])('%p is none', async (id) => {
    expect(await one.budgets.find(id)).toBeUndefined();
    expect(await one.budgets.change(id, { isDisabled: true }, ANN)).toBeUndefined();
    expect(await one.budgets.reset(id, ANN)).toBeUndefined();
    expect(await one.budgets.delete(id, ANN)).toBeUndefined();
  });
});

describe('whom a budget is for', () => {
  it('is a key, by either of its ids, or one of the environment', async () => {
    const key = await addKey();

    for (const subject of [key.id, key.publicId]) {
      expect(await one.budgets.create({ ...BILL, scope: 'key', subject }, ANN)).toMatchObject({ subject: key.id, tenant: undefined });
    }
    for (const subject of ['client:app', 'admin:root']) {
      expect(await one.budgets.create({ ...BILL, scope: 'key', subject }, ANN)).toMatchObject({ subject });
    }
  });

  it('is an end user or a tag within a team, or within a key that has none', async () => {
    const team = await addTeam();
    const key = await addKey();

    expect(await one.budgets.create({ ...BILL, scope: 'user', subject: 'ann', tenant: team }, ANN)).toMatchObject({
      tenant: team,
      subject: 'ann',
    });
    expect(await one.budgets.create({ ...BILL, scope: 'tag', subject: 'app=a', tenant: key.publicId }, ANN)).toMatchObject({
      tenant: key.id,
    });
    expect(await one.budgets.create({ ...BILL, scope: 'user', subject: 'ann', tenant: 'client:app' }, ANN)).toMatchObject({
      tenant: 'client:app',
    });
  });

  it('is somebody who is there', async () => {
    const team = await addTeam();
    const ofTeam = await addKey(team);
    const wrong: readonly (readonly [Partial<BudgetWishes>, string])[] = [
      [{ scope: 'key', subject: team }, 'subject'],
      [{ scope: 'key', subject: 'client:other' }, 'subject'],
      [{ scope: 'key', subject: '\0' }, 'subject'],
      [{ scope: 'team', subject: ofTeam.id }, 'subject'],
      [{ scope: 'team', subject: 'nonsense' }, 'subject'],
      [{ scope: 'user', subject: 'ann', tenant: 'nonsense' }, 'tenant'],
      [{ scope: 'user', subject: 'ann', tenant: ofTeam.id }, 'tenant'],
      [{ scope: 'tag', subject: 'app=a', tenant: makeId(0) }, 'tenant'],
    ];

    for (const [wishes, param] of wrong) {
      await expect(one.budgets.create({ ...BILL, ...wishes }, ANN)).rejects.toMatchObject({ kind: 'invalid_request', details: { param } });
    }
    await expect(one.budgets.create({ ...BILL, scope: 'user', subject: 'ann', tenant: ofTeam.id }, ANN)).rejects.toThrow(team);
    expect(await query(server.url, 'SELECT * FROM budgets')).toEqual([]);
  });

  it('has no more than twenty', async () => {
    const made = await Promise.all(Array.from({ length: 20 }, () => one.budgets.create(BILL, ANN)));
    await expect(one.budgets.create(BILL, ANN)).rejects.toMatchObject({ kind: 'conflict' });
    const team = await addTeam();
    await one.budgets.create({ ...BILL, scope: 'team', subject: team }, ANN);

    await one.budgets.delete(made[0]!.id, ANN);

    await one.budgets.create(BILL, ANN);
  });

  it('is bound wherever it calls, in every process', async () => {
    const team = await addTeam();
    const { id } = await one.budgets.create({ ...BILL, scope: 'team', subject: team }, ANN);
    const key = { keyId: 'k', keyName: 'k', role: 'client' } as const;
    const caller: Caller = { ...key, tenant: team, team: { id: team, name: 'Search' } };

    await eventually(() => other.live.of(caller, undefined).length === 1);

    expect(one.live.of(caller, undefined)).toMatchObject([{ id }]);
    expect(one.live.of({ ...key, tenant: 'k' }, undefined)).toEqual([]);
  });
});

describe('budgets', () => {
  it('are listed newest first, page by page, each once', async () => {
    for (let at = 0; at < 5; at += 1) {
      nowMs += 1;
      await one.budgets.create({ ...BILL, name: String(at) }, ANN);
    }

    const names: string[] = [];
    let before: string | undefined;
    for (;;) {
      const page = await one.budgets.list({ before, limit: 2 });
      names.push(...page.map(({ name }) => name));
      before = page.at(-1)?.id;
      if (page.length < 2) break;
    }

    expect(names).toEqual(['4', '3', '2', '1', '0']);
  });

  it('are found by scope, subject and tenant', async () => {
    const team = await addTeam();
    await one.budgets.create({ ...BILL, name: 'all' }, ANN);
    await one.budgets.create({ ...BILL, name: 'team', scope: 'team', subject: team }, ANN);
    await one.budgets.create({ ...BILL, name: 'ann', scope: 'user', subject: 'ann', tenant: team }, ANN);
    await one.budgets.create({ ...BILL, name: 'static ann', scope: 'user', subject: 'ann', tenant: 'client:app' }, ANN);
    const namesOf = async (question: object): Promise<readonly string[]> =>
      (await one.budgets.list({ ...question, limit: 10 })).map(({ name }) => name).sort();

    expect(await namesOf({ scope: 'everything' })).toEqual(['all']);
    expect(await namesOf({ subject: team })).toEqual(['team']);
    expect(await namesOf({ subject: 'ann' })).toEqual(['ann', 'static ann']);
    expect(await namesOf({ tenant: team })).toEqual(['ann']);
    expect(await namesOf({ scope: 'user', tenant: 'client:app' })).toEqual(['static ann']);
  });

  it('are read where they are counted: in the shard of the tenant', async () => {
    const team = await addTeam();
    const [ofTeam, alone] = [await addKey(team), await addKey()];
    const wishes: readonly Partial<BudgetWishes>[] = [
      {},
      { scope: 'team', subject: team },
      { scope: 'key', subject: ofTeam.id },
      { scope: 'key', subject: alone.id },
      { scope: 'key', subject: 'client:app' },
      { scope: 'user', subject: 'ann', tenant: team },
    ];
    const budgets = await Promise.all(wishes.map((wish) => one.budgets.create({ ...BILL, ...wish }, ANN)));

    const standings = await one.budgets.standings(budgets);

    expect(standings.map(({ budget, sums }) => [budget.id, sums?.spent, sums?.held])).toEqual(budgets.map(({ id }) => [id, 3n, 2n]));
    expect(Object.fromEntries(looked.map(({ tenant, counters }) => [tenant, counters.length]))).toEqual({
      '': 1,
      [team]: 3,
      [alone.id]: 1,
      'client:app': 1,
    });
  });

  it('that cannot be read or written are for later', async () => {
    await query(server.url, 'ALTER TABLE budgets RENAME TO away');
    try {
      await expect(one.budgets.create(BILL, ANN)).rejects.toMatchObject({ kind: 'service_unavailable' });
      await expect(one.budgets.list({ limit: 1 })).rejects.toMatchObject({ kind: 'service_unavailable' });
    } finally {
      await query(server.url, 'ALTER TABLE away RENAME TO budgets');
    }
  });
});
