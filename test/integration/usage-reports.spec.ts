import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { systemClock } from '../../src/core/clock.js';
import { Database } from '../../src/platform/database/database.js';
import { PrismaService } from '../../src/platform/database/prisma.service.js';
import { GROUPINGS, type Grouping, INTERVALS, type Interval } from '../../src/usage/reports/groupings.js';
import type { ReportRow } from '../../src/usage/reports/report-reading.js';
import { groupingsOf, type Scope } from '../../src/usage/reports/source.js';
import { type Report, UsageReports } from '../../src/usage/reports/usage-reports.js';
import { UsageStore } from '../../src/usage/reports/usage.store.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { query } from '../support/query.js';
import { silentLog } from '../support/silent-log.js';
import { fillUsageCells } from '../support/usage-cells.js';

const NOW = Date.parse('2026-11-05T13:37:21.417Z');
const ZONES = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'Pacific/Chatham', 'America/Havana'];
/** Between them clocks are changed in all of these zones. */
const TIMES = [
  ['2026-03-03', 45],
  ['2026-10-01', 45],
] as const;
const DAY_MS = 86_400_000;
const MOST_DAYS: Readonly<Record<Interval | 'none', number>> = { hour: 6, day: 30, week: 400, month: 400, none: 400 };
const MOST_DAYS_OF_USERS = 2;
const MOST_DAYS_OF_HOURS_BY_ROW = 2;

/** Calls on both sides of every quarter of an hour, and everywhere else. */
const FILL = TIMES.map(
  ([from, days], at) => `
  INSERT INTO ledger (admitted_at, call_id, request_id, key_id, tenant, user_id, surface, streamed, model_asked, provider, model, status, ending, error_kind,
    input_tokens, cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens, output_tokens, reasoning_tokens, audio_input_tokens,
    audio_output_tokens, image_tokens, usage_source, cost_nano_usd, price_version, duration_ms, overhead_us, attempts, tags, template)
  SELECT '${from}T00:00:00Z'::timestamptz + floor(random() * ${days} * 96) * interval '15 minutes'
      + CASE n % 4 WHEN 0 THEN interval '0' WHEN 1 THEN interval '-1 ms' ELSE floor(random() * 900000) * interval '1 ms' END,
    gen_random_uuid(), 'r', 'key-' || n % 5, 'team-' || n % 3, CASE WHEN n % 7 > 0 THEN 'user ' || floor(random() * random() * 20) END,
    'openai-chat', false, 'm', CASE WHEN n % 11 > 0 THEN 'p' || n % 2 END, CASE WHEN n % 11 > 0 THEN 'org/m' || n % 6 END, 200,
    CASE n % 13 WHEN 0 THEN 'failed' WHEN 1 THEN 'client_gone' ELSE 'complete' END, CASE WHEN n % 13 = 0 THEN 'rate_limited' END,
    n % 50, n % 3, 1, 2, n % 30, n % 5, 3, 4, 5, 'provider', CASE WHEN n % 17 = 0 THEN 0 ELSE n * 1009 % 100000 END,
    CASE WHEN n % 17 > 0 THEN 'v' END, 1 + n * 31 % 5000, 1, '[]',
    CASE n % 4 WHEN 0 THEN NULL WHEN 1 THEN '{}' WHEN 2 THEN jsonb_build_object('app', 'a' || n % 5) ELSE jsonb_build_object('app', 'a' || n % 5, 'env', 'x') END,
    CASE WHEN n % 3 = 0 THEN 't' || n % 4 END
  FROM (SELECT n FROM generate_series(1, 2500) AS n, setseed(0.${at + 1})) AS numbers`,
);

const NAMES: Readonly<Record<Grouping, string>> = {
  model: `coalesce(model, '')`,
  provider: `coalesce(provider, '')`,
  key: 'key_id',
  team: 'tenant',
  user: `coalesce(user_id, '')`,
  tag: `tag.key || '=' || tag.value`,
  template: `coalesce(template, '')`,
  outcome: 'coalesce(error_kind, ending)',
};

