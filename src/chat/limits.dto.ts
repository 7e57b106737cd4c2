import { ApiProperty } from '@nestjs/swagger';
import { IsOptional, Length } from 'class-validator';

const LIMIT_TYPES = ['requests', 'tokens', 'concurrency'] as const;
const LIMIT_SCOPES = ['key', 'team', 'user'] as const;
const BUDGET_SCOPES = ['key', 'team', 'user', 'tag', 'everything'] as const;

export class UserLimitsQueryDto {
  /** For administrators and viewers: whose end user is meant, as the id of a team, or of a key that has none. Left out = that of this key. */
  @IsOptional()
  @Length(1, 512)
  readonly tenant?: string;
}

/** One limit as it stands. */
export class RateLimitDto {
  /** What is counted: `requests` and `tokens` within a window, or calls at the same time (`concurrency`). */
  @ApiProperty({ enum: LIMIT_TYPES, example: 'requests' })
  readonly type!: (typeof LIMIT_TYPES)[number];
  /** Whose calls are counted: those of this key, of its team, or of one end user. */
  @ApiProperty({ enum: LIMIT_SCOPES, example: 'key' })
  readonly scope!: string;
  /**
   * The name of the key or team, or the end user.
   * @example my-app
   */
  readonly subject!: string;
  /** null for `concurrency`. The window slides: it always ends now. */
  @ApiProperty({ type: 'integer', nullable: true, example: 60 })
  readonly window_seconds!: number | null;
  /** @example 60 */
  readonly limit!: number;
  /**
   * Calls that are under way count with the most that they may take.
   * @example 12
   */
  readonly used!: number;
  /** @example 48 */
  readonly remaining!: number;
  /** When the oldest that is counted leaves the window; null = nothing is counted, or nobody knows. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: '2026-11-21T15:04:05.000Z' })
  readonly resets_at!: string | null;
}

export class RateLimitListDto {
  /** @example list */
  readonly object!: string;
  /** Empty = nothing is limited. */
  readonly data!: RateLimitDto[];
}

/** A budget as it stands. Amounts are text in US dollars: a JSON number does not hold every digit of large ones. */
export class BindingBudgetDto {
  /** @example 019512aa-3c5b-7f0c-8a5e-4d3c2b1a0f9e */
  readonly id!: string;
  /** @example search, monthly */
  readonly name!: string;
  /** Whose calls it counts. */
  @ApiProperty({ enum: BUDGET_SCOPES, example: 'team' })
  readonly scope!: string;
  /** @example 250 */
  readonly limit_usd!: string;
  /** @example 61.250000125 */
  readonly spent_usd!: string;
  /**
   * What calls that are under way may come to; a rolling budget counts it as spent.
   * @example 0.75
   */
  readonly held_usd!: string;
  /** @example 187.999999875 */
  readonly remaining_usd!: string;
  /** Of a rolling budget; null for all others. */
  @ApiProperty({ type: 'integer', nullable: true, example: null })
  readonly window_seconds!: number | null;
  /** When it begins anew, or for a rolling one when some of it is free again; null = never, or nothing is spent. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: '2026-12-01T00:00:00.000Z' })
  readonly resets_at!: string | null;
}

export class BindingBudgetListDto {
  /** @example list */
  readonly object!: string;
  /** Empty = no budget binds this key. */
  readonly data!: BindingBudgetDto[];
}
