import { isIP } from 'node:net';
import { isPublicAddress } from '../address/public-address.js';
import { ALERT_KINDS } from '../alert.js';
import { isWebhookSecret } from './webhook-secret.js';
import { GENERATE, maskedUrl, WEBHOOK_FORMATS } from './webhook.js';

/** Says what a value must be, as it goes on after the name of the field; undefined = it is. */
export type WebhookRule = (value: unknown) => string | undefined;

const MAX_NAME_CHARS = 100;
const MAX_URL_CHARS = 2_000;
/** Control characters, and halves of characters: neither can be stored. */
const UNFIT = /[\p{Cc}\p{Cs}]/u;

/** What administrators may say of a webhook. Where it may point depends on the configuration: `privateHostOf`. */
export const WEBHOOK_RULES = {
  name: toRule(isName, `must be 1 to ${MAX_NAME_CHARS} characters on one line, without spaces around`),
  url: urlRule,
  format: toRule((value) => (WEBHOOK_FORMATS as readonly unknown[]).includes(value), `must be one of ${WEBHOOK_FORMATS.join(', ')}`),
  kinds: toRule(areKinds, `must be a list of any of ${ALERT_KINDS.join(', ')}; an empty one stands for all`),
  secret: toRule(
    (value) => typeof value === 'string' && (value === GENERATE || isWebhookSecret(value)),
    'must be `generate`, or `whsec_` with 24 to 64 bytes in base64 after it',
  ),
  disabled: toRule((value) => typeof value === 'boolean', 'must be true or false'),
} satisfies Record<string, WebhookRule>;

/** The host of an address that cannot be a public one, as far as can be told without asking for it; undefined = it may be public. */
export function privateHostOf(url: string): string | undefined {
  const host = new URL(url).hostname.replace(/^\[(.*)\]$/, '$1');
  const isLocal = /(?:^|\.)localhost\.?$/.test(host) || (isIP(host) !== 0 && !isPublicAddress(host));
  return isLocal ? host : undefined;
}

function urlRule(value: unknown): string | undefined {
  const usual = `must be an http:// or https:// address of up to ${MAX_URL_CHARS} characters without user and password`;
  if (typeof value !== 'string' || value.length > MAX_URL_CHARS || !/^https?:\/\//i.test(value) || UNFIT.test(value)) return usual;
  if (!URL.canParse(value)) return usual;
  const { username, password, hash } = new URL(value);
  if (username || password || hash) return `${usual}, and without a fragment`;
  if (/\/\*{3}$/.test(value) && maskedUrl(value) === value) return 'is the masked address: give it whole, or leave it out';
  return undefined;
}

function toRule(holds: (value: unknown) => boolean, text: string): WebhookRule {
  return (value) => (holds(value) ? undefined : text);
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && value.trim() === value && value.length > 0 && value.length <= MAX_NAME_CHARS && !UNFIT.test(value);
}

function areKinds(value: unknown): boolean {
  const known: readonly unknown[] = ALERT_KINDS;
  return Array.isArray(value) && value.every((kind) => known.includes(kind)) && new Set(value).size === value.length;
}
