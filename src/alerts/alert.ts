/** What an alert can be about. Whoever adds one says in `alert-message.ts` how it is told. */
export const ALERT_KINDS = [
  'budget_threshold',
  'bound_exceeded',
  'model_unpriced',
  'tier_unpriced',
  'ledger_spooled',
  'webhook_disabled',
] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];

/** What is known about the occasion, in snake case. Money is text in nano-dollars, times are RFC 3339; no secret belongs here. */
export interface AlertFacts {
  readonly [name: string]: string | number | boolean | null;
}

/** Something that administrators should know. */
export interface Alert {
  readonly id: string;
  /** Epoch milliseconds. */
  readonly at: number;
  /** One of `ALERT_KINDS`, or one that another version of the gateway knows, or `test`. */
  readonly kind: string;
  readonly facts: AlertFacts;
}

export interface StoredAlert extends Alert {
  readonly occasion: string;
  /** When its deliveries were made out; undefined = not yet. */
  readonly routedAt: number | undefined;
}

/** Newest first. */
export interface AlertQuestion {
  readonly kind?: string | undefined;
  /** Only what comes after the alert with this id. */
  readonly after?: string | undefined;
  readonly limit: number;
}
