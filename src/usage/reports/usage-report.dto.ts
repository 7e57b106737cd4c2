import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsIn, IsInt, IsOptional, Matches, Max, Min } from 'class-validator';
import { GROUPINGS, type Grouping, INTERVALS, type Interval } from './groupings.js';
import { UsageFiguresDto, UsageSpanQueryDto } from './usage-stats.dto.js';

const FORMATS = ['json', 'csv'] as const;
/** What a text column can hold. */
const TEXT = /^[^\0\p{Cs}]{1,512}$/u;
const TEXT_FAULT = { message: 'must be 1 to 512 characters' };

export class UsageReportQueryDto extends UsageSpanQueryDto {
  /**
   * One row for each hour, day, week (from Monday) or month in `time_zone`. Default: one for the whole time. Hours are for at most 31 days.
   * @example day
   */
  @IsOptional()
  @IsIn(INTERVALS)
  readonly interval?: Interval;

  /**
   * One row for each of them. With `key_id`: model, provider, user, tag, template. With `user_id`: model, provider, team. Default: all together.
   * @example team
   */
  @IsOptional()
  @IsIn(GROUPINGS)
  readonly group_by?: Grouping;

  /**
   * The calls of this key alone.
   * @example 019512aa-3c5b-7f0c-8a5e-4d3c2b1a0f9e
   */
  @IsOptional()
  @Matches(TEXT, TEXT_FAULT)
  readonly key_id?: string;

  /**
   * The calls of this end user alone, within all teams. Not together with `key_id`.
   * @example ann
   */
  @IsOptional()
  @Matches(TEXT, TEXT_FAULT)
  readonly user_id?: string;

  /** How many groups are told apart: the dearest of the whole time. The others are one row, `other`. */
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 200, default: 50 })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => Number(value))
  @IsInt()
  @Min(1)
  @Max(200)
  readonly limit: number = 50;

  /** `csv` sends the rows as a table; so does `Accept: text/csv`. */
  @ApiPropertyOptional({ enum: FORMATS })
  @IsOptional()
  @IsIn(FORMATS)
  readonly format?: (typeof FORMATS)[number];
}

/** How long complete calls took, in milliseconds, from roll-ups whose steps are a factor of 1.41 apart. */
export class LatencyDto {
  /** @example 812.4 */
  readonly p50!: number;
  /** @example 2310.5 */
  readonly p90!: number;
  /** @example 3104 */
  readonly p95!: number;
  /** @example 7120.9 */
  readonly p99!: number;
}

export class UsageReportRowDto extends UsageFiguresDto {
  /**
   * When the interval begins, in the time zone asked for. Only with `interval`.
   * @example 2026-11-01T00:00:00+01:00
   */
  readonly start?: string;
  /** All groups together that are not told apart; it has no other name. */
  @ApiPropertyOptional({ type: 'boolean', example: true })
  readonly other?: true;
  /** Only with `group_by=model`; null where no model was reached. */
  @ApiPropertyOptional({ type: String, nullable: true, example: 'gpt-4o-mini' })
  readonly model?: string | null;
  /** Only with `group_by=provider`; null where no provider was reached. */
  @ApiPropertyOptional({ type: String, nullable: true, example: 'openai' })
  readonly provider?: string | null;
  /**
   * Only with `group_by=key`.
   * @example 019512aa-3c5b-7f0c-8a5e-4d3c2b1a0f9e
   */
  readonly key?: string;
  /** Only with `group_by=key`; null = it is not kept in the database. */
  @ApiPropertyOptional({ type: String, nullable: true, example: 'laptop' })
  readonly key_name?: string | null;
  /**
   * Only with `group_by=team`: the team, or the key where it has none.
   * @example 019512aa-7a10-7c1e-9b2d-1f2e3d4c5b6a
   */
  readonly team?: string;
  /** Only with `group_by=team`: of the team, or of the key; null = it is not kept in the database. */
  @ApiPropertyOptional({ type: String, nullable: true, example: 'research' })
  readonly team_name?: string | null;
  /** Only with `group_by=user`; null where the call named none. */
  @ApiPropertyOptional({ type: String, nullable: true, example: 'ann' })
  readonly user?: string | null;
  /**
   * Only with `group_by=tag`, as `name=value`. Calls without tags are in no row, those with several in several.
   * @example app=search
   */
  readonly tag?: string;
  /** Only with `group_by=template`; null where the call used none. */
  @ApiPropertyOptional({ type: String, nullable: true, example: 'greeting' })
  readonly template?: string | null;
  /**
   * Only with `group_by=outcome`: what went wrong, or how it ended.
   * @example complete
   */
  readonly outcome?: string;
  /** Of a model, or of an interval that is not grouped; absent where it is not kept, or no call was complete. */
  readonly latency_ms?: LatencyDto;
}

/** The figures are those of the whole time asked about. */
export class UsageReportDto extends UsageFiguresDto {
  /** @example 2026-11-01T00:00:00+01:00 */
  readonly from!: string;
  /**
   * Not included.
   * @example 2026-12-01T00:00:00+01:00
   */
  readonly to!: string;
  /** @example Europe/Berlin */
  readonly time_zone!: string;
  /** null with `key_id` or `user_id`, and where no call was complete. */
  @ApiProperty({ type: LatencyDto, nullable: true })
  readonly latency_ms!: LatencyDto | null;
  /** By time, then by falling cost, the others last. Intervals and groups without calls are left out; empty without `interval` and `group_by`. */
  readonly rows!: UsageReportRowDto[];
}
