import { Injectable } from '@nestjs/common';
import { PrismaService } from '../../../platform/index.js';

export interface UnpricedQuestion {
  readonly since: Date;
  readonly limit: number;
}

/** A model that was called and had no price. */
export interface UnpricedModel {
  readonly provider: string | null;
  readonly model: string;
  readonly calls: bigint;
  readonly inputTokens: bigint;
  readonly outputTokens: bigint;
  readonly lastCalledAt: Date;
}

/** What the ledger says of calls that nobody could price. */
@Injectable()
export class UnpricedStore {
  constructor(private readonly prisma: PrismaService) {}

  /** The most used first. Calls without tokens would have cost nothing at any price. */
  list({ since, limit }: UnpricedQuestion): Promise<readonly UnpricedModel[]> {
    return this.prisma.$queryRaw<UnpricedModel[]>`
      WITH calls AS (
        SELECT provider, coalesce(model, model_asked) AS model, admitted_at,
               input_tokens + cache_read_tokens + cache_write_5m_tokens + cache_write_1h_tokens + audio_input_tokens + image_tokens AS input,
               output_tokens + audio_output_tokens AS output
        FROM ledger
        WHERE admitted_at >= ${since} AND price_version IS NULL
      )
      SELECT provider, model, count(*) AS calls, sum(input)::bigint AS "inputTokens", sum(output)::bigint AS "outputTokens",
             max(admitted_at) AS "lastCalledAt"
      FROM calls
      WHERE input + output > 0
      GROUP BY provider, model
      ORDER BY sum(input + output) DESC, model, provider
      LIMIT ${limit}`;
  }
}
