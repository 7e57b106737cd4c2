import { BREAKER_STATES, type BreakerState } from '../core/target-health.js';
import { ApiProperty } from '@nestjs/swagger';
import { HEALTH_STATES, type HealthState } from './provider-health.js';

const FORCED = ['open', 'closed'] as const;

/** What keeps calls from one model of a provider. */
export class ModelBreakerDto {
  /**
   * `other` stands for all models that nobody lists.
   * @example gpt-4o-mini
   */
  readonly model!: string;
  /** `open`: calls stay away. `half_open`: a few try whether it is well again. */
  @ApiProperty({ enum: BREAKER_STATES, example: 'open' })
  readonly state!: BreakerState;
  /** As an administrator has set it; null = as calls tell. */
  @ApiProperty({ enum: FORCED, nullable: true, type: String, example: null })
  readonly forced!: 'open' | 'closed' | null;
  /**
   * Milliseconds until it may be tried again; 0 unless it is open.
   * @example 8200
   */
  readonly retry_in_ms!: number;
}

export class BreakerDto {
  /** The worst over its models. */
  @ApiProperty({ enum: BREAKER_STATES, example: 'closed' })
  readonly state!: BreakerState;
  /** As an administrator has set it for all models; null = as calls tell. */
  @ApiProperty({ enum: FORCED, nullable: true, type: String, example: null })
  readonly forced!: 'open' | 'closed' | null;
  /** Those that are not closed, or not left to themselves. */
  readonly models!: ModelBreakerDto[];
}

/** Of the last five minutes; null where nothing happened. Attempts that a client gave up are left out. */
export class RecentAttemptsDto {
  /** @example 120 */
  readonly requests!: number;
  /**
   * The share that was answered, from 0 to 1.
   * @example 0.9917
   */
  readonly success_rate!: number | null;
  /**
   * Seconds from sending to the end of the answer, of those that were answered.
   * @example 1.234
   */
  readonly avg_response_time!: number | null;
  /** @example 1.05 */
  readonly p50_response_time!: number | null;
  /** @example 3.4 */
  readonly p95_response_time!: number | null;
}

export class LastErrorDto {
  /** @example upstream_timeout */
  readonly kind!: string;
  /**
   * RFC 3339.
   * @example 2026-11-21T12:00:00.000Z
   */
  readonly at!: string;
}

export class ProviderDto {
  /** @example openai */
  readonly name!: string;
  /** @example openai */
  readonly type!: string;
  /** Names, and patterns with `*`, that lead there. Without any it is reached by `<provider>/<model>`. */
  @ApiProperty({ type: [String], example: ['gpt-4o', 'gpt-4o-mini'] })
  readonly models!: string[];
  /** Switched on, in the configuration and by administrators. */
  readonly enabled!: boolean;
  /**
   * Lower is tried first.
   * @example 1
   */
  readonly priority!: number;
  /**
   * Its share of the calls among providers of one priority.
   * @example 1
   */
  readonly weight!: number;
  @ApiProperty({
    enum: HEALTH_STATES,
    example: 'healthy',
    description:
      '`disabled`: switched off. `unhealthy`: calls fail or are kept away: its last probe failed, none of its breakers lets a call through, all its keys are refused or used up, or each of three attempts and more in the last minute failed. `degraded`: a breaker of it is not closed, or more than a tenth of the attempts of the last minute failed. `unknown`: nothing was heard of it for five minutes. Otherwise `healthy`. An attempt that the provider refused for what it was asked has not failed.',
  })
  readonly health!: HealthState;
  readonly breaker!: BreakerDto;
  readonly recent!: RecentAttemptsDto;
  /** Since the start; null = none. */
  @ApiProperty({ type: LastErrorDto, nullable: true })
  readonly last_error!: LastErrorDto | null;
}
