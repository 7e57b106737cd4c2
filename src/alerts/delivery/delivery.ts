import type { Alert } from '../alert.js';
import type { Webhook } from '../webhooks/webhook.js';

export const DELIVERY_STATES = ['pending', 'delivered', 'failed'] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** One alert on its way to one webhook. Times in epoch milliseconds. */
export interface Delivery {
  readonly id: string;
  readonly alertId: string;
  readonly kind: string;
  readonly webhookId: string;
  readonly webhook: string;
  readonly state: DeliveryState;
  /** Begun so far, since it was made out or last asked for again. */
  readonly attempts: number;
  /** When the next attempt is due. While one is under way: when it is given up for lost. */
  readonly nextAt: number;
  /** What the receiver answered last. */
  readonly lastStatus: number | undefined;
  /** Why the last attempt failed. */
  readonly lastError: string | undefined;
  readonly deliveredAt: number | undefined;
  readonly createdAt: number;
}

/** Newest first. */
export interface DeliveryQuestion {
  readonly state?: DeliveryState | undefined;
  readonly webhookId?: string | undefined;
  readonly after?: string | undefined;
  readonly limit: number;
}

/** A delivery that nobody else attempts until its lease ends. */
export interface Claim {
  readonly id: string;
  /** With the one that is to be made. */
  readonly attempts: number;
  readonly leaseUntil: number;
  readonly webhook: Pick<Webhook, 'id' | 'url' | 'format' | 'sealedSecret' | 'changedAt'>;
  readonly alert: Alert;
}

/** What came of an attempt. */
export interface Answer {
  /** undefined = there was none: see `error`. */
  readonly status: number | undefined;
  /** Why the alert did not arrive; undefined = it did. */
  readonly error: string | undefined;
  /** It was not sent, and will not be as long as the address stays what it is. */
  readonly isRefused: boolean;
  /** The receiver's own wish. */
  readonly retryAfterMs: number | undefined;
}

/** What becomes of a delivery after an attempt. */
export type Verdict =
  | { readonly state: 'delivered' }
  | { readonly state: 'pending'; readonly inMs: number }
  /** `isGone`: the receiver wants nothing any more. */
  | { readonly state: 'failed'; readonly isGone: boolean };
