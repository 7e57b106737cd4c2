import { ApiProperty } from '@nestjs/swagger';
import { UsageTokensDto } from '../reports/usage-stats.dto.js';
import { BASES, type Basis } from './charge.js';
import { RequestDto } from './requests.dto.js';

/** One factor of a cost. A pico-dollar is a millionth of a millionth of a US dollar. */
export class BucketChargeDto {
  /**
   * A kind of tokens; `reasoning` where it has a price of its own, and `output` is then the rest; `request`: a fee for the call.
   * @example cache_read
   */
  readonly bucket!: string;
  /**
   * 1 of `request`.
   * @example 48000
   */
  readonly tokens!: number;
  /**
   * For the call of `request`.
   * @example 75000
   */
  readonly pico_usd_per_token!: string;
  /** null of `request`. */
  @ApiProperty({ type: String, nullable: true, example: '0.075' })
  readonly usd_per_million_tokens!: string | null;
  /** Tokens times price. */
  @ApiProperty({ type: String, example: '3600000000' })
  readonly amount_pico_usd!: string;
  /** @example 0.0036 */
  readonly amount_usd!: string;
}

/** How the cost came about: worked out anew from the tokens and the prices that were kept. */
export class ChargeDto {
  @ApiProperty({ enum: BASES, example: 'prices' })
  readonly basis!: Basis;
  /** @example Tokens times prices, rounded once. */
  readonly basis_meaning!: string;
  /** The same for all calls with the same prices of the same source. */
  @ApiProperty({ type: String, nullable: true, example: '5d41402abc4b2a76b9719d911017c592' })
  readonly price_id!: string | null;
  /** They can be shown. */
  readonly prices_kept!: boolean;
  /** The input, in tokens, above which the tier begins that was charged; null = the usual price. */
  @ApiProperty({ type: 'integer', nullable: true, example: null })
  readonly tier_above_input_tokens!: number | null;
  /** What the sum is multiplied by for the service tier; null = nothing. */
  @ApiProperty({ type: String, nullable: true, example: null })
  readonly service_tier_factor!: string | null;
  /** Those with tokens. Empty where the prices were not kept. */
  readonly buckets!: BucketChargeDto[];
  /** Of all buckets, before rounding; null where the prices were not kept. */
  @ApiProperty({ type: String, nullable: true, example: '3600000000' })
  readonly sum_pico_usd!: string | null;
  @ApiProperty({ type: String, nullable: true, example: '0.0036' })
  readonly sum_usd!: string | null;
  /** The sum, times the factor, rounded to whole nano-dollars, half to even; null where the prices were not kept. */
  @ApiProperty({ type: String, nullable: true, example: '3600000' })
  readonly recomputed_nano_usd!: string | null;
  /** Is what was charged the sum, rounded? null where the prices were not kept. */
  @ApiProperty({ type: Boolean, nullable: true, example: true })
  readonly matches!: boolean | null;
  /** By how much what was charged is more; null where the prices were not kept. */
  @ApiProperty({ type: String, nullable: true, example: '0' })
  readonly difference_nano_usd!: string | null;
}

/** One try at one provider. */
export class AttemptDto {
  /** @example openai */
  readonly provider!: string;
  /** @example gpt-4o-mini */
  readonly model!: string;
  /**
   * `answered`, or what went wrong.
   * @example upstream_unavailable
   */
  readonly outcome!: string;
  /** What the provider's failure was. */
  @ApiProperty({ type: String, nullable: true, example: 'connect ECONNREFUSED' })
  readonly reason!: string | null;
  /**
   * Since the call began.
   * @example 1
   */
  readonly started_ms!: number;
  /** @example 40 */
  readonly duration_ms!: number;
  /** What it used, where it made no answer and its provider says so; null = nothing is known. */
  @ApiProperty({ type: UsageTokensDto, nullable: true, example: null })
  readonly tokens!: UsageTokensDto | null;
  /** Faster or cheaper than usual. */
  @ApiProperty({ type: String, nullable: true, example: null })
  readonly service_tier!: string | null;
  /** What that was priced by. */
  @ApiProperty({ type: String, nullable: true, example: null })
  readonly price_id!: string | null;
  /** What that cost at the provider; null = nothing is known. */
  @ApiProperty({ type: String, nullable: true, example: null })
  readonly cost_nano_usd!: string | null;
}

export class ChargedBudgetDto {
  /** @example 019512aa-3c5b-7f0c-8a5e-4d3c2b1a0f9e */
  readonly id!: string;
  /** null = it was deleted. */
  @ApiProperty({ type: String, nullable: true, example: 'search, monthly' })
  readonly name!: string | null;
  /**
   * When the period began, or the part of a rolling one, that it was charged to.
   * @example 2026-11-01T00:00:00.000Z
   */
  readonly since!: string;
}

/** A call with all that is known of how it came about. */
export class ExplainedRequestDto extends RequestDto {
  /** @example The whole answer went to the client. */
  readonly ending_meaning!: string;
  /** @example The provider reported these tokens. */
  readonly usage_source_meaning!: string;
  readonly charge!: ChargeDto;
  /** As they were made. */
  readonly attempts!: AttemptDto[];
  /** What it was charged to. */
  readonly budgets!: ChargedBudgetDto[];
  /** Other calls with the label that was asked for, by their ids, the newest first, up to 100. Ask `GET /v1/requests?request_id=…` for all. */
  @ApiProperty({ type: [String], example: [] })
  readonly other_ids!: string[];
}
