import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { CallRecord } from '../../src/core/call.js';
import type { Caller } from '../../src/core/caller.js';
import { type Clock, systemClock } from '../../src/core/clock.js';
import { GatewayError } from '../../src/core/errors.js';
import { makeId } from '../../src/core/ids.js';
import { NO_USAGE } from '../../src/core/usage.js';
import { Database } from '../../src/platform/database/database.js';
import { PrismaService } from '../../src/platform/database/prisma.service.js';
import { validationPipe } from '../../src/platform/http/validation.js';
import type { GatewayRequest } from '../../src/platform/http/request.js';
import { toLedgerLine } from '../../src/usage/ledger/ledger-line.js';
import { LedgerStore } from '../../src/usage/ledger/ledger.store.js';
import { UsageController } from '../../src/usage/reports/usage.controller.js';
import { type UsageStatsDto, UsageStatsQueryDto } from '../../src/usage/reports/usage-stats.dto.js';
import { UsageReports } from '../../src/usage/reports/usage-reports.js';
import { UsageStore } from '../../src/usage/reports/usage.store.js';
import { callRecord } from '../support/call-record.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { Gate } from '../support/gate.js';
import { query } from '../support/query.js';
import { silentLog } from '../support/silent-log.js';
import { fillUsageCells } from '../support/usage-cells.js';

const NOW = Date.parse('2026-11-20T12:00:00Z');
const KEY = 'key-1';

