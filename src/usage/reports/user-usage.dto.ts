import { ApiProperty } from '@nestjs/swagger';
import { UsageFiguresDto } from './usage-stats.dto.js';

export class ModelUsageDto extends UsageFiguresDto {
  /** null where no model was reached. */
  @ApiProperty({ type: String, nullable: true, example: 'gpt-4o-mini' })
  readonly model!: string | null;
}

export class TenantUsageDto extends UsageFiguresDto {
  /**
   * The team, or the key where it has none.
   * @example 019512aa-7a10-7c1e-9b2d-1f2e3d4c5b6a
   */
  readonly tenant!: string;
  /** Of the team, or of the key; null = it is not kept in the database. */
  @ApiProperty({ type: String, nullable: true, example: 'research' })
  readonly tenant_name!: string | null;
}

/** The figures are those of the whole time asked about. */
export class UserUsageDto extends UsageFiguresDto {
  /** @example ann */
  readonly user_id!: string;
  /** @example 2026-11-01T00:00:00+01:00 */
  readonly from!: string;
  /**
   * Not included.
   * @example 2026-12-01T00:00:00+01:00
   */
  readonly to!: string;
  /** @example Europe/Berlin */
  readonly time_zone!: string;
  /** By falling cost. */
  readonly models!: ModelUsageDto[];
  /** By falling cost, where the user called within several; for administrators. */
  readonly tenants!: TenantUsageDto[];
}
