import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsTimeZone, Matches } from 'class-validator';
import { IsMoment } from '../moment.js';
import { INTERVALS, type Interval } from './groupings.js';

/** By what the usage of a key can be grouped. */
export const KEY_GROUPINGS = ['model', 'provider', 'user', 'tag', 'template'] as const;
type KeyGrouping = (typeof KEY_GROUPINGS)[number];

/** Which time, and whose days. */
export class UsageSpanQueryDto {
  /**
   * From when on: a time as in RFC 3339, or a date, which means its first moment in `time_zone`. Default: 30 days before `to`, at midnight.
   * @example 2026-11-01
   */
  @IsOptional()
  @IsMoment()
  readonly from?: string;

  /**
   * Until when: a time as in RFC 3339, which is not included, or a date, which is, to its last moment in `time_zone`. Default: now.
   * @example 2026-11-30
   */
  @IsOptional()
  @IsMoment()
  readonly to?: string;

  /**
   * IANA name of the time zone in which days begin; its daylight saving is followed.
   * @example Europe/Berlin
   */
  @ApiPropertyOptional()
  @IsTimeZone({ message: 'must be the IANA name of a time zone, such as Europe/Berlin or UTC' })
  // Newer runtimes take offsets for names, and Postgres reads those with the opposite sign.
  @Matches(/^[A-Za-z]/, { message: 'must be the IANA name of a time zone, such as Europe/Berlin or UTC' })
  readonly time_zone: string = 'UTC';
}

export class UsageStatsQueryDto extends UsageSpanQueryDto {
  /**
   * One row for each hour, day, week (from Monday) or month in `time_zone`. Default: one for the whole time. Hours are for at most 31 days.
   * @example day
   */
  @IsOptional()
  @IsIn(INTERVALS)
  readonly interval?: Interval;

  /**
   * One row for each model, provider, end user, tag or template. A call with several tags counts under each of them. Default: all together.
   * @example model
   */
  @IsOptional()
  @IsIn(KEY_GROUPINGS)
  readonly group_by?: KeyGrouping;
}

/** Each token stands in one kind only; `reasoning` alone is a part of another, `output`. */
export class UsageTokensDto {
  /**
   * Input that was neither read from nor written to a provider's prompt cache.
   * @example 12000
   */
  readonly input!: number;
  /** @example 48000 */
  readonly cache_read!: number;
  /** @example 0 */
  readonly cache_write_5m!: number;
  /** @example 0 */
  readonly cache_write_1h!: number;
  /** @example 5200 */
  readonly output!: number;
  /**
   * How much of `output` was thinking.
   * @example 3100
   */
  readonly reasoning!: number;
  /** @example 0 */
  readonly audio_input!: number;
  /** @example 0 */
  readonly audio_output!: number;
  /** @example 0 */
  readonly image!: number;
  /**
   * All kinds but `reasoning`.
   * @example 65200
   */
  readonly total!: number;
}

export class UsageFiguresDto {
  /** @example 120 */
  readonly requests!: number;
  /**
   * Calls that failed or were cut off by the provider. A client that hung up is no error.
   * @example 2
   */
  readonly errors!: number;
  /**
   * Calls answered from the gateway's own cache.
   * @example 0
   */
  readonly cache_hits!: number;
  readonly tokens!: UsageTokensDto;
  /**
   * US dollars, exact to the nano-dollar.
   * @example 0.182
   */
  readonly cost_usd!: number;
  /**
   * Calls that used tokens of a model without a known price. What they cost is not in `cost_usd`.
   * @example 0
   */
  readonly unpriced_requests!: number;
}

export class UsageRowDto extends UsageFiguresDto {
  /**
   * When the interval begins, in the time zone asked for. Only with `interval`.
   * @example 2026-11-01T00:00:00+01:00
   */
  readonly start?: string;
  /**
   * Only with `group_by=model`; null where no model was reached.
   * @example gpt-4o-mini
   */
  readonly model?: string | null;
  /**
   * Only with `group_by=provider`; null where no provider was reached.
   * @example openai
   */
  readonly provider?: string | null;
  /**
   * Only with `group_by=user`; null where the call named none.
   * @example ann
   */
  readonly user?: string | null;
  /**
   * Only with `group_by=tag`, as `name=value`. Calls without tags are in no row.
   * @example app=search
   */
  readonly tag?: string;
  /**
   * Only with `group_by=template`; null where the call used none.
   * @example greeting
   */
  readonly template?: string | null;
}

/** The figures are those of the whole time asked about. */
export class UsageStatsDto extends UsageFiguresDto {
  /** @example 019b76da-a800-7000-8000-000000000001 */
  readonly key_id!: string;
  /** @example laptop */
  readonly key_name!: string;
  /** @example 2026-11-01T00:00:00+01:00 */
  readonly from!: string;
  /**
   * Not included.
   * @example 2026-12-01T00:00:00+01:00
   */
  readonly to!: string;
  /** @example Europe/Berlin */
  readonly time_zone!: string;
  /** By time, then by falling cost. Intervals and groups without calls are left out; empty without `interval` and `group_by`. */
  readonly rows!: UsageRowDto[];
}
