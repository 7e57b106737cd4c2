import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, Matches } from 'class-validator';
import { ATTRIBUTE_RULES } from '../keys/index.js';
import { LimitsDto, ShownLimitsDto } from './limits.dto.js';
import { MayObey, Obeys } from './obeys.js';
import { PageQueryDto } from './page.dto.js';

const STATES = ['active', 'disabled'] as const;

/** What administrators decide about a team. What is left out of a new one restricts nothing. */
class TeamAttributesDto extends LimitsDto {
  /** All its keys are refused until it is switched on again. */
  @ApiPropertyOptional({ example: false })
  @MayObey(ATTRIBUTE_RULES.disabled)
  readonly disabled?: boolean;

  /**
   * Models that its keys may use: as clients name them, as providers do, or `provider/model`; `*` stands for any text. A key may use
   * what itself and its team both allow. Empty = all.
   */
  @ApiPropertyOptional({ type: [String], example: ['gpt-4*', 'fast'] })
  @MayObey(ATTRIBUTE_RULES.models)
  readonly models?: string[];
}

export class CreateTeamDto extends TeamAttributesDto {
  /** No two teams have the same. */
  @ApiProperty({ example: 'search' })
  @Obeys(ATTRIBUTE_RULES.name)
  readonly name!: string;
}

/** What is left out stays as it is; lists are given whole. */
export class ChangeTeamDto extends TeamAttributesDto {
  /** No two teams have the same. */
  @ApiPropertyOptional({ example: 'search' })
  @MayObey(ATTRIBUTE_RULES.name)
  readonly name?: string;
}

export class TeamsQueryDto extends PageQueryDto {
  /**
   * Text that the name contains, in upper or lower case.
   * @example sea
   */
  @IsOptional()
  @IsString()
  @Matches(/^[^\p{Cc}]{1,100}$/u, { message: 'must be 1 to 100 characters on one line' })
  readonly name?: string;

  @ApiPropertyOptional({ enum: STATES })
  @IsOptional()
  @IsIn(STATES)
  readonly state?: (typeof STATES)[number];
}

export class TeamDto extends ShownLimitsDto {
  /**
   * What its keys' `team` says, and in the ledger whose money it was.
   * @example 019512aa-3c5b-7f0c-8a5e-4d3c2b1a0f9e
   */
  readonly id!: string;
  /** @example search */
  readonly name!: string;
  readonly disabled!: boolean;
  /** Empty = all. */
  readonly models!: string[];
  /** @example 2026-11-21T15:04:05.000Z */
  readonly created_at!: string;
  /** @example 2026-11-21T15:04:05.000Z */
  readonly changed_at!: string;
}

export class TeamListDto {
  /** @example list */
  readonly object!: string;
  readonly data!: TeamDto[];
  /** There are more after these. */
  readonly has_more!: boolean;
  /** What to ask `after` for the next page; null = there are none. */
  @ApiProperty({ type: String, nullable: true, example: '019512aa-3c5b-7f0c-8a5e-4d3c2b1a0f9e' })
  readonly last_id!: string | null;
}

export class DeletedTeamDto {
  /** @example 019512aa-3c5b-7f0c-8a5e-4d3c2b1a0f9e */
  readonly id!: string;
  readonly deleted!: boolean;
}
