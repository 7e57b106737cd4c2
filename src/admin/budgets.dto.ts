import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsUUID, Max, Min } from 'class-validator';
import { ATTRIBUTE_RULES } from '../keys/index.js';
import { BUDGET_PERIODS, BUDGET_RULES, BUDGET_SCOPES, type BudgetPeriod, type BudgetScope } from '../limits/index.js';
import { MayObey, Obeys } from './obeys.js';

const AMOUNT = { oneOf: [{ type: 'string' }, { type: 'number' }], example: '250' };
const THRESHOLDS = { type: 'array', items: { type: 'integer', minimum: 1, maximum: 100 }, maxItems: 10, example: [50, 80, 100] } as const;
const WINDOW = { type: 'integer', minimum: 3_600, maximum: 31_622_400 } as const;
const MOMENT = { type: String, format: 'date-time' } as const;

/** What may be changed as long as a budget exists. */
export class ChangeBudgetDto {
  /** What it is for. */
  @ApiPropertyOptional({ example: 'search, monthly' })
  @MayObey(ATTRIBUTE_RULES.name)
  readonly name?: string;

  /**
   * US dollars, exact to the nano-dollar, up to 9,000,000; as text, or as a number where that holds all digits. 0 = nothing may be spent.
   * What was spent stays spent: a lower amount may be used up at once.
   */
  @ApiPropertyOptional(AMOUNT)
  @MayObey(BUDGET_RULES.limitUsd)
  readonly limit_usd?: string | number;

  /** Percentages of the amount at which an alert goes out, once in each period. Given whole; empty = none. */
  @ApiPropertyOptional(THRESHOLDS)
  @MayObey(BUDGET_RULES.thresholds)
  readonly thresholds?: number[];

  /** Switched off until it is switched on again: meanwhile it binds nobody, and calls are not charged to it. */
  @ApiPropertyOptional({ example: false })
  @MayObey(ATTRIBUTE_RULES.disabled)
  readonly disabled?: boolean;
}

export class CreateBudgetDto {
  /** What it is for. */
  @ApiProperty({ example: 'search, monthly' })
  @Obeys(ATTRIBUTE_RULES.name)
  readonly name!: string;

  /** Whose calls it counts: those of a `key`, of a `team`, of an end `user` or with a `tag` within one tenant, or of `everything`. */
  @ApiProperty({ enum: BUDGET_SCOPES, example: 'team' })
  @Obeys(BUDGET_RULES.scope)
  readonly scope!: BudgetScope;

  /**
   * Which one: the id of the key or team, the end user as calls name it, or the tag as `name=value`. None for `everything`.
   * End users are bound where they are proven by a JWT, or named with a key that demands it; tags where they are set on the key.
   */
  @ApiPropertyOptional({ example: '019512aa-3c5b-7f0c-8a5e-4d3c2b1a0f9e' })
  @MayObey(BUDGET_RULES.subject)
  readonly subject?: string;

  /** Within what an end user or a tag is meant: the id of a team, or of a key that has none. Only for those two scopes. */
  @ApiPropertyOptional({ example: '019512aa-3c5b-7f0c-8a5e-4d3c2b1a0f9e' })
  @MayObey(BUDGET_RULES.subject)
  readonly tenant?: string;

  /** US dollars, exact to the nano-dollar, up to 9,000,000; as text, or as a number where that holds all digits. 0 = nothing may be spent. */
  @ApiProperty(AMOUNT)
  @Obeys(BUDGET_RULES.limitUsd)
  readonly limit_usd!: string | number;

  /** Once for all (`total`), in each day, week (from Monday) or month of `time_zone`, or within the last `window_seconds` (`rolling`). */
  @ApiProperty({ enum: BUDGET_PERIODS, example: 'month' })
  @Obeys(BUDGET_RULES.period)
  readonly period!: BudgetPeriod;

  /** Of a rolling one: an hour to 366 days. Spending leaves the window in steps of a sixtieth of it at most. */
  @ApiPropertyOptional({ ...WINDOW, example: 86_400 })
  @MayObey(BUDGET_RULES.windowSeconds)
  readonly window_seconds?: number;

  /** IANA name of the time zone in which its days begin; its daylight saving is followed. */
  @ApiPropertyOptional({ default: 'UTC', example: 'Europe/Berlin' })
  @MayObey(BUDGET_RULES.timeZone)
  readonly time_zone?: string;

  /** Percentages of the amount at which an alert goes out, once in each period. Empty = none. */
  @ApiPropertyOptional({ ...THRESHOLDS, default: [50, 80, 100] })
  @MayObey(BUDGET_RULES.thresholds)
  readonly thresholds?: number[];

