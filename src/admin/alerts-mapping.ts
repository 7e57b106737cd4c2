import { type Delivery, messageOf, type StoredAlert } from '../alerts/index.js';
import type { AlertDto, DeliveryDto } from './alerts.dto.js';

export function toAlertDto(alert: StoredAlert): AlertDto {
  const { id, at, kind, facts, routedAt } = alert;
  return { id, at: toText(at), kind, message: messageOf(alert), facts: { ...facts }, routed_at: orNull(routedAt) };
}

export function toDeliveryDto(delivery: Delivery): DeliveryDto {
  const { id, alertId, kind, webhookId, webhook, state, attempts, nextAt, lastStatus, lastError, deliveredAt, createdAt } = delivery;
  return {
    id,
    alert_id: alertId,
    kind,
    webhook_id: webhookId,
    webhook,
    state,
    attempts,
    next_at: state === 'pending' ? toText(nextAt) : null,
    last_status: lastStatus ?? null,
    last_error: lastError ?? null,
    delivered_at: orNull(deliveredAt),
    created_at: toText(createdAt),
  };
}

/** One more than asked for was found if there are more. */
export function toPage<T extends { readonly id: string }>(found: readonly T[], limit: number) {
  const data = found.slice(0, limit);
  return { object: 'list', data, has_more: found.length > limit, last_id: data.at(-1)?.id ?? null };
}

function toText(ms: number): string {
  return new Date(ms).toISOString();
}

function orNull(ms: number | undefined): string | null {
  return ms === undefined ? null : toText(ms);
}
