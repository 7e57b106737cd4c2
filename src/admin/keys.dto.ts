import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsInt, IsOptional, IsString, IsUUID, Matches, Max, Min } from 'class-validator';
import type { Role } from '../core/caller.js';
import { ATTRIBUTE_RULES, KEY_STATES, type KeyState, ROLES } from '../keys/index.js';
import { LimitsDto, ShownLimitsDto } from './limits.dto.js';
import { MayObey, NullOrObeys, Obeys } from './obeys.js';
import { PageQueryDto } from './page.dto.js';

const TAGS = { type: 'object', additionalProperties: { type: 'string' } } as const;
const MAX_OVERLAP_SECONDS = 30 * 86_400;

/** What administrators decide about a key. What is left out of a new key restricts nothing. */
class KeyAttributesDto extends LimitsDto {
  /** `client` calls models, `viewer` reads the administration, `admin` does everything. A new key is a `client` unless it says otherwise. */
  @ApiPropertyOptional({ enum: ROLES, example: 'client' })
  @MayObey(ATTRIBUTE_RULES.role)
  readonly role?: Role;

  /**
   * The id of its team: it spends the team's money, and may use what both allow. null = none, and it is for itself. A key that
   * moves takes nothing along: what it spent stays with the team that it was in.
   */
  @ApiPropertyOptional({ type: String, nullable: true, example: null })
  @NullOrObeys(ATTRIBUTE_RULES.team)
  readonly team?: string | null;

  /** Refuses calls that name no end user. Budgets on end users bind where this is so, or where a JWT proves who it is. */
  @ApiPropertyOptional({ example: false })
  @MayObey(ATTRIBUTE_RULES.disabled)
  readonly require_user?: boolean;

  /** Switched off until it is switched on again. */
  @ApiPropertyOptional({ example: false })
  @MayObey(ATTRIBUTE_RULES.disabled)
  readonly disabled?: boolean;

  /** Models that it may use: as clients name them, as providers do, or `provider/model`; `*` stands for any text. Empty = all. */
  @ApiPropertyOptional({ type: [String], example: ['gpt-4*', 'fast'] })
  @MayObey(ATTRIBUTE_RULES.models)
  readonly models?: string[];

  /**
   * What it may call: `chat`, `responses`, `messages`, `embeddings`, `generate`, `models` (and providers), `usage`, `metrics`,
   * `admin`. Empty = all that its role allows.
   */
  @ApiPropertyOptional({ type: [String], example: ['chat', 'models'] })
  @MayObey(ATTRIBUTE_RULES.routes)
  readonly routes?: string[];

  /** Addresses and networks that it may be used from. Behind a proxy this needs `TRUST_PROXY`. Empty = anywhere. */
  @ApiPropertyOptional({ type: [String], example: ['203.0.113.7', '2001:db8::/32'] })
  @MayObey(ATTRIBUTE_RULES.ipAllow)
  readonly ip_allow?: string[];

  /** When it ends: RFC 3339 with a time zone. null = never. */
  @ApiPropertyOptional({ type: String, format: 'date-time', nullable: true, example: '2099-01-01T00:00:00Z' })
  @NullOrObeys(ATTRIBUTE_RULES.expiresAt)
  readonly expires_at?: string | null;

  /** Up to ten; given whole. */
  @ApiPropertyOptional({ ...TAGS, example: { app: 'search' } })
  @MayObey(ATTRIBUTE_RULES.tags)
  readonly tags?: Record<string, string>;

  /** May name files, stored prompts and other things at providers that were made outside the gateway. All keys share the providers' accounts. */
  @ApiPropertyOptional({ example: false })
  @MayObey(ATTRIBUTE_RULES.disabled)
  readonly allow_provider_state?: boolean;
}

export class CreateKeyDto extends KeyAttributesDto {
  /** What it is for. */
  @ApiProperty({ example: 'my-app' })
  @Obeys(ATTRIBUTE_RULES.name)
  readonly name!: string;
}

