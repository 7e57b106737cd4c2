import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { request } from 'undici';
import { FleetMember } from '../../promises/budget/gateway-fleet.js';
import { administrate } from '../../promises/budget/tenants.js';
import { FROM_SOURCE } from '../../promises/launch.js';
import { StubProvider } from '../../promises/stub-provider.js';
import { eventually } from '../../support/eventually.js';
import { type PostgresServer, startPostgres } from '../../support/postgres.js';
import { query } from '../../support/query.js';

const CALLS = 5;
/** Its streams are far from their end when the gateway dies. */
const FRAME_MS = 10_000;

interface Row {
  readonly ending: string;
  readonly cost_nano_usd: string;
}

describe('every admitted call has exactly one ledger row, also without Redis, when', () => {
  let postgres: PostgresServer;
  let stub: StubProvider;
  let gateway: FleetMember;

  beforeEach(async () => {
    [postgres, stub] = [await startPostgres(), await StubProvider.start(FRAME_MS)];
    gateway = await FleetMember.make(FROM_SOURCE, { databaseUrl: postgres.url, redisUrl: undefined, providerUrl: stub.baseUrl });
    await gateway.start();
  }, 60_000);

  afterEach(async () => {
    await gateway.remove();
    stub.kill();
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

  it('the gateway is killed under streams: the next one writes them, charges them to their budget, and forgets them', async () => {
    const { id, key } = await administrate<{ id: string; key: string }>(gateway.baseUrl, 'POST', '/keys', { name: 'alone' });
    const order = { name: 'alone', scope: 'key', subject: id, period: 'total', limit_usd: '1' };
    const budget = await administrate<{ id: string }>(gateway.baseUrl, 'POST', '/budgets', order);
    await eventually(async () => {
      const { data } = await administrate<{ data: unknown[] }>(gateway.baseUrl, 'GET', '/budgets');
      return data.length === 1;
    });
    void Promise.allSettled(Array.from({ length: CALLS }, () => begin(key)));
    await eventually(() => stub.journal.length === CALLS);
    expect(await intents()).toBe(CALLS);

    await gateway.killAndRestart();

    await eventually(async () => (await rows()).length === CALLS && (await intents()) === 0);
    const found = await rows();
    expect(found.map(({ ending }) => ending)).toEqual(Array.from({ length: CALLS }, () => 'interrupted'));
    const spent = found.reduce((sum, { cost_nano_usd: cost }) => sum + BigInt(cost), 0n);
    expect(spent).toBeGreaterThan(0n);
    const standing = await administrate<{ spent_usd: string }>(gateway.baseUrl, 'GET', `/budgets/${budget.id}`);
    expect(BigInt(Math.round(Number(standing.spent_usd) * 1e9))).toBe(spent);
  }, 90_000);

  it('the gateway ends in order: its rows are written, and nothing is left for the next', async () => {
    const { key } = await administrate<{ key: string }>(gateway.baseUrl, 'POST', '/keys', { name: 'alone' });
    await Promise.all(Array.from({ length: CALLS }, () => begin(key, false)));

    await gateway.stop();

    expect((await rows()).map(({ ending }) => ending)).toEqual(Array.from({ length: CALLS }, () => 'complete'));
    expect(await intents()).toBe(0);
  }, 60_000);
});
