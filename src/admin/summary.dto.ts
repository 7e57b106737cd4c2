import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsInt, IsOptional, Matches, Max, Min } from 'class-validator';
import { HEALTH_STATES, type HealthState } from '../chat/index.js';
import { BREAKER_STATES, type BreakerState } from '../core/target-health.js';
import { UsageTokensDto } from '../usage/index.js';
import { MOST_DAYS } from './summary-window.js';

export class SummaryQueryDto {
  /**
   * How far back to look: so many hours or days, at most 13 months. Default: 24h.
   * @example 30d
   */
  @IsOptional()
  @Matches(/^[1-9]\d{0,3}[hd]$/, { message: 'must be a number of hours or days, such as 24h or 30d' })
  readonly window?: string;

  /** The same in hours. */
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 24 * MOST_DAYS, example: 24 })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => Number(value))
  @IsInt()
  @Min(1)
  @Max(24 * MOST_DAYS)
  readonly window_hours?: number;
}

export class TopDto {
  /** @example gpt-4o-mini */
  readonly name!: string;
  readonly requests!: number;
  /** US dollars, exact to the nano-dollar. */
  readonly cost_usd!: number;
}

export class TopModelDto extends TopDto {
  /** @example openai */
  readonly provider!: string;
}

export class LatencyDto {
  readonly p50_ms!: number | null;
  readonly p95_ms!: number | null;
  readonly p99_ms!: number | null;
}

export class SummaryProviderDto {
  /** @example openai */
  readonly name!: string;
  /** False: the configuration or an administrator has switched it off. */
  readonly enabled!: boolean;
  @ApiProperty({ enum: HEALTH_STATES })
  readonly health!: HealthState;
  /** The worst of its models. */
  @ApiProperty({ enum: BREAKER_STATES })
  readonly breaker!: BreakerState;
}

export class NearBudgetDto {
  /** @example 019512aa-3c5b-7f0c-8a5e-4d3c2b1a0f9e */
  readonly id!: string;
  /** @example search, monthly */
  readonly name!: string;
  /** @example team */
  readonly scope!: string;
  readonly subject!: string | null;
  /** US dollars, exact to the nano-dollar; so are the others. */
  @ApiProperty({ example: '250' })
  readonly limit_usd!: string;
  @ApiProperty({ example: '241.5' })
  readonly spent_usd!: string;
  /** For calls under way. */
  @ApiProperty({ example: '0.25' })
  readonly held_usd!: string;
  @ApiProperty({ example: '8.25' })
  readonly remaining_usd!: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly resets_at!: string | null;
}

export class RefusalsDto {
  /**
   * What bound: `requests`, `tokens` or `concurrency` and on whom, or `budget` and its id.
   * @example requests key 60000
   */
  readonly bound!: string;
  readonly requests!: number;
}

export class UnpricedDto {
  /** @example gpt-4o-mini */
  readonly name!: string;
  /** @example openai */
  readonly provider!: string;
  readonly requests!: number;
}

export class SummaryDto {
  readonly version!: string;
  readonly uptime_s!: number;
  readonly window_hours!: number;
  /** When the window begins: with a quarter of an hour. What follows is of calls that were let in from then on. */
  @ApiProperty({ type: String, format: 'date-time' })
  readonly from!: string;
  @ApiProperty({ type: String, format: 'date-time' })
  readonly to!: string;
  readonly requests!: number;
  /** Calls that failed or were cut off by the provider. A client that hung up is no error. */
  readonly errors!: number;
  /** All kinds of input together. */
  readonly input_tokens!: number;
  /** All kinds of output together. */
  readonly output_tokens!: number;
  readonly tokens!: UsageTokensDto;
  /** US dollars, exact to the nano-dollar. */
  readonly cost_usd!: number;
  /** Of calls that were answered completely, as far as counts by length tell: exact to a fifth. null = there were none. */
  readonly latency!: LatencyDto;
  /** The five dearest; so it is with keys and users. */
  readonly top_models!: TopModelDto[];
  /** By their ids. Of whole days of UTC, the last 31 at most: see `top_keys_from`. Reports of usage know them over any time. */
  readonly top_keys!: TopDto[];
  @ApiProperty({ type: String, format: 'date-time' })
  readonly top_keys_from!: string;
  /** Of whole days of UTC, the last seven at most and fewer where they were busy: see `top_users_from`. */
  readonly top_users!: TopDto[];
  @ApiProperty({ type: String, format: 'date-time' })
  readonly top_users_from!: string;
  /** Names of the providers that are switched on. */
  readonly providers!: string[];
  readonly provider_states!: SummaryProviderDto[];
  /** The ten budgets of which the smallest share is left, now. Those that cannot be read at the moment are missing. */
  readonly budgets_near_limit!: NearBudgetDto[];
  /** Calls that a limit or a budget refused, by whole hours. They are in no other figure. */
  readonly refused_requests!: number;
  /** By what refused them: the five with the most. */
  readonly top_refusals!: RefusalsDto[];
  /** Calls that used tokens and had no price: what they cost is not in `cost_usd`. */
  readonly unpriced_requests!: number;
  /** By model: the five with the most. */
  readonly unpriced_models!: UnpricedDto[];
}
