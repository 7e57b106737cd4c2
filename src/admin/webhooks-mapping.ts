import { maskedUrl, type Webhook, type WebhookChanges, type Webhooks } from '../alerts/index.js';
import type { ChangeWebhookDto, WebhookDto, WebhookTestDto } from './webhooks.dto.js';

/** What was sent, in the words of webhooks: a field that was left out is absent. */
export function toWebhookChanges({ name, url, format, kinds, disabled, secret }: ChangeWebhookDto): WebhookChanges {
  const given = { name, url, format, kinds, disabled, secret };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

export function toWebhookDto({ id, name, url, format, sealedSecret, kinds, disabled, createdAt, changedAt }: Webhook): WebhookDto {
  return {
    id,
    name,
    url: maskedUrl(url),
    format,
    signed: sealedSecret !== undefined,
    kinds: [...kinds],
    disabled,
    created_at: new Date(createdAt).toISOString(),
    changed_at: new Date(changedAt).toISOString(),
  };
}

export function toWebhookTestDto({ status, error, tookMs }: NonNullable<Awaited<ReturnType<Webhooks['test']>>>): WebhookTestDto {
  return { delivered: error === undefined, status: status ?? null, error: error ?? null, duration_ms: Math.round(tookMs) };
}
