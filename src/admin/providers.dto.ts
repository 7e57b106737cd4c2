import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, Length } from 'class-validator';
import { ProviderDto } from '../chat/index.js';

export const BREAKER_ORDERS = ['open', 'closed', 'auto'] as const;

export class ProviderTestOrderDto {
  /**
   * What to ask it for. Default: the first model that it lists.
   * @example echo
   */
  @IsOptional()
  @IsString()
  @Length(1, 200)
  readonly model?: string;
}

export class BreakerResetDto {
  /**
   * Of this model alone, as its breaker is called. Default: of all models.
   * @example echo
   */
  @IsOptional()
  @IsString()
  @Length(1, 200)
  readonly model?: string;
}

export class BreakerOrderDto extends BreakerResetDto {
  /** `open` keeps all calls away, `closed` lets all through whatever happens, `auto` leaves it to how calls go. */
  @ApiProperty({ enum: BREAKER_ORDERS, example: 'auto' })
  @IsIn(BREAKER_ORDERS)
  readonly state!: (typeof BREAKER_ORDERS)[number];
}

/** What the last active probe found. */
export class ProbeDto {
  readonly up!: boolean;
  /**
   * RFC 3339.
   * @example 2026-11-21T12:00:00.000Z
   */
  readonly at!: string;
  /** Why it is not up. */
  @ApiProperty({ type: String, nullable: true, example: 'HTTP 401' })
  readonly reason!: string | null;
}

/** A provider with what only administrators may know. */
export class AdminProviderDto extends ProviderDto {
  /** Who has switched it off; null = it is on. */
  @ApiProperty({ enum: ['configuration', 'administrator'], type: String, nullable: true, example: null })
  readonly disabled_by!: 'configuration' | 'administrator' | null;
  /**
   * Attempts since the start.
   * @example 1204
   */
  readonly total_requests!: number;
  /** Since the start, by kind of error. */
  @ApiProperty({ type: 'object', additionalProperties: { type: 'integer' }, example: { upstream_timeout: 2 } })
  readonly error_counts!: Record<string, number>;
  /** null where it was not probed. */
  @ApiProperty({ type: ProbeDto, nullable: true })
  readonly probe!: ProbeDto | null;
}

export class AdminProviderListDto {
  /** @example list */
  readonly object!: string;
  readonly data!: AdminProviderDto[];
}
