import { Injectable } from '@nestjs/common';
import { GatewayError } from '../../core/errors.js';
import { PrismaService } from '../../platform/index.js';
import { sqlStateOf } from '../sql-state.js';
import { isDate } from '../moment.js';
import type { Grouping, Interval } from './usage-stats.dto.js';

export interface UsageQuestion {
  readonly keyId: string;
  /** RFC 3339, or a date. */
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly nowMs: number;
  readonly interval: Interval | undefined;
  readonly groupBy: Grouping | undefined;
  readonly timeZone: string;
}

/** The time asked about, and how far its clocks are ahead of UTC at either end. */
export interface UsageSpan {
  readonly since: Date;
  readonly sinceOffsetS: number;
  readonly until: Date;
  readonly untilOffsetS: number;
}

/** Sums over a row of the answer, or over all of it. */
export interface UsageSums {
  readonly isTotal: boolean;
  readonly start: Date | null;
  readonly startOffsetS: number | null;
  readonly name: string | null;
  readonly requests: bigint;
  readonly errors: bigint;
  readonly unpriced: bigint;
  readonly input: bigint;
  readonly cacheRead: bigint;
  readonly cacheWrite5m: bigint;
  readonly cacheWrite1h: bigint;
  readonly output: bigint;
  readonly reasoning: bigint;
  readonly audioInput: bigint;
  readonly audioOutput: bigint;
  readonly image: bigint;
  readonly costNanoUsd: bigint;
}

/** More would be no overview any more, and hold up the calls in flight: reading a row takes 10 µs. */
const MOST_ROWS = 2_000;
const INVALID_PARAMETER = '22023';

/** What the ledger says of one key's calls. All arithmetic with calendars is the database's. */
@Injectable()
export class UsageStore {
  constructor(private readonly prisma: PrismaService) {}

  /** Where the time asked about begins and ends. Days of a time zone have 23 to 25 hours. */
  async span({ from, to, nowMs, timeZone }: UsageQuestion): Promise<UsageSpan> {
    const [span] = await this.read(this.prisma.$queryRaw<[UsageSpan]>`
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
             extract(epoch FROM (since AT TIME ZONE ${timeZone}) - (since AT TIME ZONE 'UTC'))::int AS "sinceOffsetS",
             extract(epoch FROM (until AT TIME ZONE ${timeZone}) - (until AT TIME ZONE 'UTC'))::int AS "untilOffsetS"
      FROM span`);
    return span;
  }

  /**
   * One reading of the ledger gives the total and the rows, so that they agree. Hours are cut by `date_trunc` with a time zone,
   * which tells apart the two that one clock time names when summer time ends.
   */
  async sums({ keyId, interval, groupBy, timeZone }: UsageQuestion, { since, until }: UsageSpan): Promise<readonly UsageSums[]> {
    const sums = await this.read(this.prisma.$queryRaw<UsageSums[]>`
      WITH calls AS (
        SELECT *,
          CASE WHEN ${interval ?? null}::text IS NOT NULL THEN date_trunc(${interval ?? null}::text, admitted_at, ${timeZone}) END AS start,
          CASE ${groupBy ?? null}::text WHEN 'model' THEN model WHEN 'provider' THEN provider WHEN 'user' THEN user_id END AS name
        FROM ledger
        WHERE key_id = ${keyId} AND admitted_at >= ${since} AND admitted_at < ${until}
      )
      SELECT grouping(start) = 1 AS "isTotal", start, name,
             extract(epoch FROM (start AT TIME ZONE ${timeZone}) - (start AT TIME ZONE 'UTC'))::int AS "startOffsetS",
             count(*) AS requests,
             count(*) FILTER (WHERE ending NOT IN ('complete', 'client_gone')) AS errors,
             count(*) FILTER (WHERE price_version IS NULL AND input_tokens + cache_read_tokens + cache_write_5m_tokens + cache_write_1h_tokens
               + output_tokens + audio_input_tokens + audio_output_tokens + image_tokens > 0) AS unpriced,
             coalesce(sum(input_tokens), 0)::bigint AS input,
             coalesce(sum(cache_read_tokens), 0)::bigint AS "cacheRead",
             coalesce(sum(cache_write_5m_tokens), 0)::bigint AS "cacheWrite5m",
             coalesce(sum(cache_write_1h_tokens), 0)::bigint AS "cacheWrite1h",
             coalesce(sum(output_tokens), 0)::bigint AS output,
             coalesce(sum(reasoning_tokens), 0)::bigint AS reasoning,
             coalesce(sum(audio_input_tokens), 0)::bigint AS "audioInput",
             coalesce(sum(audio_output_tokens), 0)::bigint AS "audioOutput",
             coalesce(sum(image_tokens), 0)::bigint AS image,
             coalesce(sum(cost_nano_usd), 0)::bigint AS "costNanoUsd"
      FROM calls
      GROUP BY GROUPING SETS ((), (start, name))
      ORDER BY "isTotal" DESC, start, "costNanoUsd" DESC, name
      LIMIT ${MOST_ROWS + 2}`);
    if (sums.length <= MOST_ROWS + 1) return sums;
    throw new GatewayError(
      'invalid_request',
      `This would be more than ${MOST_ROWS} rows. Ask for a shorter time or a longer \`interval\`.`,
      {
        param: interval ? 'interval' : 'group_by',
      },
    );
  }

  private async read<Rows>(query: Promise<Rows>): Promise<Rows> {
    try {
      return await query;
    } catch (error) {
      const state = sqlStateOf(error);
      if (state === INVALID_PARAMETER) {
        throw new GatewayError(
          'invalid_request',
          '`time_zone` is not known to the database. Use a common IANA name such as Europe/Berlin.',
          {
            param: 'time_zone',
            cause: error,
          },
        );
      }
      if (state !== undefined) throw error;
      throw new GatewayError('service_unavailable', 'The database cannot be read right now. Try again in a moment.', {
        retryAfterMs: 1_000,
        cause: error,
      });
    }
  }
}

function dateOf(moment: string | undefined): string | null {
  return moment !== undefined && isDate(moment) ? moment : null;
}

function timeOf(moment: string | undefined): string | null {
  return moment !== undefined && !isDate(moment) ? moment : null;
}
