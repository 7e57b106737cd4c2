import { Injectable } from '@nestjs/common';
import { PrismaService } from '../platform/index.js';
import type { Sums } from '../usage/index.js';

/** What a cell of the roll-ups says of its calls, with those of the same name added up. */
export interface SummaryCell {
  /** Of its series: '' for all, a model as `provider/model`, the number of a latency bucket. */
  readonly name: string;
  readonly requests: bigint;
  readonly costNanoUsd: bigint;
}

export interface NamedSummaryCell extends SummaryCell {
  readonly series: 'model' | 'latency' | 'unpriced';
}

export interface RefusedCalls {
  readonly bound: string;
  readonly requests: bigint;
}

const DAY_MS = 86_400_000;
const TOP = 5;

/** What the roll-ups say of calls. `since` is when a quarter of an hour begins, epoch milliseconds. */
@Injectable()
export class SummaryStore {
  constructor(private readonly prisma: PrismaService) {}

  /** Sums of whole days of UTC, and of the quarters before the first of them. One snapshot: what is told apart adds up to what is told together. */
  async cells(since: number): Promise<{ readonly totals: Sums; readonly named: readonly NamedSummaryCell[] }> {
    const [from, day] = boundsOf(since);
    return this.prisma.$transaction(
      async (transaction) => {
        const [totals] = await transaction.$queryRaw<[Sums]>`
          WITH cells AS (
            SELECT * FROM usage_days WHERE series = 'total' AND subject = '' AND at >= ${day}
            UNION ALL
            SELECT * FROM usage_quarters WHERE series = 'total' AND subject = '' AND at >= ${from} AND at < ${day}
          )
          SELECT coalesce(sum(requests), 0)::bigint AS requests,
                 coalesce(sum(errors), 0)::bigint AS errors,
                 coalesce(sum(unpriced), 0)::bigint AS unpriced,
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
          FROM cells`;
        const named = await transaction.$queryRaw<NamedSummaryCell[]>`
          WITH cells AS (
            SELECT series, value, requests, cost_nano_usd FROM usage_days
            WHERE series IN ('model', 'latency', 'unpriced') AND subject = '' AND at >= ${day}
            UNION ALL
            SELECT series, value, requests, cost_nano_usd FROM usage_quarters
            WHERE series IN ('model', 'latency', 'unpriced') AND subject = '' AND at >= ${from} AND at < ${day}
          )
          SELECT series, value AS name, sum(requests)::bigint AS requests, sum(cost_nano_usd)::bigint AS "costNanoUsd"
          FROM cells GROUP BY series, value HAVING sum(requests) > 0 ORDER BY 4 DESC, 3 DESC, 2`;
        return { totals, named };
      },
      { isolationLevel: 'RepeatableRead' },
    );
  }

  /** How many calls each whole day of UTC has had from `day` on, the newest first. */
  days(day: Date): Promise<readonly { readonly at: Date; readonly requests: bigint }[]> {
    return this.prisma.$queryRaw<{ at: Date; requests: bigint }[]>`
      SELECT at, requests FROM usage_days WHERE series = 'total' AND subject = '' AND at >= ${day} ORDER BY at DESC`;
  }

  /** The dearest of the whole days of UTC from `day` on. */
  topKeys(day: Date): Promise<readonly SummaryCell[]> {
    return this.prisma.$queryRaw<SummaryCell[]>`
      SELECT subject AS name, sum(requests)::bigint AS requests, sum(cost_nano_usd)::bigint AS "costNanoUsd"
      FROM usage_days WHERE series = 'key' AND at >= ${day}
      GROUP BY subject HAVING sum(requests) > 0 ORDER BY 3 DESC, 2 DESC, 1 LIMIT ${TOP}`;
  }

  /** The same of end users, those of one name together, whosever they are. */
  topUsers(day: Date): Promise<readonly SummaryCell[]> {
    return this.prisma.$queryRaw<SummaryCell[]>`
      SELECT subject AS name, sum(requests)::bigint AS requests, sum(cost_nano_usd)::bigint AS "costNanoUsd"
      FROM usage_days WHERE series = 'user' AND at >= ${day}
      GROUP BY subject HAVING sum(requests) > 0 ORDER BY 3 DESC, 2 DESC, 1 LIMIT ${TOP}`;
  }

  /** By what refused them, the most first. They are counted by the hour: the one in which `since` lies counts whole. */
  refused(since: number): Promise<readonly RefusedCalls[]> {
    return this.prisma.$queryRaw<RefusedCalls[]>`
      SELECT bound, sum(count)::bigint AS requests FROM refusals
      WHERE hour >= date_trunc('hour', ${new Date(since)}::timestamptz, 'UTC') GROUP BY bound ORDER BY 2 DESC, 1`;
  }
}

/** The moment itself, and the first midnight of UTC from then on. */
function boundsOf(since: number): readonly [Date, Date] {
  return [new Date(since), new Date(Math.ceil(since / DAY_MS) * DAY_MS)];
}
