import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { ATTRIBUTE_RULES } from '../keys/index.js';
import { LimitsDto, ShownLimitsDto } from './limits.dto.js';
import { MayObey, NullOrObeys, Obeys } from './obeys.js';
import { PageQueryDto } from './page.dto.js';

const STATES = ['active', 'disabled'] as const;

/** What is left out stays as it is; lists are given whole. */
export class ChangeEndUserDto extends LimitsDto {
  /** For people. */
  @ApiPropertyOptional({ type: String, nullable: true, example: 'Ann Lee' })
  @NullOrObeys(ATTRIBUTE_RULES.name)
  readonly name?: string | null;

  /** Calls that name it are refused until it is switched on again. */
  @ApiPropertyOptional({ example: false })
  @MayObey(ATTRIBUTE_RULES.disabled)
  readonly disabled?: boolean;

  /** Models that its calls may use, out of those that the key may use; as in keys. Empty = all of those. */
  @ApiPropertyOptional({ type: [String], example: ['gpt-4*', 'fast'] })
  @MayObey(ATTRIBUTE_RULES.models)
  readonly models?: string[];
}

/** Of a team, or of a key that has none: one of both. */
export class CreateEndUserDto extends ChangeEndUserDto {
  /** As calls name it: `user`, `metadata.user_id`, or the `sub` of a JWT. */
  @ApiProperty({ example: 'ann' })
  @Obeys(ATTRIBUTE_RULES.userId)
  readonly user_id!: string;

  /** The id of the team with whose keys it calls. */
  @ApiPropertyOptional({ example: '019512aa-3c5b-7f0c-8a5e-4d3c2b1a0f9e' })
  @MayObey(ATTRIBUTE_RULES.team)
  readonly team?: string;

  /** The key that it calls with, which has no team: its id or public id, or `client:<name>` for one of `API_KEYS`. */
  @ApiPropertyOptional({ example: 'h7Kq2mWx9RtZ' })
  @MayObey(ATTRIBUTE_RULES.key)
  readonly key?: string;
}

export class EndUsersQueryDto extends PageQueryDto {
  /** Those of this team, or of this key, as end users show it. */
  @IsOptional()
  @Obeys(ATTRIBUTE_RULES.key)
  readonly tenant?: string;

  /**
   * As calls name it.
   * @example ann
   */
  @IsOptional()
  @Obeys(ATTRIBUTE_RULES.userId)
  readonly user_id?: string;

  @ApiPropertyOptional({ enum: STATES })
  @IsOptional()
  @IsIn(STATES)
  readonly state?: (typeof STATES)[number];
}

export class EndUserDto extends ShownLimitsDto {
  /** @example 019512aa-3c5b-7f0c-8a5e-4d3c2b1a0f9e */
  readonly id!: string;
  /**
   * The id of the team, or of the key without team, that it belongs to.
   * @example 019512aa-3c5b-7f0c-8a5e-4d3c2b1a0f9e
   */
  readonly tenant!: string;
  /** @example ann */
  readonly user_id!: string;
  @ApiProperty({ type: String, nullable: true, example: 'Ann Lee' })
  readonly name!: string | null;
  readonly disabled!: boolean;
  /** Empty = all. */
  readonly models!: string[];
  /** @example 2026-11-21T15:04:05.000Z */
  readonly created_at!: string;
  /** @example 2026-11-21T15:04:05.000Z */
  readonly changed_at!: string;
}

export class EndUserListDto {
  /** @example list */
  readonly object!: string;
  readonly data!: EndUserDto[];
  /** There are more after these. */
  readonly has_more!: boolean;
  /** What to ask `after` for the next page; null = there are none. */
  @ApiProperty({ type: String, nullable: true, example: '019512aa-3c5b-7f0c-8a5e-4d3c2b1a0f9e' })
  readonly last_id!: string | null;
}

export class DeletedEndUserDto {
  /** @example 019512aa-3c5b-7f0c-8a5e-4d3c2b1a0f9e */
  readonly id!: string;
  readonly deleted!: boolean;
}
