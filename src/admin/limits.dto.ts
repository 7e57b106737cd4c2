import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ATTRIBUTE_RULES } from '../keys/index.js';
import { NullOrObeys } from './obeys.js';

const LIMIT = { type: 'integer', minimum: 0, nullable: true } as const;

/** What administrators decide about how often somebody may call. */
export class LimitsDto {
  /** Within any 60 seconds. 0 = no limit; null = as configured, or for a team none. */
  @ApiPropertyOptional({ ...LIMIT, example: 120 })
  @NullOrObeys(ATTRIBUTE_RULES.limit)
  readonly requests_per_minute?: number | null;

  /** Within any 60 minutes; as `requests_per_minute`. */
  @ApiPropertyOptional({ ...LIMIT, example: 5_000 })
  @NullOrObeys(ATTRIBUTE_RULES.limit)
  readonly requests_per_hour?: number | null;

  /** Limits tokens within any 60 seconds; a call is held at its worst case. Else as `requests_per_minute`. */
  @ApiPropertyOptional({ ...LIMIT, example: 100_000 })
  @NullOrObeys(ATTRIBUTE_RULES.limit)
  readonly tokens_per_minute?: number | null;

  /** Calls at the same time; as `requests_per_minute`. */
  @ApiPropertyOptional({ ...LIMIT, example: 20 })
  @NullOrObeys(ATTRIBUTE_RULES.limit)
  readonly concurrency?: number | null;
}

/** The same as it is shown. */
export class ShownLimitsDto {
  /** 0 = no limit; null = as configured, or for a team none. */
  @ApiProperty({ ...LIMIT, example: null })
  readonly requests_per_minute!: number | null;
  @ApiProperty({ ...LIMIT, example: null })
  readonly requests_per_hour!: number | null;
  @ApiProperty({ ...LIMIT, example: null })
  readonly tokens_per_minute!: number | null;
  @ApiProperty({ ...LIMIT, example: null })
  readonly concurrency!: number | null;
}

/** Their names in `RateLimits`. */
export function toLimitFields(dto: LimitsDto) {
  return {
    requestsPerMinute: dto.requests_per_minute,
    requestsPerHour: dto.requests_per_hour,
    tokensPerMinute: dto.tokens_per_minute,
    concurrency: dto.concurrency,
  };
}
