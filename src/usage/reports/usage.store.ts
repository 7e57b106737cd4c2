import { Injectable } from '@nestjs/common';
import { GatewayError } from '../../core/errors.js';
import { PrismaService, type Transaction } from '../../platform/index.js';
import { isDate } from '../moment.js';
import { Turns } from '../requests/turns.js';
import { sqlStateOf } from '../sql-state.js';
import type { Interval } from './groupings.js';
import { type Statement, sumsStatement, type SumsQuestion } from './sums.sql.js';
import type { NamedSums } from './sums.js';

export interface SpanQuestion {
  /** RFC 3339, or a date. */
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly nowMs: number;
  readonly timeZone: string;
}

/** A moment, and how far the clocks of the time zone are ahead of UTC then. */
export interface LocalMoment {
  readonly at: Date;
  readonly offsetS: number;
}

/** The time asked about; `until` is not included. */
export interface UsageSpan {
  readonly since: LocalMoment;
  readonly until: LocalMoment;
}

/** What is asked within one snapshot: all answers agree. */
export interface UsageReader {
  /** Figures that were not asked for are undefined. */
  sums(question: SumsQuestion): Promise<readonly NamedSums[]>;
  /** Of keys and teams, by id; those that are not kept in the database are missing. */
  names(ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

/** Below what the connections themselves grant: a statement that is given up there goes on at the server. */
const PATIENCE_MS = 4_000;
/** Of a sort; twice as much for sums by name. */
const MEMORY = '16MB';
/** So that reports leave connections to those who call. */
const AT_A_TIME = 3;
const INVALID_PARAMETER = '22023';
const CANCELLED = '57014';
const UNKNOWN_ZONE = '`time_zone` is not known to the database. Use a common IANA name such as Europe/Berlin.';
const TAKES_LONG = `The report took longer than ${PATIENCE_MS / 1000} s. Ask for a shorter time.`;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What the roll-ups and the ledger say. All arithmetic with calendars is the database's. */
@Injectable()
export class UsageStore {
  private readonly turns = new Turns(AT_A_TIME);

  constructor(private readonly prisma: PrismaService) {}

  /** Where the time asked about begins and ends. Days of a time zone have 23 to 25 hours. */
  async span({ from, to, nowMs, timeZone }: SpanQuestion): Promise<UsageSpan> {
    const [span] = await this.reachable(this.prisma.$queryRaw<[Record<'since' | 'until', Date> & Record<'sinceS' | 'untilS', number>]>`
      WITH upper AS (
        SELECT coalesce((${dateOf(to)}::date + 1)::timestamp AT TIME ZONE ${timeZone}, ${timeOf(to)}::timestamptz, ${new Date(nowMs)}::timestamptz) AS until
      ), span AS (
        SELECT until, coalesce(
          ${dateOf(from)}::date::timestamp AT TIME ZONE ${timeZone},
          ${timeOf(from)}::timestamptz,
          date_trunc('day', until AT TIME ZONE ${timeZone} - interval '30 days') AT TIME ZONE ${timeZone}) AS since
        FROM upper
      )
      SELECT since, until,
             extract(epoch FROM (since AT TIME ZONE ${timeZone}) - (since AT TIME ZONE 'UTC'))::int AS "sinceS",
             extract(epoch FROM (until AT TIME ZONE ${timeZone}) - (until AT TIME ZONE 'UTC'))::int AS "untilS"
      FROM span`);
    return { since: { at: span.since, offsetS: span.sinceS }, until: { at: span.until, offsetS: span.untilS } };
  }

  /**
   * When each interval of the span begins, the first of them perhaps before it. An interval begins with the first moment that belongs to
   * it: of the two midnights of a day the first; where clocks are put back by half an hour, what is left of the second hour is one of its own.
   */
  async intervals(interval: Interval, { since, until }: UsageSpan, timeZone: string): Promise<readonly LocalMoment[]> {
    const moments = interval === 'hour' ? this.hours(since.at, until.at, timeZone) : this.dates(interval, [since.at, until.at], timeZone);
    const all = await this.reachable(moments);
    const first = all.findLastIndex(({ at }) => at <= since.at);
    return all.slice(Math.max(first, 0)).filter(({ at }) => at < until.at);
  }

  /** Reads within one snapshot. What takes too long is refused: `invalid_request`. */
  snapshot<Result>(read: (reader: UsageReader) => Promise<Result>): Promise<Result> {
    // Compiling a statement would take longer than most of them do, and so would sorting what many groups have on a disk.
    const settings = `SELECT set_config('statement_timeout', '${PATIENCE_MS}', true), set_config('jit', 'off', true), set_config('work_mem', '${MEMORY}', true)`;
    return this.turns.take(() =>
      this.reachable(
        this.prisma.$transaction(
          async (transaction) => {
            await transaction.$queryRawUnsafe(settings);
            return read(readerOf(transaction));
          },
          { isolationLevel: 'RepeatableRead', timeout: 5 * PATIENCE_MS },
        ),
      ),
    );
  }

  private hours(since: Date, until: Date, timeZone: string): Promise<readonly LocalMoment[]> {
    return this.prisma.$queryRaw<LocalMoment[]>`
      SELECT at, extract(epoch FROM (at AT TIME ZONE ${timeZone}) - (at AT TIME ZONE 'UTC'))::int AS "offsetS"
      FROM (
        SELECT at, date_trunc('hour', at, ${timeZone}) AS hour, lag(date_trunc('hour', at, ${timeZone})) OVER (ORDER BY at) AS before
        FROM generate_series(date_bin('15 minutes', ${since}::timestamptz - interval '2 hours', 'epoch'), ${until}::timestamptz, '15 minutes') AS at
      ) AS quarter
      WHERE hour <> before ORDER BY at`;
  }

  private dates(unit: Exclude<Interval, 'hour'>, [since, until]: readonly [Date, Date], timeZone: string): Promise<readonly LocalMoment[]> {
    return this.prisma.$queryRaw<LocalMoment[]>`
      SELECT at, extract(epoch FROM (at AT TIME ZONE ${timeZone}) - (at AT TIME ZONE 'UTC'))::int AS "offsetS"
      FROM (
        SELECT DISTINCT first.at FROM generate_series(
          date_trunc(${unit}::text, (${since}::timestamptz AT TIME ZONE ${timeZone})),
          ${until}::timestamptz AT TIME ZONE ${timeZone} + interval '1 day', ('1 ' || ${unit}::text)::interval) AS midnight
        CROSS JOIN LATERAL (
          SELECT min(quarter) AS at
          FROM generate_series(midnight AT TIME ZONE ${timeZone} - interval '3 hours', midnight AT TIME ZONE ${timeZone}, '15 minutes') AS quarter
          WHERE quarter AT TIME ZONE ${timeZone} >= midnight
        ) AS first
      ) AS date ORDER BY at`;
  }

  private async reachable<Result>(reading: Promise<Result>): Promise<Result> {
    try {
      return await reading;
    } catch (error) {
      if (error instanceof GatewayError) throw error;
      const state = sqlStateOf(error);
      if (state === INVALID_PARAMETER) throw new GatewayError('invalid_request', UNKNOWN_ZONE, { param: 'time_zone', cause: error });
      if (state === CANCELLED) throw new GatewayError('invalid_request', TAKES_LONG, { param: 'from', cause: error });
      if (state !== undefined) throw error;
      throw new GatewayError('service_unavailable', 'The database cannot be read right now. Try again in a moment.', {
        retryAfterMs: 1_000,
        cause: error,
      });
    }
  }
}

function readerOf(transaction: Transaction): UsageReader {
  const read = <Row>({ text, values }: Statement): Promise<Row[]> => transaction.$queryRawUnsafe<Row[]>(text, ...values);
  return {
    sums: (question) => read<NamedSums>(sumsStatement(question)),
    names: async (ids) => {
      const stored = ids.filter((id) => UUID.test(id));
      if (stored.length === 0) return new Map();
      const rows = await transaction.$queryRaw<{ id: string; name: string }[]>`
        SELECT id::text, name FROM api_keys WHERE id = ANY (${stored}::uuid[])
        UNION ALL SELECT id::text, name FROM teams WHERE id = ANY (${stored}::uuid[])`;
      return new Map(rows.map(({ id, name }) => [id, name]));
    },
  };
}

function dateOf(moment: string | undefined): string | null {
  return moment !== undefined && isDate(moment) ? moment : null;
}

function timeOf(moment: string | undefined): string | null {
  return moment !== undefined && !isDate(moment) ? moment : null;
}
