import { ApiProperty } from '@nestjs/swagger';
import { UsageTokensDto } from '../reports/usage-stats.dto.js';

const NANO = { type: String, example: '10000000' } as const;
const NANO_OR_NULL = { type: String, nullable: true, example: null } as const;

/** A call as the ledger has it. Money is text in nano-dollars, and a number in US dollars for people. */
export class RequestDto {
  /**
   * The call's own id.
   * @example 019b76da-a800-7000-8000-000000000001
   */
  readonly id!: string;
  /**
   * Its label, `x-request-id`, which other calls may have, too.
   * @example req_019512aa3c5b7f0c8a5e4d3c2b1a0f9e
   */
  readonly request_id!: string;
  /** @example 2026-11-21T09:30:00.000Z */
  readonly admitted_at!: string;
  /** @example 019512aa-3c5b-7f0c-8a5e-4d3c2b1a0f9e */
  readonly key_id!: string;
  /**
   * The team, or the key where it has none.
   * @example 019512aa-7a10-7c1e-9b2d-1f2e3d4c5b6a
   */
  readonly tenant!: string;
  /** The end user; null = the call named none. */
  @ApiProperty({ type: String, nullable: true, example: 'ann' })
  readonly user_id!: string | null;
  /** @example openai-chat */
  readonly surface!: string;
  readonly streamed!: boolean;
  /** @example fast */
  readonly model_asked!: string;
  /** Who answered, or was asked last; null = nobody was. */
  @ApiProperty({ type: String, nullable: true, example: 'openai' })
  readonly provider!: string | null;
  @ApiProperty({ type: String, nullable: true, example: 'gpt-4o-mini' })
  readonly model!: string | null;
  /**
   * What the client got; 499 = it had left before.
   * @example 200
   */
  readonly status!: number;
  /** @example complete */
  readonly ending!: string;
  /** null = nothing went wrong. */
  @ApiProperty({ type: String, nullable: true, example: null })
  readonly error_kind!: string | null;
  readonly tokens!: UsageTokensDto;
  /** @example provider */
  readonly usage_source!: string;
  @ApiProperty(NANO)
  readonly cost_nano_usd!: string;
  /** @example 0.01 */
  readonly cost_usd!: number;
  /** The provider's own figure; null = it named none. */
  @ApiProperty(NANO_OR_NULL)
  readonly provider_cost_nano_usd!: string | null;
  @ApiProperty({ type: Number, nullable: true, example: null })
  readonly provider_cost_usd!: number | null;
  /** What failed attempts cost at their providers. */
  @ApiProperty({ type: String, example: '0' })
  readonly failed_cost_nano_usd!: string;
  /** @example 0 */
  readonly failed_cost_usd!: number;
  /** Where the prices came from; null = there were none. */
  @ApiProperty({ type: String, nullable: true, example: 'genai-prices 0.1.8' })
  readonly price_version!: string | null;
  /** Faster or cheaper than usual; null = as usual. */
  @ApiProperty({ type: String, nullable: true, example: null })
  readonly service_tier!: string | null;
  /** @example 750 */
  readonly duration_ms!: number;
  /** null = there was no answer. */
  @ApiProperty({ type: 'integer', nullable: true, example: 120 })
  readonly first_token_ms!: number | null;
  /**
   * The gateway's own share before the first byte, in microseconds.
   * @example 431
   */
  readonly overhead_us!: number;
  /** @example 1 */
  readonly attempt_count!: number;
  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' }, example: { app: 'search' } })
  readonly tags!: Readonly<Record<string, string>>;
}

export class RequestListDto {
  /** @example list */
  readonly object!: string;
  readonly data!: RequestDto[];
  /** There are more after these. */
  readonly has_more!: boolean;
  /** What to ask `after` for the next page; null = there are none. */
  @ApiProperty({ type: String, nullable: true, example: '019b76da-a800-7000-8000-000000000001' })
  readonly last_id!: string | null;
}
