import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { systemClock } from '../../src/core/clock.js';
import { makeId } from '../../src/core/ids.js';
import { BUCKETS, NO_USAGE } from '../../src/core/usage.js';
import { Database } from '../../src/platform/database/database.js';
import { PrismaService } from '../../src/platform/database/prisma.service.js';
import { type LedgerRecord, toLedgerLine } from '../../src/usage/ledger/ledger-line.js';
import { LedgerStore } from '../../src/usage/ledger/ledger.store.js';
import { LATENCY_BOUNDS_MS, latencyBucketName } from '../../src/usage/rollups/latency-buckets.js';
import { LedgerAudit } from '../../src/usage/verification/ledger-audit.js';
import { callRecord } from '../support/call-record.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { query } from '../support/query.js';
import { silentLog } from '../support/silent-log.js';

const NOON = Date.UTC(2026, 10, 21, 12);
const DAY_MS = 86_400_000;

type Changes = Omit<Partial<LedgerRecord>, 'call'> & {
  readonly at?: number;
  readonly callId?: string;
  readonly key?: string;
  readonly tenant?: string;
  readonly user?: string | undefined;
  readonly tags?: Readonly<Record<string, string>>;
  readonly template?: string | undefined;
};

describe('the cells of roll-ups', () => {
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
  });

  const clear = (): Promise<unknown> => query(server.url, 'TRUNCATE ledger, usage_quarters, usage_days');
  beforeEach(clear);

  afterAll(async () => {
    await audit.close();
    await prisma.$disconnect();
    await database.close();
    await server.drop();
  });

  const write = (...rows: readonly LedgerRecord[]): Promise<void> => store.insert(rows.map(toLedgerLine));

  /** How many requests cells have, by their names `series|subject|at|value`. */
  async function cellsIn(table: string, condition = 'true'): Promise<Readonly<Record<string, number>>> {
    const rows = await query<{ name: string; requests: string }>(
      server.url,
      `SELECT concat_ws('|', series, subject, to_char(at AT TIME ZONE 'UTC', 'DD HH24:MI'), value) AS name, requests::text AS requests
       FROM ${table} WHERE ${condition} ORDER BY 1`,
    );
    return Object.fromEntries(rows.map(({ name, requests }) => [name, Number(requests)]));
  }

  it('are those of the contract, by quarters and by days', async () => {
    await write(entry({ template: 'greeting', priceVersion: undefined }));

    const shared = (at: string): readonly string[] => [
      `total||${at}|`,
      `model||${at}|openai/gpt-4o`,
      `team||${at}|team-1`,
      `tag||${at}|app=search`,
      `tag||${at}|stage=a=b`,
      `template||${at}|greeting`,
      `outcome||${at}|complete`,
      `latency||${at}|15`,
      `model_latency||${at}|15 openai/gpt-4o`,
      `unpriced||${at}|openai/gpt-4o`,
      `key|key-1|${at}|`,
    ];
    const byDay = [
      'key_model|key-1|21 00:00|openai/gpt-4o',
      'key_user|key-1|21 00:00|ann',
      'key_tag|key-1|21 00:00|app=search',
      'key_tag|key-1|21 00:00|stage=a=b',
      'key_template|key-1|21 00:00|greeting',
      'user|ann|21 00:00|team-1',
      'user_model|ann|21 00:00|team-1 openai/gpt-4o',
    ];
    expect(Object.keys(await cellsIn('usage_quarters')).sort()).toEqual([...shared('21 12:00')].sort());
    expect(Object.keys(await cellsIn('usage_days')).sort()).toEqual([...shared('21 00:00'), ...byDay].sort());
  });

  it('leave out what a call has none of, and name the key of a call without a user', async () => {
    await write(
      entry({ user: undefined, tags: {}, provider: undefined, model: undefined, ending: 'failed', errorKind: 'upstream_timeout' }),
    );

    expect(Object.keys(await cellsIn('usage_days')).sort()).toEqual(
      [
        'total||21 00:00|',
        'model||21 00:00|',
        'team||21 00:00|team-1',
        'outcome||21 00:00|upstream_timeout',
        'key|key-1|21 00:00|',
        'key_model|key-1|21 00:00|',
        'key_user|key-1|21 00:00|',
      ].sort(),
    );
  });

  it('have every sum of their rows', async () => {
    const record = entry({ costNanoUsd: 40n, providerCostNanoUsd: 30n });
    await write(
      record,
      entry({ costNanoUsd: 2n, ending: 'failed', errorKind: 'internal', priceVersion: undefined }),
      entry({ costNanoUsd: 0n, ending: 'client_gone', errorKind: 'client_closed', usage: NO_USAGE, priceVersion: undefined }),
    );

    const [total] = await query(server.url, `SELECT * FROM usage_days WHERE series = 'total'`);
    const twice = (count: number): string => String(2 * count);
    const { usage } = record;
    expect(total).toMatchObject({
      requests: '3',
      errors: '1',
      unpriced: '1',
      input_tokens: twice(usage.input),
      cache_read_tokens: twice(usage.cacheRead),
      cache_write_5m_tokens: twice(usage.cacheWrite5m),
      cache_write_1h_tokens: twice(usage.cacheWrite1h),
      output_tokens: twice(usage.output),
      reasoning_tokens: twice(usage.reasoning),
      audio_input_tokens: twice(usage.audioInput),
      audio_output_tokens: twice(usage.audioOutput),
      image_tokens: twice(usage.image),
      cost_nano_usd: '42',
      provider_cost_nano_usd: '30',
    });
  });

  it('begin with their quarter and their day of UTC', async () => {
    const quarter = 900_000;
    await write(
      ...[NOON - 1, NOON, NOON + quarter - 1, NOON + quarter, NOON + DAY_MS / 2 - 1, NOON + DAY_MS / 2].map((at) => entry({ at })),
    );

    expect(await cellsIn('usage_quarters', `series = 'total'`)).toEqual({
      'total||21 11:45|': 1,
      'total||21 12:00|': 2,
      'total||21 12:15|': 1,
      'total||21 23:45|': 1,
      'total||22 00:00|': 1,
    });
    expect(await cellsIn('usage_days', `series = 'total'`)).toEqual({ 'total||21 00:00|': 5, 'total||22 00:00|': 1 });
  });

  it('have latencies in the buckets that percentiles are read from', async () => {
    const durations = [0, 1, ...LATENCY_BOUNDS_MS.flatMap((bound) => [bound, bound + 1]), 2_147_483_647];
    await write(...durations.map((durationMs) => entry({ durationMs })));

    const expected: Record<string, number> = {};
    for (const duration of durations) {
      const name = `latency||21 00:00|${latencyBucketName(LATENCY_BOUNDS_MS.filter((bound) => bound < duration).length)}`;
      expected[name] = (expected[name] ?? 0) + 1;
    }
    expect(await cellsIn('usage_days', `series = 'latency'`)).toEqual(expected);
  });

  it('count a row once, however often it comes, also twice in one batch', async () => {
    const [one, other] = [entry(), entry()];
    await write(one, other, one);
    await write(other, one);
    await write(one);

    expect(await cellsIn('usage_days', `series IN ('total', 'user')`)).toEqual({ 'total||21 00:00|': 2, 'user|ann|21 00:00|team-1': 2 });
    expect((await audit.cells()).total).toBe(0);
  });

  it('neither lock writers out nor double where batches overlap in another order', async () => {
    const rows = Array.from({ length: 240 }, (_, at) =>
      entry({ key: `key-${at % 17}`, user: `user-${at % 31}`, model: `model-${at % 5}`, at: NOON + at * 60_000 }),
    );
    const batchesOf = (all: readonly LedgerRecord[]) => Array.from({ length: 8 }, (_, at) => all.slice(at * 30, at * 30 + 45));
    const writers = [rows, rows.toReversed(), rows.toSorted((a, b) => a.call.caller.keyId.localeCompare(b.call.caller.keyId))];

    await Promise.all(
      writers.map(async (all) => {
        for (const batch of batchesOf(all)) await write(...batch);
      }),
    );

    const [total] = await query<{ requests: string }>(
      server.url,
      `SELECT sum(requests)::text AS requests FROM usage_days WHERE series = 'total'`,
    );
    expect(total!.requests).toBe('240');
    expect((await audit.cells()).total).toBe(0);
  });

  it('move by the difference when what was guessed gives way to what really happened', async () => {
    const callId = makeId(NOON);
    const guess = { callId, ending: 'interrupted', errorKind: 'internal', status: 500, costNanoUsd: 900n } as const;
    await write(
      entry({
        ...guess,
        provider: undefined,
        model: undefined,
        priceVersion: undefined,
        usage: { ...NO_USAGE, output: 70 },
        tags: { app: 'guessed' },
      }),
      entry({ costNanoUsd: 5n }),
    );
    const real = entry({ callId, costNanoUsd: 100n, model: 'gpt-5', tags: { app: 'real' }, durationMs: 20 });
    await write(real, real);

    expect(
      await cellsIn('usage_days', `series IN ('total', 'outcome', 'tag', 'model', 'unpriced', 'latency', 'user_model') AND requests <> 0`),
    ).toEqual({
      'total||21 00:00|': 2,
      'outcome||21 00:00|complete': 2,
      'tag||21 00:00|app=real': 1,
      'tag||21 00:00|app=search': 1,
      'tag||21 00:00|stage=a=b': 1,
      'model||21 00:00|openai/gpt-4o': 1,
      'model||21 00:00|openai/gpt-5': 1,
      'latency||21 00:00|04': 1,
      'latency||21 00:00|15': 1,
      'user_model|ann|21 00:00|team-1 openai/gpt-4o': 1,
      'user_model|ann|21 00:00|team-1 openai/gpt-5': 1,
    });
    const [left] = await query(server.url, `SELECT * FROM usage_quarters WHERE series = 'tag' AND value = 'app=guessed'`);
    expect(left).toMatchObject({ requests: '0', errors: '0', unpriced: '0', output_tokens: '0', cost_nano_usd: '0' });
    const [total] = await query(server.url, `SELECT errors, unpriced, cost_nano_usd FROM usage_days WHERE series = 'total'`);
    expect(total).toEqual({ errors: '0', unpriced: '0', cost_nano_usd: '105' });
    expect((await audit.cells()).total).toBe(0);
  });

  it('stay below what a column holds', async () => {
    const costNanoUsd = 2n ** 63n - 1n;
    await write(entry({ costNanoUsd }), entry({ costNanoUsd }));
    await write(entry({ costNanoUsd, providerCostNanoUsd: costNanoUsd }));

    const [total] = await query(server.url, `SELECT requests, cost_nano_usd FROM usage_days WHERE series = 'total'`);
    expect(total).toEqual({ requests: '3', cost_nano_usd: String(costNanoUsd) });
  });

  it('sum up to the ledger, whatever its rows are', async () => {
    const name = fc.constantFrom('a', 'b', 'Zoë 🦊', 'a b', "it's", 'x/y');
    const changes: fc.Arbitrary<Changes> = fc.record({
      at: fc.integer({ min: NOON - 2 * DAY_MS, max: NOON + 2 * DAY_MS }),
      key: name,
      tenant: name,
      user: fc.option(name, { nil: undefined }),
      tags: fc.dictionary(name, name, { maxKeys: 3 }),
      template: fc.option(name, { nil: undefined }),
      model: name,
      ending: fc.constantFrom('complete', 'client_gone', 'failed', 'interrupted'),
      durationMs: fc.integer({ min: 0, max: 1_000_000 }),
      costNanoUsd: fc.bigInt({ min: 0n, max: 10n ** 12n }),
      priceVersion: fc.constantFrom('p', undefined),
      usage: fc.record(Object.fromEntries([...BUCKETS, 'reasoning' as const].map((bucket) => [bucket, fc.nat(9)]))),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(changes, { minLength: 1, maxLength: 30 }), { minLength: 1, maxLength: 4 }), async (batches) => {
        await clear();
        for (const batch of batches) await write(...batch.map(entry));

        expect((await audit.cells()).differences).toEqual([]);
        for (const series of ['total', 'model', 'team', 'outcome', 'key', 'key_model', 'key_user']) {
          const [sums] = await query(
            server.url,
            `SELECT sum(requests)::text, sum(cost_nano_usd)::text, sum(input_tokens)::text FROM usage_days WHERE series = '${series}'
             EXCEPT SELECT count(*)::text, sum(cost_nano_usd)::text, sum(input_tokens)::text FROM ledger`,
          );
          expect(sums).toBeUndefined();
        }
      }),
      { numRuns: 15 },
    );
  });
});

function entry(changes: Changes = {}): LedgerRecord {
  const {
    at = NOON,
    callId = makeId(at),
    key = 'key-1',
    tenant = 'team-1',
    tags = { app: 'search', stage: 'a=b' },
    template,
    ...record
  } = changes;
  const userId = 'user' in changes ? changes.user : 'ann';
  const whole = callRecord({ failedCostNanoUsd: 0n, budgets: [], ...record });
  return { ...whole, call: { ...whole.call, callId, admittedAt: at, userId, tags, template, caller: { keyId: key, tenant } } };
}
