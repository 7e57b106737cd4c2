import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsInt, IsOptional, Matches, Max, Min } from 'class-validator';
import { ATTRIBUTE_RULES, TOKEN_RULES } from '../keys/index.js';
import { MayObey, NullOrObeys } from './obeys.js';

const TEXT = { type: String, nullable: true } as const;

export class DenyTokensDto {
  /** The `jti` of one token. Either this or `sub`. */
  @ApiPropertyOptional({ example: '4f7c2a52-9a0e-4f43-8a51-1b0d2a4f9c77' })
  @MayObey(TOKEN_RULES.name)
  readonly jti?: string;

  /** The `sub` of all tokens of one end user. Either this or `jti`. */
  @ApiPropertyOptional({ example: 'alice' })
  @MayObey(TOKEN_RULES.name)
  readonly sub?: string;

  /** For those who read the list. */
  @ApiPropertyOptional({ ...TEXT, example: 'laptop stolen' })
  @NullOrObeys(TOKEN_RULES.reason)
  readonly reason?: string | null;

  /** When the last token that this is about expires: it is forgotten then. RFC 3339 with a time zone; null = never. */
  @ApiPropertyOptional({ ...TEXT, format: 'date-time', example: '2099-01-01T00:00:00Z' })
  @NullOrObeys(ATTRIBUTE_RULES.expiresAt)
  readonly expires_at?: string | null;
}

export class DeniedTokensQueryDto {
  /** Denials on a page. */
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 200, default: 50 })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => Number(value))
  @IsInt()
  @Min(1)
  @Max(200)
  readonly limit: number = 50;

  /** The page after the denial with this id: the `last_id` of the page before. */
  @IsOptional()
  @Matches(/^[0-9a-f]{32}$/, { message: 'must be the `last_id` of the page before' })
  readonly after?: string;
}

export class DeniedTokenDto {
  /**
   * The same whenever the same is denied.
   * @example 9b74c9897bac770ffc029102a200c5de
   */
  readonly id!: string;
  /** null = it is about a `sub`. */
  @ApiProperty({ ...TEXT, example: null })
  readonly jti!: string | null;
  /** null = it is about a `jti`. */
  @ApiProperty({ ...TEXT, example: 'alice' })
  readonly sub!: string | null;
  /**
   * The `iss` of the tokens.
   * @example https://id.example.com/
   */
  readonly issuer!: string;
  @ApiProperty({ ...TEXT, example: 'laptop stolen' })
  readonly reason!: string | null;
  /** @example 2026-11-21T15:04:05.000Z */
  readonly denied_at!: string;
  /**
   * The id of the key that asked for it.
   * @example 019512aa-3c5b-7f0c-8a5e-4d3c2b1a0f9e
   */
  readonly denied_by!: string;
  /** null = never. */
  @ApiProperty({ ...TEXT, example: null })
  readonly expires_at!: string | null;
}

export class DeniedTokenListDto {
  /** @example list */
  readonly object!: string;
  readonly data!: DeniedTokenDto[];
  /** There are more after these. */
  readonly has_more!: boolean;
  /** What to ask `after` for the next page; null = there are none. */
  @ApiProperty({ ...TEXT, example: '9b74c9897bac770ffc029102a200c5de' })
  readonly last_id!: string | null;
}

export class AllowedTokenDto {
  /** @example 9b74c9897bac770ffc029102a200c5de */
  readonly id!: string;
  readonly deleted!: boolean;
}