  /** Switched off until it is switched on. */
  @ApiPropertyOptional({ example: false })
  @MayObey(ATTRIBUTE_RULES.disabled)
  readonly disabled?: boolean;
}

export class BudgetsQueryDto {
  @ApiPropertyOptional({ enum: BUDGET_SCOPES })
  @IsOptional()
  @IsIn(BUDGET_SCOPES)
  readonly scope?: BudgetScope;

  /** Those on this key, team, end user or tag, as budgets show it. */
  @ApiPropertyOptional({ example: 'app=search' })
  @MayObey(BUDGET_RULES.subject)
  readonly subject?: string;

  /** Those on end users and tags of this team, or of this key. */
  @ApiPropertyOptional({ example: '019512aa-3c5b-7f0c-8a5e-4d3c2b1a0f9e' })
  @MayObey(BUDGET_RULES.subject)
  readonly tenant?: string;

  /** Budgets on a page. */
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 200, default: 50 })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => Number(value))
  @IsInt()
  @Min(1)
  @Max(200)
  readonly limit: number = 50;

  /** The page after the budget with this id: the `last_id` of the page before. */
  @IsOptional()
  @IsUUID()
  readonly after?: string;
}

/** Amounts are text in US dollars: a JSON number does not hold every digit of large ones. */
export class BudgetDto {
  /** @example 019512aa-3c5b-7f0c-8a5e-4d3c2b1a0f9e */
  readonly id!: string;
  /** @example search, monthly */
  readonly name!: string;
  @ApiProperty({ enum: BUDGET_SCOPES, example: 'team' })
  readonly scope!: BudgetScope;
  /** null for `everything`. */
  @ApiProperty({ type: String, nullable: true, example: '019512aa-3c5b-7f0c-8a5e-4d3c2b1a0f9e' })
  readonly subject!: string | null;
  /** null but for end users and tags. */
  @ApiProperty({ type: String, nullable: true, example: null })
  readonly tenant!: string | null;
  /** @example 250 */
  readonly limit_usd!: string;
  @ApiProperty({ enum: BUDGET_PERIODS, example: 'month' })
  readonly period!: BudgetPeriod;
  /** null but for `rolling`. */
  @ApiProperty({ ...WINDOW, nullable: true, example: null })
  readonly window_seconds!: number | null;
  /** @example Europe/Berlin */
  readonly time_zone!: string;
  /** @example [50, 80, 100] */
  readonly thresholds!: number[];
  readonly disabled!: boolean;
  /** null = it cannot be told at the moment. */
  @ApiProperty({ type: String, nullable: true, example: '61.250000125' })
  readonly spent_usd!: string | null;
  /** What calls that are under way may come to; a rolling budget counts it as spent. */
  @ApiProperty({ type: String, nullable: true, example: '0.75' })
  readonly held_usd!: string | null;
  @ApiProperty({ type: String, nullable: true, example: '187.999999875' })
  readonly remaining_usd!: string | null;
  /** From when on is counted: the beginning of the period, but not before the budget was made or last reset. */
  @ApiProperty({ ...MOMENT, example: '2026-10-31T23:00:00.000Z' })
  readonly period_starts_at!: string;
  /** When the period ends and it begins anew, or for a rolling one when some of it is free again; null = never, or nothing is spent. */
  @ApiProperty({ ...MOMENT, nullable: true, example: '2026-11-30T23:00:00.000Z' })
  readonly resets_at!: string | null;
  /** When it was made, or last reset. */
  @ApiProperty({ ...MOMENT, example: '2026-10-21T09:30:00.000Z' })
  readonly counts_from!: string;
  @ApiProperty({ ...MOMENT, example: '2026-10-21T09:30:00.000Z' })
  readonly created_at!: string;
  @ApiProperty({ ...MOMENT, example: '2026-10-21T09:30:00.000Z' })
  readonly changed_at!: string;
}

export class BudgetListDto {
  /** @example list */
  readonly object!: string;
  readonly data!: BudgetDto[];
  /** There are more after these. */
  readonly has_more!: boolean;
  /** What to ask `after` for the next page; null = there are none. */
  @ApiProperty({ type: String, nullable: true, example: '019512aa-3c5b-7f0c-8a5e-4d3c2b1a0f9e' })
  readonly last_id!: string | null;
}

export class DeletedBudgetDto {
  /** @example 019512aa-3c5b-7f0c-8a5e-4d3c2b1a0f9e */
  readonly id!: string;
  readonly deleted!: boolean;
}