describe('the usage of a key', () => {
  let server: TestDatabase;
  let gate: Gate;
  let database: Database;
  let prisma: PrismaService;
  let controller: UsageController;

  beforeAll(async () => {
    server = await createDatabase();
    gate = await Gate.before(server.url);
    await gate.open();
    database = await Database.open({ databaseUrl: gate.url, dataDir: '' }, silentLog, systemClock);
    prisma = new PrismaService(database);
    await prisma.onModuleInit();
    const clock: Clock = { now: () => NOW, elapsed: () => 0 };
    controller = new UsageController(new UsageReports(new UsageStore(prisma), clock));
  });

  afterEach(() => query(server.url, 'TRUNCATE ledger, usage_days, usage_quarters'));

  afterAll(async () => {
    await prisma.$disconnect();
    await database.close();
    await gate.shut();
    await server.drop();
  });

  async function ask(parameters: Record<string, unknown> = {}): Promise<UsageStatsDto> {
    const question = (await validationPipe().transform(parameters, { type: 'query', metatype: UsageStatsQueryDto })) as UsageStatsQueryDto;
    return controller.stats(question, requestOf(KEY));
  }

  const record = async (...calls: CallRecord[]): Promise<void> => {
    await new LedgerStore(prisma).insert(calls.map(toLedgerLine));
    await fillUsageCells(server.url);
  };

  describe('figures', () => {
    it('are zero for a key that has not called yet', async () => {
      expect(await ask()).toEqual({
        key_id: KEY,
        key_name: 'first',
        from: '2026-10-21T00:00:00+00:00',
        to: '2026-11-20T12:00:00+00:00',
        time_zone: 'UTC',
        requests: 0,
        errors: 0,
        cache_hits: 0,
        tokens: {
          input: 0,
          cache_read: 0,
          cache_write_5m: 0,
          cache_write_1h: 0,
          output: 0,
          reasoning: 0,
          audio_input: 0,
          audio_output: 0,
          image: 0,
          total: 0,
        },
        cost_usd: 0,
        unpriced_requests: 0,
        rows: [],
      });
    });

    it('are exact sums over this key alone', async () => {
      await record(
        call('2026-11-20T10:00:00Z', { costNanoUsd: 1n }),
        call('2026-11-20T10:00:00Z', { costNanoUsd: 4_000_000_000_000_002n }),
        call('2026-11-20T10:00:00Z', { key: 'key-2', costNanoUsd: 77n }),
      );

      const stats = await ask();

      expect(stats).toMatchObject({ requests: 2, errors: 0, unpriced_requests: 0 });
      expect(JSON.stringify(stats)).toContain('"cost_usd":4000000.000000003,');
      expect(stats.tokens).toEqual({
        input: 2_000,
        cache_read: 4_000,
        cache_write_5m: 6,
        cache_write_1h: 8,
        output: 1_000,
        reasoning: 800,
        audio_input: 10,
        audio_output: 12,
        image: 14,
        total: 7_050,
      });
    });

    it('count failures as errors, and a client that hung up not', async () => {
      await record(
        call('2026-11-20T10:00:00Z'),
        call('2026-11-20T10:00:00Z', { ending: 'failed', errorKind: 'upstream_unavailable', provider: undefined, model: undefined }),
        call('2026-11-20T10:00:00Z', { ending: 'upstream_cut', errorKind: 'upstream_protocol' }),
        call('2026-11-20T10:00:00Z', { ending: 'client_gone', errorKind: 'client_closed' }),
      );

      expect(await ask()).toMatchObject({ requests: 4, errors: 2 });
    });

    it('say how many calls have a cost that nobody knows', async () => {
      const unpriced = { costNanoUsd: 0n, priceVersion: undefined } as const;
      await record(
        call('2026-11-20T10:00:00Z', { ...unpriced, model: 'made-up' }),
        call('2026-11-20T10:00:00Z', { ...unpriced, usage: NO_USAGE }),
        call('2026-11-20T10:00:00Z', { costNanoUsd: 0n, priceVersion: 'declared' }),
      );

      expect(await ask()).toMatchObject({ unpriced_requests: 1, cost_usd: 0 });
    });
  });

  describe('the time asked about', () => {
    it('begins with `from`, and ends before a time but after a date', async () => {
      await record(call('2026-11-01T00:00:00Z'), call('2026-11-02T23:59:59.999Z'), call('2026-11-03T00:00:00Z'));

      expect(await ask({ from: '2026-11-01', to: '2026-11-02' })).toMatchObject({ requests: 2, to: '2026-11-03T00:00:00+00:00' });
      expect(await ask({ from: '2026-11-01T00:00:00Z', to: '2026-11-03T00:00:00Z' })).toMatchObject({ requests: 2 });
      expect(await ask({ from: '2026-11-01T00:00:00.001Z', to: '2026-11-03T01:00:00+01:00' })).toMatchObject({ requests: 1 });
      expect(await ask({ from: '2026-11-03', to: '2026-11-03' })).toMatchObject({ requests: 1 });
    });

    it('has the days of the time zone', async () => {
      await record(call('2026-10-31T18:29:59Z'), call('2026-10-31T18:30:00Z'), call('2026-11-01T18:29:59Z'), call('2026-11-01T18:30:00Z'));

      expect(await ask({ from: '2026-11-01', to: '2026-11-01', time_zone: 'Asia/Kolkata' })).toMatchObject({
        from: '2026-11-01T00:00:00+05:30',
        to: '2026-11-02T00:00:00+05:30',
        requests: 2,
      });
    });

    it('begins by default with the day thirty days before', async () => {
      expect(await ask({ to: '2026-04-10', time_zone: 'Europe/Berlin' })).toMatchObject({
        from: '2026-03-12T00:00:00+01:00',
        to: '2026-04-11T00:00:00+02:00',
      });
    });
  });

  describe('rows', () => {
    const starts = (stats: UsageStatsDto) => stats.rows.map(({ start, requests }) => [start, requests]);

    it('are days of 23 and of 25 hours where clocks change', async () => {
      await record(
        ...['2026-03-28T22:59:59Z', '2026-03-28T23:00:00Z', '2026-03-29T21:59:59Z', '2026-03-29T22:00:00Z'].map((at) => call(at)),
        ...['2026-10-24T21:59:59Z', '2026-10-24T22:00:00Z', '2026-10-25T22:59:59Z', '2026-10-25T23:00:00Z'].map((at) => call(at)),
      );

      const stats = await ask({ from: '2026-03-01', interval: 'day', time_zone: 'Europe/Berlin' });

      expect(starts(stats)).toEqual([
        ['2026-03-28T00:00:00+01:00', 1],
        ['2026-03-29T00:00:00+01:00', 2],
        ['2026-03-30T00:00:00+02:00', 1],
        ['2026-10-24T00:00:00+02:00', 1],
        ['2026-10-25T00:00:00+02:00', 2],
        ['2026-10-26T00:00:00+01:00', 1],
      ]);
    });

    it('are two hours where clocks show one twice', async () => {
      await record(call('2026-10-25T00:30:00Z'), call('2026-10-25T01:30:00Z'), call('2026-10-25T01:45:00Z'));

      expect(starts(await ask({ from: '2026-10-25', interval: 'hour', time_zone: 'Europe/Berlin' }))).toEqual([
        ['2026-10-25T02:00:00+02:00', 1],
        ['2026-10-25T02:00:00+01:00', 2],
      ]);
    });

    it('are hours that begin at half past UTC where the zone does', async () => {
      await record(call('2026-11-01T00:29:59Z'), call('2026-11-01T00:30:00Z'), call('2026-11-01T01:29:59Z'));

      expect(starts(await ask({ interval: 'hour', time_zone: 'Asia/Kolkata' }))).toEqual([
        ['2026-11-01T05:00:00+05:30', 1],
        ['2026-11-01T06:00:00+05:30', 2],
      ]);
    });

    it('are weeks from Monday, and months', async () => {
      await record(call('2026-11-01T22:59:59Z'), call('2026-11-01T23:00:00Z'), call('2026-11-08T22:59:59Z'));
      const question = { from: '2026-10-01', time_zone: 'Europe/Berlin' };

      expect(starts(await ask({ ...question, interval: 'week' }))).toEqual([
        ['2026-10-26T00:00:00+01:00', 1],
        ['2026-11-02T00:00:00+01:00', 2],
      ]);
      expect(starts(await ask({ ...question, interval: 'month' }))).toEqual([['2026-11-01T00:00:00+01:00', 3]]);
    });

    it('are models, providers or users, the dearest first, and those that are unknown too', async () => {
      await record(
        call('2026-11-20T10:00:00Z', { costNanoUsd: 1n, model: 'small' }),
        call('2026-11-20T10:00:00Z', { costNanoUsd: 5n, provider: 'azure', user: null }),
        call('2026-11-20T10:00:00Z', { costNanoUsd: 0n, ending: 'failed', provider: undefined, model: undefined }),
      );

      const by = async (group_by: 'model' | 'provider' | 'user') =>
        (await ask({ group_by })).rows.map((row) => [row[group_by], row.requests]);

      expect(await by('model')).toEqual([
        ['gpt-4o', 1],
        ['small', 1],
        [null, 1],
      ]);
      expect(await by('provider')).toEqual([
        ['azure', 1],
        ['openai', 1],
        [null, 1],
      ]);
      expect(await by('user')).toEqual([
        [null, 1],
        ['ann', 2],
      ]);
    });

    it('add up to the total', async () => {
      const calls = Array.from({ length: 300 }, (_, index) =>
        call(new Date(NOW - (index + 1) * 3_600_000).toISOString(), { costNanoUsd: BigInt(index), model: `model-${index % 7}` }),
      );
      await record(...calls);

      const { cost_usd, requests, rows } = await ask({ interval: 'day', group_by: 'model', time_zone: 'America/St_Johns' });

      const nano = (usd: number): bigint => BigInt(Math.round(usd * 1e9));
      expect(requests).toBe(300);
      expect(rows.reduce((sum, row) => sum + row.requests, 0)).toBe(300);
      expect(rows.reduce((sum, row) => sum + nano(row.cost_usd), 0n)).toBe(nano(cost_usd));
      expect(rows.every((row) => row.start !== undefined && row.model !== undefined)).toBe(true);
    });

    it('are refused rather than cut where they would be too many', async () => {
      await query(
        server.url,
        `INSERT INTO ledger (admitted_at, call_id, request_id, key_id, tenant, user_id, surface, streamed, model_asked, status, ending,
           input_tokens, cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens, output_tokens, reasoning_tokens,
           audio_input_tokens, audio_output_tokens, image_tokens, usage_source, cost_nano_usd, duration_ms, overhead_us, attempts)
         SELECT '2026-11-20T10:00:00Z', gen_random_uuid(), 'r', '${KEY}', 't', 'user-' || n, 'openai-chat', false, 'm', 200, 'complete',
           0, 0, 0, 0, 0, 0, 0, 0, 0, 'provider', 0, 1, 1, '[]' FROM generate_series(1, 2001) AS n`,
      );

      await fillUsageCells(server.url);

      await expect(ask({ group_by: 'user' })).rejects.toMatchObject({ kind: 'invalid_request', details: { param: 'group_by' } });
      expect(await ask()).toMatchObject({ requests: 2_001 });
      await query(server.url, `DELETE FROM ledger WHERE user_id = 'user-1'`);
      await fillUsageCells(server.url);
      expect((await ask({ group_by: 'user' })).rows).toHaveLength(2_000);
    });
  });

  describe('a question it cannot answer', () => {
    it.each([
      [{ from: 'yesterday' }, 'from', '`from` must be a date such as 2026-11-01 or a time as in RFC 3339'],
      [{ from: '2026-02-30' }, 'from', '`from` must be a date'],
      [{ to: '2026-02-30T00:00:00Z' }, 'to', '`to` must be a date'],
      [{ to: '2026-11-01T00:00:00 01:00' }, 'to', '%2B'],
      [{ from: '2026-11-01T00:00:00' }, 'from', '`from` must be a date'],
      [{ from: ['2026-11-01', '2026-11-02'] }, 'from', '`from` must be a date'],
      [{ interval: 'minute' }, 'interval', '`interval` must be one of the following values: hour, day, week, month.'],
      [{ group_by: 'planet' }, 'group_by', '`group_by` must be one of the following values: model, provider, user, tag, template.'],
      [{ time_zone: 'Mars/Olympus' }, 'time_zone', '`time_zone` must be the IANA name of a time zone'],
      [{ time_zone: '+05:30' }, 'time_zone', '`time_zone` must be the IANA name of a time zone'],
      [{ nonsense: '1' }, 'nonsense', 'Unknown parameter `nonsense`. Accepted are `interval`, `group_by`, `from`, `to`, `time_zone`.'],
      [{ from: '2026-11-20', to: '2026-11-19' }, 'from', '`from` must be before `to`.'],
    ])('is refused by name: %j', async (parameters, param, message) => {
      const refusal = await ask(parameters).catch((error: unknown) => error);

      expect(refusal).toBeInstanceOf(GatewayError);
      expect(refusal).toMatchObject({ kind: 'invalid_request', details: { param }, message: expect.stringContaining(message) });
    });

    it('is one for later while the database is away', async () => {
      await gate.shut();

      await expect(ask()).rejects.toMatchObject({ kind: 'service_unavailable', details: { retryAfterMs: 1_000 } });

      await gate.open();
      expect(await ask()).toMatchObject({ requests: 0 });
    });
  });
});

interface CallOverrides extends Partial<CallRecord> {
  readonly key?: string;
  /** null = none. */
  readonly user?: string | null;
}

function call(at: string, { key = KEY, user = 'ann', ...overrides }: CallOverrides = {}): CallRecord {
  const whole = callRecord(overrides);
  const admittedAt = Date.parse(at);
  const caller = { ...whole.call.caller, keyId: key };
  return { ...whole, call: { ...whole.call, callId: makeId(admittedAt), admittedAt, caller, userId: user ?? undefined } };
}

function requestOf(keyId: string): GatewayRequest {
  const caller: Caller = { keyId, keyName: 'first', role: 'client', tenant: keyId };
  return { caller } as GatewayRequest;
}
