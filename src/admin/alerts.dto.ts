import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsUUID, Max, Min } from 'class-validator';
import { ALERT_KINDS, type AlertKind, DELIVERY_STATES, type DeliveryState } from '../alerts/index.js';

class AlertPageDto {
  /** Entries on a page. */
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 200, default: 50 })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => Number(value))
  @IsInt()
  @Min(1)
  @Max(200)
  readonly limit: number = 50;

  /** The page after the entry with this id: the `last_id` of the page before. */
  @IsOptional()
  @IsUUID()
  readonly after?: string;
}

export class AlertsQueryDto extends AlertPageDto {
  @ApiPropertyOptional({ enum: ALERT_KINDS })
  @IsOptional()
  @IsIn(ALERT_KINDS)
  readonly kind?: AlertKind;
}

export class DeliveriesQueryDto extends AlertPageDto {
  /** `pending`: on its way, or waiting for another attempt. */
  @ApiPropertyOptional({ enum: DELIVERY_STATES })
  @IsOptional()
  @IsIn(DELIVERY_STATES)
  readonly state?: DeliveryState;

  /** Those to this webhook. */
  @IsOptional()
  @IsUUID()
  readonly webhook_id?: string;
}

export class AlertDto {
  /** @example 019512aa-3c5b-7f0c-8a5e-4d3c2b1a0f9e */
  readonly id!: string;
  /** @example 2026-11-21T15:04:05.000Z */
  readonly at!: string;
  /**
   * `budget_threshold`, `bound_exceeded`, `model_unpriced`, `tier_unpriced`, `ledger_spooled`, `webhook_disabled`; newer versions may know more.
   * @example budget_threshold
   */
  readonly kind!: string;
  /**
   * The alert in a sentence.
   * @example Budget `marketing` of team search has reached 80 % of US$100.00: US$80.12 spent since 2026-11-01.
   */
  readonly message!: string;
  /** What is known about it. Money is text in nano-dollars. */
  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    example: { budget: 'marketing', threshold: 80, spent_nano_usd: '80120000000', limit_nano_usd: '100000000000' },
  })
  readonly facts!: Record<string, string | number | boolean | null>;
  /** When it was handed to the webhooks; null = not yet. */
  @ApiProperty({ type: String, nullable: true, example: '2026-11-21T15:04:06.000Z' })
  readonly routed_at!: string | null;
}

export class AlertListDto {
  /** @example list */
  readonly object!: string;
  readonly data!: AlertDto[];
  /** There are more after these. */
  readonly has_more!: boolean;
  /** What to ask `after` for the next page; null = there are none. */
  @ApiProperty({ type: String, nullable: true, example: '019512aa-3c5b-7f0c-8a5e-4d3c2b1a0f9e' })
  readonly last_id!: string | null;
}

export class DeliveryDto {
  /** @example 5f0c2b7a-91de-4c1b-9f3a-0d2e4c6b8a10 */
  readonly id!: string;
  /** @example 019512aa-3c5b-7f0c-8a5e-4d3c2b1a0f9e */
  readonly alert_id!: string;
  /**
   * Of the alert.
   * @example budget_threshold
   */
  readonly kind!: string;
  /** @example 019512aa-7a10-7c1e-9b2d-1f2e3d4c5b6a */
  readonly webhook_id!: string;
  /**
   * The webhook's name.
   * @example ops-channel
   */
  readonly webhook!: string;
  @ApiProperty({ enum: DELIVERY_STATES, example: 'delivered' })
  readonly state!: DeliveryState;
  /**
   * Begun so far, since it was made out or last retried by hand.
   * @example 1
   */
  readonly attempts!: number;
  /** When the next attempt is due; null = there is none to come. */
  @ApiProperty({ type: String, nullable: true, example: null })
  readonly next_at!: string | null;
  /** What the receiver answered last; null = it never did. */
  @ApiProperty({ type: 'integer', nullable: true, example: 200 })
  readonly last_status!: number | null;
  /** Why the last attempt failed. */
  @ApiProperty({ type: String, nullable: true, example: null })
  readonly last_error!: string | null;
  @ApiProperty({ type: String, nullable: true, example: '2026-11-21T15:04:07.000Z' })
  readonly delivered_at!: string | null;
  /** @example 2026-11-21T15:04:06.000Z */
  readonly created_at!: string;
}

export class DeliveryListDto {
  /** @example list */
  readonly object!: string;
  readonly data!: DeliveryDto[];
  /** There are more after these. */
  readonly has_more!: boolean;
  /** What to ask `after` for the next page; null = there are none. */
  @ApiProperty({ type: String, nullable: true, example: '5f0c2b7a-91de-4c1b-9f3a-0d2e4c6b8a10' })
  readonly last_id!: string | null;
}
