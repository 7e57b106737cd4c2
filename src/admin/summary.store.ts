import { Injectable } from '@nestjs/common';
import { toUsd } from '../core/money.js';
import { PrismaService } from '../platform/index.js';
import type { LatencyDto, TopDto } from './summary.dto.js';

const TOP = 5;

export interface Totals {
  readonly requests: number;
  readonly errors: number;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cost_usd: number;
  readonly latency: LatencyDto;
}

interface TotalsRow {
  readonly requests: bigint;
  readonly errors: bigint;
  readonly input_tokens: bigint;
  readonly output_tokens: bigint;
  readonly cost_nano_usd: bigint;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

/** What the ledger says of all calls since a moment. */
@Injectable()
export class SummaryStore {
  constructor(private readonly prisma: PrismaService) {}

  async totals(since: Date): Promise<Totals> {
    const [row] = await this.prisma.$queryRaw<[TotalsRow]>`
      SELECT count(*) AS requests,
             count(*) FILTER (WHERE ending NOT IN ('complete', 'client_gone')) AS errors,
             coalesce(sum(input_tokens + cache_read_tokens + cache_write_5m_tokens + cache_write_1h_tokens + audio_input_tokens + image_tokens), 0)::bigint AS input_tokens,
             coalesce(sum(output_tokens + audio_output_tokens), 0)::bigint AS output_tokens,
             coalesce(sum(cost_nano_usd), 0)::bigint AS cost_nano_usd,
             percentile_cont(0.5) WITHIN GROUP (ORDER BY duration_ms) AS p50,
             percentile_cont(0.95) WITHIN GROUP (ORDER BY duration_ms) AS p95,
             percentile_cont(0.99) WITHIN GROUP (ORDER BY duration_ms) AS p99
      FROM ledger WHERE admitted_at >= ${since}`;
    return {
      requests: Number(row.requests),
      errors: Number(row.errors),
      input_tokens: Number(row.input_tokens),
      output_tokens: Number(row.output_tokens),
      cost_usd: toUsd(row.cost_nano_usd),
      latency: { p50_ms: row.p50, p95_ms: row.p95, p99_ms: row.p99 },
    };
  }

  topModels(since: Date): Promise<TopDto[]> {
    return this.top(this.prisma.$queryRaw`
      SELECT model AS name, count(*) AS requests, sum(cost_nano_usd)::bigint AS cost_nano_usd
      FROM ledger WHERE admitted_at >= ${since} AND model IS NOT NULL GROUP BY 1 ORDER BY 3 DESC, 2 DESC, 1 LIMIT ${TOP}`);
  }

  topKeys(since: Date): Promise<TopDto[]> {
    return this.top(this.prisma.$queryRaw`
      SELECT key_id AS name, count(*) AS requests, sum(cost_nano_usd)::bigint AS cost_nano_usd
      FROM ledger WHERE admitted_at >= ${since} GROUP BY 1 ORDER BY 3 DESC, 2 DESC, 1 LIMIT ${TOP}`);
  }

  topUsers(since: Date): Promise<TopDto[]> {
    return this.top(this.prisma.$queryRaw`
      SELECT user_id AS name, count(*) AS requests, sum(cost_nano_usd)::bigint AS cost_nano_usd
      FROM ledger WHERE admitted_at >= ${since} AND user_id IS NOT NULL GROUP BY 1 ORDER BY 3 DESC, 2 DESC, 1 LIMIT ${TOP}`);
  }

  private async top(rows: Promise<unknown>): Promise<TopDto[]> {
    const found = (await rows) as { name: string; requests: bigint; cost_nano_usd: bigint }[];
    return found.map((row) => ({ name: row.name, requests: Number(row.requests), cost_usd: toUsd(row.cost_nano_usd) }));
  }
}
