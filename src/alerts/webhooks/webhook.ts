/** What the body of a delivery looks like: ours, or as Slack's incoming webhooks take it. */
export const WEBHOOK_FORMATS = ['json', 'slack'] as const;
export type WebhookFormat = (typeof WEBHOOK_FORMATS)[number];

/** Where alerts are sent. */
export interface Webhook {
  readonly id: string;
  readonly name: string;
  /** Whoever knows it may be able to post there, as with Slack's: shown to people as `maskedUrl` only. */
  readonly url: string;
  readonly format: WebhookFormat;
  /** Encrypted. What deliveries are signed with; undefined = they are not. */
  readonly sealedSecret: string | undefined;
  /** Empty = all. */
  readonly kinds: readonly string[];
  readonly disabled: boolean;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly changedAt: number;
}

/** What administrators decide about a webhook; absent = as it is, and for a new one: json, all kinds, on, not signed. */
export interface WebhookChanges {
  readonly name?: string;
  readonly url?: string;
  readonly format?: WebhookFormat;
  readonly kinds?: readonly string[];
  readonly disabled?: boolean;
  /** As `isWebhookSecret`; null takes it away, `generate` makes a new one. */
  readonly secret?: string | null;
}

export type WebhookWishes = WebhookChanges & Required<Pick<WebhookChanges, 'name' | 'url'>>;

/** In the place of a secret: one that we make. */
export const GENERATE = 'generate';

/** A webhook with the secret that it was given just now, which is shown this once. */
export interface WebhookWithSecret {
  readonly webhook: Webhook;
  readonly secret: string | undefined;
}

/** Path and query of a webhook are often all the secret there is. */
const MASK = '***';

/** `https://hooks.slack.com/***` */
export function maskedUrl(url: string): string {
  const { origin, pathname, search } = new URL(url);
  return pathname === '/' && search === '' ? origin : `${origin}/${MASK}`;
}

/** The place that a webhook's secret is sealed for. */
export function placeOf(webhookId: string): string {
  return `webhook ${webhookId}`;
}