/** What is left out stays as it is; lists and tags are given whole. */
export class ChangeKeyDto extends KeyAttributesDto {
  /** What it is for. */
  @ApiPropertyOptional({ example: 'my-app' })
  @MayObey(ATTRIBUTE_RULES.name)
  readonly name?: string;
}

export class RotateKeyDto {
  /** How long the old secret works beside the new one: 0 ends it at once. */
  @ApiPropertyOptional({ type: 'integer', minimum: 0, maximum: MAX_OVERLAP_SECONDS, default: 86_400 })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(MAX_OVERLAP_SECONDS)
  readonly overlap_seconds?: number;
}

export class KeysQueryDto extends PageQueryDto {
  /**
   * Text that the name contains, in upper or lower case.
   * @example app
   */
  @IsOptional()
  @IsString()
  @Matches(/^[^\p{Cc}]{1,100}$/u, { message: 'must be 1 to 100 characters on one line' })
  readonly name?: string;

  @ApiPropertyOptional({ enum: ROLES })
  @IsOptional()
  @IsIn(ROLES)
  readonly role?: Role;

  /** Those of the team with this id. */
  @IsOptional()
  @IsUUID()
  readonly team?: string;

  @ApiPropertyOptional({ enum: KEY_STATES })
  @IsOptional()
  @IsIn(KEY_STATES)
  readonly state?: KeyState;
}

export class KeyDto extends ShownLimitsDto {
  /**
   * Stays, also in the ledger, whatever happens to the key.
   * @example 019512aa-3c5b-7f0c-8a5e-4d3c2b1a0f9e
   */
  readonly id!: string;
  /**
   * The middle part of the key's text: `tg-<public id>-<secret>`.
   * @example h7Kq2mWx9RtZ
   */
  readonly public_id!: string;
  /** @example my-app */
  readonly name!: string;
  @ApiProperty({ enum: ROLES, example: 'client' })
  readonly role!: Role;
  @ApiProperty({ enum: KEY_STATES, example: 'active' })
  readonly state!: KeyState;
  /** The id of its team; null = none. */
  @ApiProperty({ type: String, nullable: true, example: null })
  readonly team!: string | null;
  /** Refuses calls that name no end user. */
  readonly require_user!: boolean;
  readonly disabled!: boolean;
  /** Empty = all. */
  readonly models!: string[];
  /** Empty = all that its role allows. */
  readonly routes!: string[];
  /** Empty = anywhere. */
  readonly ip_allow!: string[];
  @ApiProperty({ ...TAGS, example: { app: 'search' } })
  readonly tags!: Record<string, string>;
  readonly allow_provider_state!: boolean;
  /** @example 2026-11-21T15:04:05.000Z */
  readonly created_at!: string;
  /** null = never. */
  @ApiProperty({ type: String, nullable: true, example: null })
  readonly expires_at!: string | null;
  @ApiProperty({ type: String, nullable: true, example: null })
  readonly revoked_at!: string | null;
  /** When its secret was last replaced. */
  @ApiProperty({ type: String, nullable: true, example: null })
  readonly rotated_at!: string | null;
  /** When the secret before that one ends, or ended. */
  @ApiProperty({ type: String, nullable: true, example: null })
  readonly previous_secret_ends_at!: string | null;
}

export class NewKeyDto extends KeyDto {
  /**
   * What clients send. Shown this once, and stored nowhere.
   * @example tg-h7Kq2mWx9RtZ-a0DifferentSecretForEachOfYourKeysXYZ
   */
  readonly key!: string;
}

export class KeyListDto {
  /** @example list */
  readonly object!: string;
  readonly data!: KeyDto[];
  /** There are more after these. */
  readonly has_more!: boolean;
  /** What to ask `after` for the next page; null = there are none. */
  @ApiProperty({ type: String, nullable: true, example: '019512aa-3c5b-7f0c-8a5e-4d3c2b1a0f9e' })
  readonly last_id!: string | null;
}

export class DeletedKeyDto {
  /** @example 019512aa-3c5b-7f0c-8a5e-4d3c2b1a0f9e */
  readonly id!: string;
  readonly deleted!: boolean;
}
