import type { Bound } from './bounds.js';

/** What a call takes up besides its place: at worst while it is held, in truth when it is settled. */
export interface Amounts {
  readonly tokens: number;
  /** Below 2^53, like every sum of them: a budget above nine million US dollars is refused when it is made. */
  readonly costNanoUsd: bigint;
}

/** A call that wants to go out. */
export interface Ask {
  readonly callId: string;
  /** Picks the shard. */
  readonly tenant: string;
  /** The process that will settle it, and whose heartbeat keeps it held until then. */
  readonly owner: string;
  /** All that limits it; at most one bound for each counter. */
  readonly bounds: readonly Bound[];
  readonly worst: Amounts;
  /** Given back if the call has to be reaped: what its interrupted row will need. */
  readonly memo: string;
}

/** What is left of a rate after an admitted call. */
export interface Figure {
  readonly limit: number;
  readonly remaining: number;
  /** Until the oldest that is counted leaves the window. */
  readonly resetMs: number;
}

/** Held now, with the figures of the rates that are nearest to binding. */
export interface Admitted {
  readonly outcome: 'admitted';
  readonly requests: Figure | undefined;
  readonly tokens: Figure | undefined;
}

/** Nothing has changed. Of several bounds that do not fit, `bound` is the one that keeps the call out for longest. */
export interface Refused {
  readonly outcome: 'refused';
  readonly bound: Bound;
  readonly used: bigint;
  readonly needed: bigint;
  /** `Infinity` = never; undefined = nobody knows (when one of the calls in flight ends). */
  readonly resetMs: number | undefined;
}

/**
 * `stale`: the store's clock lies outside of that budget's period, and nothing has changed. `ended`: this call was cancelled or
 * reaped before; it must not go out.
 */
export type Verdict = Admitted | Refused | { readonly outcome: 'stale'; readonly bound: Bound } | { readonly outcome: 'ended' };

/**
 * `amended`: the call had been reaped, and the counters were changed by the difference. `unknown`: nothing is held under this id,
 * because it was settled or cancelled before, and nothing has changed.
 */
export type Settling = 'settled' | 'amended' | 'unknown';

/** What names a held call. */
export type HoldName = Pick<Ask, 'callId' | 'tenant'>;

/** A call whose owner died. It has been charged its worst case; settling it after all amends that. */
export interface Reaped {
  readonly callId: string;
  readonly owner: string;
  readonly worst: Amounts;
  readonly memo: string;
}

/** What stands in one counter. `used` includes what is `held` (which only period budgets tell apart). */
export interface Reading {
  readonly used: bigint;
  readonly held: bigint;
}

type Eventually<T> = T | Promise<T>;

/**
 * Counts what calls take up, and decides over all bounds of a call in one step. Every operation is idempotent by call id. A hold
 * ends when it is settled, cancelled, or reaped after its owner has said nothing for the length of its lease; never by itself.
 * A rejected promise means that the outcome is unknown: an admission must then be cancelled, a settlement repeated.
 */
export interface AdmissionStore {
  admit(ask: Ask): Eventually<Verdict>;
  /** The call is over, but what it took is not known yet: gives back its place among the calls at the same time. */
  release(name: HoldName): Eventually<void>;
  /** Puts what the call really took in the place of what was held. */
  settle(name: HoldName, actual: Amounts): Eventually<Settling>;
  /** The call did not go out and took nothing. An admission that arrives later is told `ended`. */
  cancel(name: HoldName): Eventually<void>;
  /** The owner lives: its holds are kept for another lease. */
  renew(owner: string): Eventually<void>;
  /** Ends the holds of owners who have died. */
  reap(): Eventually<readonly Reaped[]>;
  /** What stands in the counters of a tenant, in the order of `bounds`. */
  look(tenant: string, bounds: readonly Bound[]): Eventually<readonly Reading[]>;
}

/** How long an owner may say nothing before its holds are reaped. */
export const LEASE_MS = 30_000;
/** How long it is remembered that a call was cancelled or reaped: longer than any message about it can be under way. */
export const REMEMBER_MS = 24 * 3_600_000;