interface Question {
  readonly scope: Scope;
  readonly interval: Interval | undefined;
  readonly groupBy: Grouping | undefined;
  readonly timeZone: string;
  readonly from: string;
  readonly to: string;
  readonly limit: number | undefined;
}

/** A row of a report as plain sums have it, too. `place` counts the intervals that have calls. */
interface Line {
  readonly place: number;
  readonly name: string;
  readonly sums: string;
}

describe('reports', () => {
  let server: TestDatabase;
  let database: Database;
  let prisma: PrismaService;
  let reports: UsageReports;

  beforeAll(async () => {
    server = await createDatabase();
    for (const fill of FILL) await query(server.url, fill);
    await fillUsageCells(server.url);
    database = await Database.open({ databaseUrl: server.url, dataDir: '' }, silentLog, systemClock);
    prisma = new PrismaService(database);
    await prisma.onModuleInit();
    reports = new UsageReports(new UsageStore(prisma), { now: () => NOW });
  });

  afterAll(async () => {
    await prisma.$disconnect();
    await database.close();
    await server.drop();
  });

  const ask = ({ from, to, limit, ...shape }: Question): Promise<Report> => reports.report(shape, { from, to }, { limit, most: 1_000_000 });

  interface PlainSums {
    readonly start: Date | null;
    readonly first: Date;
    readonly last: Date;
    readonly name: string;
    readonly sums: string;
    readonly cost: string;
    readonly requests: string;
  }

  /** What Postgres makes of the rows themselves. `sums` is all figures in one text. */
  const plain = ({ scope, interval, groupBy, timeZone, from, to }: Question): Promise<PlainSums[]> =>
    query<PlainSums & Record<string, unknown>>(
      server.url,
      `SELECT ${interval ? `date_trunc('${interval}', admitted_at, '${timeZone}')` : 'NULL::timestamptz'} AS start,
         min(admitted_at) AS first, max(admitted_at) AS last, ${groupBy ? NAMES[groupBy] : `''`} AS name, count(*) AS requests, sum(cost_nano_usd) AS cost,
         concat_ws(',', count(*), count(*) FILTER (WHERE ending NOT IN ('complete', 'client_gone')), count(*) FILTER (WHERE price_version IS NULL),
           sum(input_tokens), sum(cache_read_tokens), sum(cache_write_5m_tokens), sum(cache_write_1h_tokens), sum(output_tokens), sum(reasoning_tokens),
           sum(audio_input_tokens), sum(audio_output_tokens), sum(image_tokens), sum(cost_nano_usd)) AS sums
       FROM ledger${groupBy === 'tag' ? ', jsonb_each_text(tags) AS tag' : ''}
       WHERE admitted_at >= '${from}' AND admitted_at < '${to}' AND ${conditionOf(scope)} GROUP BY start, name ORDER BY start`,
    );

  describe('of anybody, at any time, in any zone', () => {
    const question: fc.Arbitrary<Question> = fc
      .record({
        scope: fc.constantFrom<Scope>(
          { of: 'everything' },
          { of: 'key', keyId: 'key-1' },
          { of: 'user', userId: 'user 1', tenant: undefined },
          { of: 'user', userId: 'user 1', tenant: 'team-1' },
        ),
        interval: fc.option(fc.constantFrom(...INTERVALS), { nil: undefined }),
        grouping: fc.option(fc.constantFrom(...GROUPINGS), { nil: undefined }),
        timeZone: fc.constantFrom(...ZONES),
        start: fc.record({ time: fc.constantFrom(...TIMES), at: fc.double({ min: -0.1, max: 1, noNaN: true }) }),
        length: fc.double({ min: 0.0001, max: 1, noNaN: true }),
        step: fc.constantFrom(1, 900_000, 3_600_000, DAY_MS),
        limit: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
      })
      .map(({ scope, interval, grouping, timeZone, start, length, step, limit }) => {
        const groupBy = grouping !== undefined && groupingsOf(scope.of).includes(grouping) ? grouping : undefined;
        const isByRow = interval === 'hour' && (scope.of === 'user' || (scope.of === 'key' && groupBy !== undefined));
        const most = Math.min(
          MOST_DAYS[interval ?? 'none'],
          groupBy === 'user' ? MOST_DAYS_OF_USERS : 400,
          isByRow ? MOST_DAYS_OF_HOURS_BY_ROW : 400,
        );
        const since = rounded(Date.parse(start.time[0]) + start.at * start.time[1] * DAY_MS, step);
        const until = rounded(Math.max(since + length * Math.min(most, 300) * DAY_MS, since + step), step);
        return { scope, interval, groupBy, timeZone, from: new Date(since).toISOString(), to: new Date(until).toISOString(), limit };
      });

    it('are the plain sums over the rows', async () => {
      await fc.assert(
        fc.asyncProperty(question, async (asked) => {
          const [report, sums] = [await ask(asked), await plain(asked)];
          const starts = [...new Set(sums.map(({ start }) => start?.getTime()))];
          if (asked.interval || asked.groupBy) expect(linesOf(report)).toEqual(plainLines(sums, starts, asked));
          expect(textOf(report.totals.whole)).toBe(
            (await plain({ ...asked, interval: undefined, groupBy: undefined }))[0]?.sums ?? NOTHING,
          );
          if (asked.interval) expectStarts(report, sums, asked);
        }),
        { numRuns: 250 },
      );
    }, 120_000);
  });

  it.each<[Partial<Question>, RegExp]>([
    [{ interval: 'hour', groupBy: 'team', to: '2026-10-09T00:00:00Z' }, /at most 7 days.*without `group_by`/],
    [{ interval: 'hour', groupBy: 'model', scope: { of: 'key', keyId: 'key-1' }, to: '2026-10-05T00:00:00Z' }, /at most 3 days/],
    [
      { interval: 'hour', scope: { of: 'user', userId: 'user 1', tenant: undefined }, to: '2026-10-05T00:00:00Z' },
      /end user.*at most 3 days/,
    ],
    [
      { interval: 'day', groupBy: 'tag', scope: { of: 'key', keyId: 'key-1' }, timeZone: 'Asia/Kathmandu', to: '2026-11-03T00:00:00Z' },
      /at most 31 days/,
    ],
    [{ groupBy: 'user', to: '2026-10-05T00:00:00Z' }, /at most 3 days.*`key_id`/],
  ])('are refused where too much would be read, and say what to ask instead: %j', async (asked, message) => {
    const usual: Question = {
      scope: { of: 'everything' },
      interval: undefined,
      groupBy: undefined,
      timeZone: 'UTC',
      from: '2026-10-01T00:00:00Z',
      to: '2026-10-01T00:00:00Z',
      limit: 5,
    };

    await expect(ask({ ...usual, ...asked })).rejects.toThrow(message);
  });

  it('have the latency of complete calls within a bucket of the exact one', async () => {
    const asked: Question = {
      scope: { of: 'everything' },
      interval: undefined,
      groupBy: 'model',
      timeZone: 'UTC',
      from: '2026-10-02T03:04:05Z',
      to: '2026-10-20T01:02:03Z',
      limit: 50,
    };
    const report = await ask(asked);
    const [{ count } = { count: '' }] = await query<{ count: string }>(
      server.url,
      `SELECT count(*) FROM ledger WHERE ending = 'complete' AND admitted_at >= '${asked.from}' AND admitted_at < '${asked.to}'`,
    );
    const total = (counts: readonly number[] | undefined): number => (counts ?? []).reduce((sum, each) => sum + each, 0);

    expect(total(report.latency)).toBe(Number(count));
    expect(report.rows.reduce((sum, row) => sum + total(report.rowLatency(row)), 0)).toBe(Number(count));
  });
});

