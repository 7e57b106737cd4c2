import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ALERT_KINDS, type AlertKind, WEBHOOK_FORMATS, WEBHOOK_RULES, type WebhookFormat } from '../alerts/index.js';
import { MayObey, NullOrObeys, Obeys } from './obeys.js';

const SECRET = { type: String, nullable: true, example: 'generate' } as const;

class WebhookAttributesDto {
  /** What is posted: `json` = our own shape, `slack` = that of Slack's incoming webhooks, which others take, too. */
  @ApiPropertyOptional({ enum: WEBHOOK_FORMATS, default: 'json' })
  @MayObey(WEBHOOK_RULES.format)
  readonly format?: WebhookFormat;

  /** Which alerts it gets. Empty = all. */
  @ApiPropertyOptional({ enum: ALERT_KINDS, isArray: true, example: ['budget_threshold'] })
  @MayObey(WEBHOOK_RULES.kinds)
  readonly kinds?: AlertKind[];

  /** Switched off until it is switched on again. What was on its way rests meanwhile. */
  @ApiPropertyOptional({ example: false })
  @MayObey(WEBHOOK_RULES.disabled)
  readonly disabled?: boolean;

  /**
   * What deliveries are signed with: `generate`, or a secret of your own, `whsec_` and 24 to 64 bytes in base64. null = they are not
   * signed. Needs `TOLLGATE_SECRET_KEYS`, with which it is stored encrypted.
   */
  @ApiPropertyOptional(SECRET)
  @NullOrObeys(WEBHOOK_RULES.secret)
  readonly secret?: string | null;
}

export class CreateWebhookDto extends WebhookAttributesDto {
  /** What people call it. */
  @ApiProperty({ example: 'ops-channel' })
  @Obeys(WEBHOOK_RULES.name)
  readonly name!: string;

  /** Where alerts are posted. Public addresses only, unless `ALLOW_PRIVATE_WEBHOOKS=true`. */
  @ApiProperty({ example: 'https://hooks.example.com/tollgate' })
  @Obeys(WEBHOOK_RULES.url)
  readonly url!: string;
}

/** What is left out stays as it is. */
export class ChangeWebhookDto extends WebhookAttributesDto {
  /** What people call it. */
  @ApiPropertyOptional({ example: 'ops-channel' })
  @MayObey(WEBHOOK_RULES.name)
  readonly name?: string;

  /** Where alerts are posted, in whole. */
  @ApiPropertyOptional({ example: 'https://hooks.example.com/tollgate' })
  @MayObey(WEBHOOK_RULES.url)
  readonly url?: string;
}

export class WebhookDto {
  /** @example 019512aa-7a10-7c1e-9b2d-1f2e3d4c5b6a */
  readonly id!: string;
  /** @example ops-channel */
  readonly name!: string;
  /**
   * Without path and query, which may be all the secret there is.
   * @example https://hooks.slack.com/***
   */
  readonly url!: string;
  @ApiProperty({ enum: WEBHOOK_FORMATS, example: 'slack' })
  readonly format!: WebhookFormat;
  /** It has a secret that its deliveries are signed with. */
  readonly signed!: boolean;
  /** Empty = all. */
  @ApiProperty({ type: [String], example: ['budget_threshold'] })
  readonly kinds!: string[];
  readonly disabled!: boolean;
  /** @example 2026-11-21T15:04:05.000Z */
  readonly created_at!: string;
  /** @example 2026-11-21T15:04:05.000Z */
  readonly changed_at!: string;
}

export class WebhookWithSecretDto extends WebhookDto {
  /** The secret that it was given with this request, shown this once; null = none was. */
  @ApiProperty({ type: String, nullable: true, example: 'whsec_dGhpcyBpcyBvbmx5IGFuIGV4YW1wbGUgc2VjcmV0' })
  readonly secret!: string | null;
}

export class WebhookListDto {
  /** @example list */
  readonly object!: string;
  readonly data!: WebhookDto[];
}

export class DeletedWebhookDto {
  /** @example 019512aa-7a10-7c1e-9b2d-1f2e3d4c5b6a */
  readonly id!: string;
  readonly deleted!: boolean;
}

/** What came of a test. */
export class WebhookTestDto {
  /** The receiver answered with a status of 2xx. */
  readonly delivered!: boolean;
  /** null = it did not answer. */
  @ApiProperty({ type: 'integer', nullable: true, example: 200 })
  readonly status!: number | null;
  /** Why it was not delivered. */
  @ApiProperty({ type: String, nullable: true, example: null })
  readonly error!: string | null;
  /** @example 183 */
  readonly duration_ms!: number;
}
