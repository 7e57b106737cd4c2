import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { SummaryDto } from '../../src/admin/summary.dto.js';
import { SummaryService } from '../../src/admin/summary.service.js';
import { SummaryStore } from '../../src/admin/summary.store.js';
import { toSummaryWindow } from '../../src/admin/summary-window.js';
import { systemClock } from '../../src/core/clock.js';
import { Database } from '../../src/platform/database/database.js';
import { PrismaService } from '../../src/platform/database/prisma.service.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { Gate } from '../support/gate.js';
import { query } from '../support/query.js';
import { silentLog } from '../support/silent-log.js';

const NOW = Date.parse('2026-11-20T12:34:56Z');
const PRESENT = { version: '1', uptime_s: 1, providers: [], provider_states: [], budgets_near_limit: [] };

/** Of a cell; what is left out is 0. */
interface Sums {
  readonly requests: number;
  readonly errors?: number;
  readonly unpriced?: number;
  readonly input?: number;
  readonly output?: number;
  readonly cost?: number;
}

describe('the summary', () => {
  let server: TestDatabase;
  let gate: Gate;
  let database: Database;
  let prisma: PrismaService;
  let service: SummaryService;

  beforeAll(async () => {
    server = await createDatabase();
    gate = await Gate.before(server.url);
    await gate.open();
    database = await Database.open({ databaseUrl: gate.url, dataDir: '' }, silentLog, systemClock);
    prisma = new PrismaService(database);
    service = new SummaryService(new SummaryStore(prisma), { read: () => Promise.resolve(PRESENT) }, { now: () => NOW });
  });

  afterEach(() => query(server.url, 'TRUNCATE usage_days, usage_quarters, refusals'));

  afterAll(async () => {
    await prisma.$disconnect();
    await database.close();
    await gate.shut();
    await server.drop();
  });

  const read = (window: string): Promise<SummaryDto> => service.read(toSummaryWindow(window, undefined, NOW));

  /** A cell of this day, or of this quarter, with the name `series`, `series|value` or `series|value|subject`. */
  async function cell(
    at: string,
    name: string,
    { requests, errors = 0, unpriced = 0, input = 0, output = 0, cost = 0 }: Sums,
  ): Promise<void> {
    const table = at.includes('T') ? 'usage_quarters' : 'usage_days';
    const [series = '', value = '', subject = ''] = name.split('|');
    await query(
      server.url,
      `INSERT INTO ${table} VALUES ('${series}', '${subject}', '${at}${at.includes('T') ? '' : 'T00:00Z'}', '${value}',
         ${requests}, ${errors}, ${unpriced}, ${input}, 0, 0, 0, ${output}, 0, 0, 0, 0, ${cost}, 0)`,
    );
  }

  it('is nothing where there were no calls', async () => {
    expect(await read('24h')).toMatchObject({
      ...PRESENT,
      window_hours: 24,
      from: '2026-11-19T12:30:00.000Z',
      to: '2026-11-20T12:34:56.000Z',
      requests: 0,
      errors: 0,
      cost_usd: 0,
      latency: { p50_ms: null, p95_ms: null, p99_ms: null },
      top_models: [],
      top_keys: [],
      top_keys_from: '2026-11-19T00:00:00.000Z',
      top_users: [],
      top_users_from: '2026-11-19T00:00:00.000Z',
      refused_requests: 0,
      unpriced_models: [],
    });
  });

  it('adds whole days to the quarters of the day that the window begins in, and leaves out what is before', async () => {
    await cell('2026-11-20', 'total', { requests: 1, errors: 1, input: 10, output: 1, cost: 1_000_000_001 });
    await cell('2026-11-19', 'total', { requests: 1_000 });
    await cell('2026-11-19T12:30Z', 'total', { requests: 20, unpriced: 2, input: 5, output: 2, cost: 2_000_000_000 });
    await cell('2026-11-19T12:15Z', 'total', { requests: 300 });
    await cell('2026-11-20T08:00Z', 'total', { requests: 1 });

    expect(await read('24h')).toMatchObject({
      requests: 21,
      errors: 1,
      unpriced_requests: 2,
      input_tokens: 15,
      output_tokens: 3,
      tokens: { input: 15, output: 3, cache_read: 0 },
      cost_usd: 3.000000001,
    });
    expect((await read('1h')).requests).toBe(0);
    expect((await read('13h')).requests).toBe(1);
  });

  it('reaches 13 months back', async () => {
    await cell('2025-10-20', 'total', { requests: 7 });

    expect((await read('397d')).requests).toBe(7);
    expect((await read('395d')).requests).toBe(0);
  });

  it('has the five dearest models, and no place for calls that reached none', async () => {
    for (const [at, cost] of [60, 10, 50, 30, 40, 20].entries()) {
      await cell('2026-11-20', `model|openai/m${at}`, { requests: 1, cost: cost * 1_000_000_000 });
    }
    await cell('2026-11-20', 'model|', { requests: 9 });
    await cell('2026-11-19T12:45Z', 'model|openai/m1', { requests: 2, cost: 30_000_000_000 });
    await cell('2026-11-20', 'model|openrouter/meta/llama', { requests: 3, cost: 70_000_000_000 });

    const { top_models: top } = await read('24h');

    expect(top[0]).toEqual({ name: 'meta/llama', provider: 'openrouter', requests: 3, cost_usd: 70 });
    expect(top.slice(1).map(({ name, requests, cost_usd: cost }) => [name, requests, cost])).toEqual([
      ['m0', 1, 60],
      ['m2', 1, 50],
      ['m1', 3, 40],
      ['m4', 1, 40],
    ]);
  });

  it('tells from counts by length how long calls took', async () => {
    await cell('2026-11-20', 'latency|16', { requests: 90 });
    await cell('2026-11-19T13:00Z', 'latency|20', { requests: 10 });
    await cell('2026-11-20', 'model_latency|35 openai/m', { requests: 10_000 });

    const { p50_ms: p50, p95_ms: p95, p99_ms: p99 } = (await read('24h')).latency;

    // 5 ms × 2^7.5 to 2^8, and 2^9.5 to 2^10.
    expect(p50).toBeGreaterThan(905);
    expect(p50).toBeLessThan(1_280);
    expect(p95).toBeGreaterThan(3_620);
    expect(p99).toBeGreaterThan(p95!);
    expect(p99).toBeLessThan(5_121);
  });

  it('has the dearest keys and users of whole days, of a month and of a week at most', async () => {
    await cell('2026-11-20', 'key||near', { requests: 1, cost: 1_000_000_000 });
    await cell('2026-11-13', 'key||near', { requests: 1, cost: 2_000_000_000 });
    await cell('2026-10-20', 'key||far', { requests: 1, cost: 9_000_000_000 });
    await cell('2026-11-20', 'user|team-1|ann', { requests: 1, cost: 1_000_000_000 });
    await cell('2026-11-20', 'user|team-2|ann', { requests: 1, cost: 1_000_000_000 });
    await cell('2026-11-14', 'user|team-1|bob', { requests: 1, cost: 3_000_000_000 });
    await cell('2026-11-13', 'user|team-1|eve', { requests: 1, cost: 9_000_000_000 });

    expect(await read('90d')).toMatchObject({
      top_keys: [{ name: 'near', requests: 2, cost_usd: 3 }],
      top_keys_from: '2026-10-21T00:00:00.000Z',
      top_users: [
        { name: 'bob', requests: 1, cost_usd: 3 },
        { name: 'ann', requests: 2, cost_usd: 2 },
      ],
      top_users_from: '2026-11-14T00:00:00.000Z',
    });
    expect(await read('1h')).toMatchObject({ top_users: [{ name: 'ann' }], top_users_from: '2026-11-20T00:00:00.000Z' });
  });

  it('has the users of fewer days where those were busy, but always of today', async () => {
    await cell('2026-11-20', 'total', { requests: 50_000 });
    await cell('2026-11-19', 'total', { requests: 25_000 });
    await cell('2026-11-18', 'total', { requests: 1 });
    expect((await read('7d')).top_users_from).toBe('2026-11-19T00:00:00.000Z');

    await query(server.url, `UPDATE usage_days SET requests = 900000 WHERE at = '2026-11-20T00:00Z'`);
    expect((await read('7d')).top_users_from).toBe('2026-11-20T00:00:00.000Z');
  });

  it('counts what was refused by whole hours, and by what', async () => {
    await query(
      server.url,
      `INSERT INTO refusals VALUES ('2026-11-20T11:00Z', 'k1', 't', 'requests key 60000', 5), ('2026-11-20T12:00Z', 'k2', 't', 'requests key 60000', 6),
         ('2026-11-20T11:00Z', 'k1', 't', 'budget b', 2), ('2026-11-20T10:00Z', 'k1', 't', 'budget b', 100)`,
    );

    expect(await read('1h')).toMatchObject({
      refused_requests: 13,
      top_refusals: [
        { bound: 'requests key 60000', requests: 11 },
        { bound: 'budget b', requests: 2 },
      ],
    });
  });

  it('names the models that had no price', async () => {
    await cell('2026-11-20', 'unpriced|openai/new', { requests: 3 });
    await cell('2026-11-20', 'unpriced|vllm/own/model', { requests: 9 });

    expect((await read('1d')).unpriced_models).toEqual([
      { name: 'own/model', provider: 'vllm', requests: 9 },
      { name: 'new', provider: 'openai', requests: 3 },
    ]);
  });

  it('says so when the database is away', async () => {
    await gate.shut();
    await expect(read('24h')).rejects.toMatchObject({ kind: 'service_unavailable' });
    await gate.open();
  });
});
