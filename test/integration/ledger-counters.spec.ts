import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { runCli } from '../../src/cli/cli.js';
import { Secret } from '../../src/platform/config/secret.js';
import { ADMIN_KEY, CLIENT_KEY, scriptedProvider, startGateway, type TestGateway } from '../support/gateway.js';
import { query } from '../support/query.js';
import { rawRequest, type RawAnswer } from '../support/raw-client.js';
import { createRedisDb, describeWithRedis, type RedisDb } from '../support/redis-db.js';
import { ScriptedUpstream } from '../support/upstream.js';
import { answers } from '../support/upstream/behaviours.js';
import { completion } from '../support/upstream/openai-answers.js';

interface Comparison {
  readonly compared: number;
  readonly unsettled: readonly string[];
  readonly differences: readonly { readonly budget: string; readonly kind: string; readonly found_nano_usd: string }[];
}

interface Verified {
  readonly differences: number;
  readonly budget_sums: { readonly compared: number; readonly differences: readonly object[] };
  readonly rows: { readonly compared: number; readonly differences: readonly object[] };
  readonly counters: Comparison;
}

interface Rebuilt {
  readonly changed_sums: readonly object[];
  readonly counters: Comparison;
  readonly counters_afterwards: Comparison | 'waiting' | null;
}

const COST = 2_550_000;

