import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { request } from 'undici';
import { FleetMember } from '../../promises/budget/gateway-fleet.js';
import { administrate } from '../../promises/budget/tenants.js';
import { FROM_SOURCE } from '../../promises/launch.js';
import { StubProvider } from '../../promises/stub-provider.js';
import { eventually } from '../../support/eventually.js';
import { Gate } from '../../support/gate.js';
import { type PostgresServer, startPostgres } from '../../support/postgres.js';
import { query } from '../../support/query.js';

const CALLS = 5;
/** Its streams are far from their end when the gateway dies. */
const FRAME_MS = 10_000;

/** Of a call of `torture-cheap` for 2000 tokens: there is room for the worst case of one beside what four others really cost. */
const TIGHT_USD = '0.0434';
const TIGHT_NANO_USD = 43_400_000n;

interface Row {
  readonly ending: string;
  readonly cost_nano_usd: string;
}

describe('every admitted call has exactly one ledger row, also without Redis, when', () => {
  let postgres: PostgresServer;
  let stub: StubProvider;
  let gateway: FleetMember;
  /** Between the gateway and the database. */
  let gate: Gate;

  beforeEach(async () => {
    [postgres, stub] = [await startPostgres(), await StubProvider.start(FRAME_MS)];
    gate = await Gate.before(postgres.url);
    await gate.open();
    gateway = await FleetMember.make(FROM_SOURCE, { databaseUrl: gate.url, redisUrl: undefined, providerUrl: stub.baseUrl });
    await gateway.start();
  }, 60_000);

  afterEach(async () => {
    await gateway.remove();
    stub.kill();
    await gate.shut();
    await postgres.stop();
  });

  const rows = (): Promise<Row[]> => query<Row>(postgres.url, 'SELECT ending, cost_nano_usd FROM ledger');
  const intents = async (): Promise<number> => (await query(postgres.url, 'SELECT 1 FROM intents')).length;

  async function begin(key: string, stream = true): Promise<void> {
    const body = { model: 'torture-cheap', stream, max_tokens: 100, messages: [{ role: 'user', content: 'Hello.' }] };
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const answer = await request(`${gateway.baseUrl}/v1/chat/completions`, { method: 'POST', headers, body: JSON.stringify(body) });
    answer.body.on('error', () => undefined).resume();
    if (!stream) expect(answer.statusCode).toBe(200);
  }

  const spent = async (): Promise<bigint> => (await rows()).reduce((sum, { cost_nano_usd: cost }) => sum + BigInt(cost), 0n);

  /** A key whose calls are bound by a budget of its own. */
  async function budgeted(limitUsd: string): Promise<{ readonly key: string; counted(): Promise<bigint> }> {
    const { id, key } = await administrate<{ id: string; key: string }>(gateway.baseUrl, 'POST', '/keys', { name: 'alone' });
    const order = { name: 'alone', scope: 'key', subject: id, period: 'total', limit_usd: limitUsd };
    const budget = await administrate<{ id: string }>(gateway.baseUrl, 'POST', '/budgets', order);
    await eventually(async () => {
      const { data } = await administrate<{ data: unknown[] }>(gateway.baseUrl, 'GET', '/budgets');
      return data.length === 1;
    });
    const counted = async (): Promise<bigint> => {
      const { spent_usd: usd } = await administrate<{ spent_usd: string }>(gateway.baseUrl, 'GET', `/budgets/${budget.id}`);
      return BigInt(Math.round(Number(usd) * 1e9));
    };
    return { key, counted };
  }

  async function statusOf(key: string): Promise<number> {
    const body = { model: 'torture-cheap', max_tokens: 2_000, messages: [{ role: 'user', content: 'Hello.' }] };
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const answer = await request(`${gateway.baseUrl}/v1/chat/completions`, { method: 'POST', headers, body: JSON.stringify(body) });
    await answer.body.dump();
    return answer.statusCode;
  }

  /** While the database is well, the ledger takes no row. Returns how that ends, with whatever was about to be written. */
  async function blockLedger(): Promise<() => Promise<void>> {
    const client = new pg.Client({ connectionString: postgres.url });
    client.on('error', () => undefined);
    await client.connect();
    await client.query('BEGIN');
    await client.query('LOCK TABLE ledger IN ACCESS EXCLUSIVE MODE');
    return async () => {
      await client.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'`);
      await client.end();
    };
  }

  const isDead = (): Promise<boolean> =>
    fetch(`${gateway.baseUrl}/health/live`).then(
      () => false,
      () => true,
    );

  it('the gateway is killed under streams: the next one writes them, charges them to their budget, and forgets them', async () => {
    const { key, counted } = await budgeted('1');
    void Promise.allSettled(Array.from({ length: CALLS }, () => begin(key)));
    await eventually(() => stub.journal.length === CALLS);
    expect(await intents()).toBe(CALLS);

    await gateway.killAndRestart();

    await eventually(async () => (await rows()).length === CALLS && (await intents()) === 0);
    const found = await rows();
    expect(found.map(({ ending }) => ending)).toEqual(Array.from({ length: CALLS }, () => 'interrupted'));
    expect(await spent()).toBeGreaterThan(0n);
    expect(await counted()).toBe(await spent());
  }, 90_000);

  it.each([
    ['is away', () => gate.shut(), () => gate.open()],
    ['hangs', async () => gate.silence(), async () => gate.restore()],
  ])(
    'the database %s, and the gateway is killed under streams that began meanwhile',
    async (_, lose, bring) => {
      const { key, counted } = await budgeted('1');
      expect(await statusOf(key)).toBe(200);
      await lose();
      void Promise.allSettled(Array.from({ length: CALLS }, () => begin(key)));
      await eventually(() => stub.journal.length === CALLS + 1);

      await gateway.kill();
      await bring();
      await gateway.start();

      await eventually(async () => (await rows()).length === CALLS + 1 && (await intents()) === 0);
      const endings = (await rows()).map(({ ending }) => ending);
      expect(endings.filter((ending) => ending === 'interrupted').length).toBeGreaterThanOrEqual(CALLS);
      expect(await counted()).toBe(await spent());
    },
    90_000,
  );

  it('the database is away for long: rows on disk give their money back, and the gateway is killed then', async () => {
    const { key, counted } = await budgeted(TIGHT_USD);
    expect(await statusOf(key)).toBe(200);
    await gate.shut();
    expect(await statusOf(key)).toBe(200);
    await eventually(async () => (await statusOf(key)) === 200);

    await gateway.kill();
    await gate.open();
    await gateway.start();

    await eventually(async () => (await rows()).length === 3 && (await intents()) === 0);
    expect(await spent()).toBeLessThanOrEqual(TIGHT_NANO_USD);
    expect(await counted()).toBe(await spent());
  }, 90_000);

  it('the gateway is killed before the rows of calls that are over are stored: what was free to be spent again is not charged', async () => {
    const { key, counted } = await budgeted(TIGHT_USD);
    const unblock = await blockLedger();
    expect(await statusOf(key)).toBe(200);
    await statusOf(key);

    const restarted = gateway.killAndRestart();
    await eventually(isDead);
    await unblock();
    await restarted;

    await eventually(async () => (await intents()) === 0);
    expect(await spent()).toBeLessThanOrEqual(TIGHT_NANO_USD);
    expect(await counted()).toBe(await spent());
  }, 90_000);

  it('the ledger takes no rows for long: money is given back all the same, and the gateway is killed then', async () => {
    const { key, counted } = await budgeted(TIGHT_USD);
    const unblock = await blockLedger();
    expect(await statusOf(key)).toBe(200);
    await eventually(async () => (await statusOf(key)) === 200);

    const restarted = gateway.killAndRestart();
    await eventually(isDead);
    await unblock();
    await restarted;

    await eventually(async () => (await rows()).length === 2 && (await intents()) === 0);
    expect(await spent()).toBeLessThanOrEqual(TIGHT_NANO_USD);
    expect(await counted()).toBe(await spent());
  }, 90_000);

  it('nothing is killed: a call waits for the money of the one before, rather than to be refused', async () => {
    const { key } = await budgeted(TIGHT_USD);

    const statuses: number[] = [];
    for (let calls = 0; calls < CALLS; calls += 1) statuses.push(await statusOf(key));

    expect(statuses).toEqual(Array.from({ length: CALLS }, () => 200));
  }, 60_000);

  it('the gateway ends in order: its rows are written, and nothing is left for the next', async () => {
    const { key } = await administrate<{ key: string }>(gateway.baseUrl, 'POST', '/keys', { name: 'alone' });
    await Promise.all(Array.from({ length: CALLS }, () => begin(key, false)));

    await gateway.stop();

    expect((await rows()).map(({ ending }) => ending)).toEqual(Array.from({ length: CALLS }, () => 'complete'));
    expect(await intents()).toBe(0);
  }, 60_000);
});