const NOTHING = '0,0,0,0,0,0,0,0,0,0,0,0,0';
const FIGURES = [
  'requests',
  'errors',
  'unpriced',
  'input',
  'cacheRead',
  'cacheWrite5m',
  'cacheWrite1h',
  'output',
  'reasoning',
  'audioInput',
  'audioOutput',
  'image',
  'costNanoUsd',
] as const;

function textOf(sums: ReportRow['sums']): string {
  return FIGURES.map((figure) => sums[figure]).join(',');
}

function linesOf({ rows }: Report): readonly Line[] {
  const slots = [...new Set(rows.map(({ slot }) => slot))];
  return inOrder(
    rows.map(({ slot, name, isOther, sums }) => ({
      place: slots.indexOf(slot),
      name: isOther ? '(others)' : (name ?? ''),
      sums: textOf(sums),
    })),
  );
}

/** With a limit the dearest names of the whole time stand for themselves. */
function plainLines(
  sums: readonly {
    readonly start: Date | null;
    readonly name: string;
    readonly sums: string;
    readonly cost: string;
    readonly requests: string;
  }[],
  starts: readonly (number | undefined)[],
  { limit, groupBy }: Question,
): readonly Line[] {
  const ranked = [...new Set(sums.map(({ name }) => name))]
    .map((name) => {
      const own = sums.filter((row) => row.name === name);
      return {
        name,
        cost: own.reduce((sum, row) => sum + Number(row.cost), 0),
        requests: own.reduce((sum, row) => sum + Number(row.requests), 0),
      };
    })
    .sort((one, other) => other.cost - one.cost || other.requests - one.requests || (one.name < other.name ? -1 : 1));
  const shown = new Set((groupBy && limit !== undefined ? ranked.slice(0, limit) : ranked).map(({ name }) => name));
  const lines = new Map<string, Line>();
  for (const row of sums) {
    const [place, name] = [starts.indexOf(row.start?.getTime()), shown.has(row.name) ? row.name : '(others)'];
    const key = `${place} ${name}`;
    lines.set(key, { place, name, sums: summed(lines.get(key)?.sums ?? NOTHING, row.sums) });
  }
  return inOrder([...lines.values()]);
}