describeWithRedis('the ledger of a gateway over Redis', () => {
  let db: RedisDb;
  let redis: Redis;
  let upstream: ScriptedUpstream;
  let gateway: TestGateway;

  beforeAll(async () => {
    [db, upstream] = await Promise.all([createRedisDb(), ScriptedUpstream.start()]);
    redis = new Redis(db.url);
    upstream.always(answers(completion()));
    const price = { inputPicoUsd: 2_500_000n, outputPicoUsd: 10_000_000n, cacheReadPicoUsd: 1_250_000n, cacheWritePicoUsd: undefined };
    gateway = await startGateway({
      providers: [scriptedProvider(`${upstream.origin}/v1`)],
      redis: { url: new Secret(db.url) },
      prices: [{ model: 'scripted-model', ...price }],
    });
    await budget({ name: 'monthly', scope: 'key', subject: 'client:client', period: 'month' });
    await budget({ name: 'lent', scope: 'everything', period: 'total' });
    await budget({ name: 'rolling', scope: 'key', subject: 'client:client', period: 'rolling', window_seconds: 3_600 });
    for (let calls = 0; calls < 5; calls += 1) await call();
  }, 60_000);

  afterAll(async () => {
    await gateway.stop();
    await upstream.stop();
    redis.disconnect();
    await db.drop();
  }, 60_000);

  it('agrees with its counters, and goes on to while calls come and go', async () => {
    const flood = { isOver: false };
    const calls = (async () => {
      while (!flood.isOver) await Promise.all(Array.from({ length: 5 }, call));
    })();

    const { code, told } = await tollgate('verify');
    flood.isOver = true;
    await calls;

    expect(told).toMatchObject({ differences: 0, counters: { compared: 3, differences: [], unsettled: [] } });
    expect(code).toBe(0);
    expect(told.budget_sums.compared).toBe(3);
    expect(told.rows.compared).toBeGreaterThanOrEqual(5);
  });

  it('says by how much a counter differs, whatever kind of budget it is of', async () => {
    const [monthly, lent, rolling] = await Promise.all([
      counter('budget', 'monthly'),
      counter('budget', 'lent'),
      counter('rolling', 'rolling'),
    ]);
    await redis.hincrby(monthly, 'spent', -7);
    await redis.hincrby(monthly, 'held', 3);
    await redis.hincrby(lent, 'spent', 11);
    await redis.hset(rolling, 'sum', '1');

    const { code, told } = await tollgate('verify');

    expect(code).toBe(1);
    const found = told.counters.differences.map(({ budget: name, kind }) => `${name} ${kind}`);
    expect(found.toSorted()).toEqual(['lent spent', 'monthly held', 'monthly spent', 'rolling spent']);
    expect(told.counters.differences.find(({ kind }) => kind === 'held')).toMatchObject({ found_nano_usd: '3', expected_nano_usd: '0' });
  });

  it('says what it would mend, and mends sums and counters while the gateway answers', async () => {
    await query(gateway.databaseUrl, 'UPDATE budget_spend SET spent_nano_usd = spent_nano_usd + 1000');
    const dry = await tollgate('rebuild --dry-run');
    expect([dry.code, dry.told.changed_sums.length, dry.told.counters_afterwards]).toEqual([1, 3, null]);

    const { code, told } = await tollgate('rebuild');

    expect(told.changed_sums).toHaveLength(3);
    expect(told.counters_afterwards).toMatchObject({ compared: 3, differences: [] });
    expect(code).toBe(0);
    expect((await call()).status).toBe(200);
    expect(await tollgate('verify')).toMatchObject({ code: 0, told: { differences: 0 } });
    const rows = Number((await query<{ rows: string }>(gateway.databaseUrl, 'SELECT count(*) AS rows FROM ledger'))[0]!.rows);
    const sums = await query<{ spent: string }>(
      gateway.databaseUrl,
      'SELECT sum(spent_nano_usd) AS spent FROM budget_spend GROUP BY budget_id',
    );
    expect(sums.map(({ spent }) => Number(spent))).toEqual([rows * COST, rows * COST, rows * COST]);
  });

  it('has nothing to mend then, and leaves the counters as they are', async () => {
    const before = await redis.keys('*:epoch');
    const epochs = await redis.mget(before);

    const { code, told } = await tollgate('rebuild');

    expect([code, told.changed_sums, told.counters_afterwards]).toEqual([0, [], null]);
    expect(await redis.mget(before)).toEqual(epochs);
  });

  it('is told apart from one that could not be read whole', async () => {
    const noRedis = await tollgate('verify', { REDIS_URL: 'redis://127.0.0.1:1' });
    const noDatabase = await tollgate('verify', { DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/none' });

    expect([noRedis.code, noDatabase.code]).toEqual([3, 3]);
    expect(noRedis.told.counters).toMatchObject({ not_compared: expect.any(String) });
  });

  /** The counter of a budget, or of a lent one the only slice. */
  async function counter(kind: string, name: string): Promise<string> {
    const [row] = await query<{ id: string }>(gateway.databaseUrl, `SELECT id::text FROM budgets WHERE name = '${name}'`);
    const keys = await redis.keys(`*${row!.id}*`);
    return keys.find((key) => new RegExp(`:g\\d+:${kind}:`).test(key))!;
  }

  async function budget(order: object): Promise<void> {
    const headers = { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' };
    const body = Buffer.from(JSON.stringify({ limit_usd: '1000', ...order }));
    const { status } = await rawRequest(gateway.baseUrl, { method: 'POST', path: '/v1/admin/budgets', headers, body });
    expect(status).toBe(200);
  }

  function call(): Promise<RawAnswer> {
    const body = Buffer.from(JSON.stringify({ model: 'scripted-model', messages: [{ role: 'user', content: 'Hello' }], max_tokens: 100 }));
    const headers = { authorization: `Bearer ${CLIENT_KEY}`, 'content-type': 'application/json' };
    return rawRequest(gateway.baseUrl, { method: 'POST', path: '/v1/chat/completions', headers, body });
  }

  async function tollgate(line: string, env: Readonly<Record<string, string>> = {}): Promise<{ code: number; told: Verified & Rebuilt }> {
    let out = '';
    const code = await runCli(['ledger', ...line.split(' '), '--json'], {
      out: { write: (text) => (out += text) },
      error: { write: (text) => (out += text) },
      sources: { env: { DATABASE_URL: gateway.databaseUrl, REDIS_URL: db.url, ...env }, cwd: import.meta.dirname },
    });
    return { code, told: JSON.parse(out) as Verified & Rebuilt };
  }
});
