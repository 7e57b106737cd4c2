import type { Alert } from '../alert.js';
import { messageOf } from '../alert-message.js';
import { signatureHeaders } from '../webhooks/webhook-secret.js';
import type { WebhookFormat } from '../webhooks/webhook.js';

export interface OutgoingMessage {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Slack takes up to 3,000 characters in a section. */
const MAX_SLACK_CHARS = 2_900;

const BODIES: Record<WebhookFormat, (alert: Alert) => object> = { json: toJsonBody, slack: toSlackBody };

/** What is posted for an alert, signed where there is a secret. `nowMs` is the time of this attempt. */
export function toMessage(alert: Alert, format: WebhookFormat, secret: string | undefined, nowMs: number): OutgoingMessage {
  const body = JSON.stringify(BODIES[format](alert));
  const signed = signatureHeaders({ id: alert.id, nowMs, body }, secret);
  return { body, headers: { 'content-type': 'application/json', 'user-agent': 'tollgate-webhooks', ...signed } };
}

function toJsonBody(alert: Alert): object {
  const { id, kind, at, facts } = alert;
  return { id, kind, at: new Date(at).toISOString(), message: messageOf(alert), facts };
}

/** The shape of incoming webhooks (docs.slack.dev, "Sending messages using incoming webhooks"): `text` is what notifications show. */
function toSlackBody(alert: Alert): object {
  const text = escaped(messageOf(alert)).slice(0, MAX_SLACK_CHARS);
  const note = `${escaped(alert.kind)} · ${new Date(alert.at).toISOString()}`;
  return {
    text,
    blocks: [
      { type: 'section', text: { type: 'mrkdwn', text } },
      { type: 'context', elements: [{ type: 'mrkdwn', text: note }] },
    ],
  };
}

/** Else a budget's name could call the whole channel (`<!channel>`), or show one address and lead to another. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