function summed(one: string, other: string): string {
  const figures = other.split(',');
  return one
    .split(',')
    .map((figure, at) => BigInt(figure) + BigInt(figures[at]!))
    .join(',');
}

function inOrder(lines: readonly Line[]): readonly Line[] {
  return lines.toSorted((one, other) => one.place - other.place || (one.name < other.name ? -1 : Number(one.name > other.name)));
}

/** An interval begins not after its first call and after the last one before it; where `date_trunc` names a moment of its own, at that. */
function expectStarts(report: Report, sums: readonly { start: Date | null; first: Date; last: Date }[], { timeZone }: Question): void {
  const slots = [...new Set(report.rows.map(({ slot }) => slot))];
  const plainStarts = [...new Set(sums.map(({ start }) => start!.getTime()))];
  for (const [at, slot] of slots.entries()) {
    const start = report.starts[slot]!.at.getTime();
    const own = sums.filter((row) => row.start!.getTime() === plainStarts[at]);
    expect(start).toBeLessThanOrEqual(Math.min(...own.map(({ first }) => first.getTime())));
    if (timeZone !== 'Australia/Lord_Howe' && timeZone !== 'America/Havana') expect(start).toBe(plainStarts[at]);
    const before = sums.filter((row) => row.start!.getTime() === plainStarts[at - 1]);
    for (const { last } of before) expect(start).toBeGreaterThan(last.getTime());
  }
}

function conditionOf(scope: Scope): string {
  if (scope.of === 'everything') return 'true';
  if (scope.of === 'key') return `key_id = '${scope.keyId}'`;
  return `user_id = '${scope.userId}'${scope.tenant === undefined ? '' : ` AND tenant = '${scope.tenant}'`}`;
}

function rounded(at: number, step: number): number {
  return Math.floor(at / step) * step;
}
