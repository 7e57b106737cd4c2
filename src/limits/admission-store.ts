import type { Bound } from './bounds.js';

/** What a call takes up besides its place: at worst while it is held, in truth when it is settled. */
export interface Amounts {
  readonly tokens: number;
  /** Below 2^53, like every sum of them: a budget above nine million US dollars is refused when it is made. */
  readonly costNanoUsd: bigint;
}

/** What names a held call. */
export interface HoldName {
  readonly callId: string;
  /** Picks the shard. */
  readonly tenant: string;
}

/** A call that wants to go out. */
export interface Ask extends HoldName {
  /** The process that will settle it, and whose heartbeat keeps it held until then. */
  readonly owner: string;
  /** All that limits it; at most one bound for each counter. */
  readonly bounds: readonly Bound[];
  readonly worst: Amounts;
  /**
   * The least money with which the call may go out: where the budgets do not have room for its worst case, it is held at all that is
   * left, down to this. At most the worst case.
   */
  readonly leastCostNanoUsd: bigint;
  /** Given to whoever inherits the call: what its interrupted row will need. */
  readonly memo: string;
}

/** How a rate, or another bound, stands. */
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
  /** Between the least and the worst case. */
  readonly heldCostNanoUsd: bigint;
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

/** The store's clock (epoch milliseconds) lies outside of a budget's period, and nothing has changed: ask again with the bounds of that time. */
export interface Stale {
  readonly outcome: 'stale';
  readonly nowMs: number;
}

/** `ended`: this call was cancelled or interrupted before; it must not go out. */
export type Verdict = Admitted | Refused | Stale | { readonly outcome: 'ended' };

/**
 * `amended`: the call had been interrupted, and the counters were changed by the difference. `unknown`: nothing is held under this
 * id, because it was settled or cancelled before, and nothing has changed.
 */
export type Settling = 'settled' | 'amended' | 'unknown';

/** A call whose owner died before it was settled. It is held, now by the heir, until that interrupts or settles it. */
export interface OrphanedHold extends HoldName {
  readonly worst: Amounts;
  readonly memo: string;
}

/** The ledger event of a settled call that its owner, which has died, has not confirmed to be stored. */
export interface OrphanedEvent extends HoldName {
  readonly event: string;
}

export interface Estate {
  readonly holds: readonly OrphanedHold[];
  readonly events: readonly OrphanedEvent[];
}

/** What stands in one counter. `used` includes what is `held` (which only period budgets tell apart); `resetMs` as in `Refused`. */
export interface Reading {
  readonly used: bigint;
  readonly held: bigint;
  readonly resetMs: number | undefined;
}

type Eventually<T> = T | Promise<T>;

/**
 * Counts what calls take up, and decides over all bounds of a call in one step. Every operation is idempotent by call id. A hold
 * ends when it is settled, interrupted or cancelled; never by itself. A rejected promise means that the outcome is unknown: an
 * admission must then be cancelled, everything else repeated.
 */
export interface AdmissionStore {
  admit(ask: Ask): Eventually<Verdict>;
  /** The call is over, but what it took is not known yet: gives back its place among the calls at the same time. */
  release(name: HoldName): Eventually<void>;
  /**
   * Puts what the call really took in the place of what was held. In the same step its ledger event is kept, until it is confirmed:
   * should the owner die before it is stored, an heir will find it. Empty = it is stored already.
   */
  settle(name: HoldName, actual: Amounts, event: string): Eventually<Settling>;
  /** Settles a call whose owner died; what really became of it is not known. A settlement of the owner may follow after all, and amends. */
  interrupt(name: HoldName, actual: Amounts): Eventually<Settling>;
  /** The event of a settled call is in the ledger. */
  confirm(name: HoldName): Eventually<void>;
  /** The call did not go out and took nothing. An admission that arrives later is told `ended`. */
  cancel(name: HoldName): Eventually<void>;
  /** The owner lives: its holds are kept for another lease. */
  renew(owner: string): Eventually<void>;
  /** What owners have left who have died: the holds are the heir's from now on, the events stay where they are until they are confirmed. */
  inherit(heir: string): Eventually<Estate>;
  /** What stands in the counters of a tenant, in the order of `bounds`. */
  look(tenant: string, bounds: readonly Bound[]): Eventually<readonly Reading[]>;
}

/** How long an owner may say nothing before others inherit what it holds. */
export const LEASE_MS = 30_000;
/** How long it is remembered that a call was cancelled or interrupted: longer than any message about it can be under way. */
export const REMEMBER_MS = 24 * 3_600_000;
