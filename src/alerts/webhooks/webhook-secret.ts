import { createHmac, randomBytes } from 'node:crypto';

/** Standard Webhooks (standardwebhooks.com), version 1.0.0: secrets are 24 to 64 bytes in base64 behind this prefix. */
const PREFIX = 'whsec_';
const MADE_BYTES = 32;
const MIN_BYTES = 24;
const MAX_BYTES = 64;

export function makeWebhookSecret(): string {
  return PREFIX + randomBytes(MADE_BYTES).toString('base64');
}

/** Any other text would be read as another key by other libraries. */
export function isWebhookSecret(text: string): boolean {
  const written = text.slice(PREFIX.length);
  const bytes = Buffer.from(written, 'base64');
  return text.startsWith(PREFIX) && bytes.toString('base64') === written && bytes.length >= MIN_BYTES && bytes.length <= MAX_BYTES;
}

export interface SignedMessage {
  /** The same for each attempt; without a full stop. */
  readonly id: string;
  /** Of this attempt, epoch milliseconds. */
  readonly nowMs: number;
  readonly body: string;
}

/** `webhook-id`, `webhook-timestamp` and, where there is a secret, `webhook-signature`. */
export function signatureHeaders({ id, nowMs, body }: SignedMessage, secret: string | undefined): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(nowMs / 1_000));
  const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp };
  if (secret === undefined) return headers;
  const key = Buffer.from(secret.slice(PREFIX.length), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`, 'utf8').digest('base64');
  return { ...headers, 'webhook-signature': `v1,${signature}` };
}
