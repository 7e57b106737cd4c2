export { ALERT_KINDS, type AlertFacts, type AlertKind, type StoredAlert } from './alert.js';
export { messageOf } from './alert-message.js';
export { Alerts } from './alerts.js';
export { AlertsModule } from './alerts.module.js';
export { Deliveries } from './delivery/deliveries.js';
export { type Delivery, DELIVERY_STATES, type DeliveryState } from './delivery/delivery.js';
export { WEBHOOK_RULES, type WebhookRule } from './webhooks/webhook-rules.js';
export { Webhooks } from './webhooks/webhooks.js';
export { maskedUrl, type Webhook, WEBHOOK_FORMATS, type WebhookChanges, type WebhookFormat } from './webhooks/webhook.js';
