import type { Clock } from '../../core/clock.js';
import {
  type AdmissionStore,
  type Amounts,
  type Ask,
  type Estate,
  type HoldName,
  type OrphanedEvent,
  type OrphanedHold,
  type Reading,
  REMEMBER_MS,
  type Settling,
  type Verdict,
} from '../admission-store.js';
import type { Bound, BudgetBound } from '../bounds.js';
import { type Counter, makeCounter, type Moment, type Spent, type Taken } from './counters.js';
import { LocalHold } from './local-hold.js';
import { Owners } from './owners.js';
import { heldOf, objectionTo, toAdmitted } from './verdicts.js';

const ENDED: Verdict = { outcome: 'ended' };
const NOTHING: Taken = { requests: 0, tokens: 0, costNanoUsd: 0n };

interface KeptEvent extends OrphanedEvent {
  readonly owner: string;
}

/**
 * Admission within one process. Counts start with what they are seeded with; counters that have gone quiet are forgotten. All
 * tenants are counted here, so that a budget on everything is a counter like any other.
 */
export class LocalStore implements AdmissionStore {
  private readonly counters = new Map<string, Counter>();
  private visits = this.counters.entries();
  private readonly holds = new Map<string, LocalHold>();
  /** Of settled calls, until they are confirmed. */
  private readonly events = new Map<string, KeptEvent>();
  /** Calls that were cancelled or interrupted, and until when (epoch) that is remembered; the oldest first. */
  private readonly ended = new Map<string, number>();
  private readonly owners = new Owners();
  private lastEpochMs = -Infinity;

  constructor(private readonly clock: Clock) {}

  admit(ask: Ask): Verdict {
    if (this.ended.has(ask.callId)) return ENDED;
    const known = this.holds.get(ask.callId);
    if (known) return known.admitted;
    const now = this.now();
    const counters = ask.bounds.map((bound) => this.counterOf(bound));
    const held = heldOf(ask, counters, now);
    const against = objectionTo(ask.bounds, counters, held, now);
    if (against) return against;
    const receipts = counters.map((counter) => counter.take(held, now));
    const admitted = toAdmitted(ask.bounds, counters, held.costNanoUsd, now);
    this.holds.set(ask.callId, new LocalHold(ask, held, counters, receipts, admitted));
    this.owners.renew(ask.owner, now.epochMs);
    this.forgetOneIfIdle(now);
    return admitted;
  }

  release({ callId }: HoldName): void {
    this.holds.get(callId)?.release();
  }

  /** What the call used stands in the place of what was held; its money stays held until it is settled. */
  settleTokens({ callId }: HoldName, tokens: number): void {
    this.holds.get(callId)?.settleTokens(tokens);
  }

  settle({ callId }: HoldName, actual: Amounts, event: string): Settling {
    const hold = this.holds.get(callId);
    if (!hold) return 'unknown';
    const { tenant, owner } = hold.ask;
    hold.end(takenOf(actual));
    this.holds.delete(callId);
    if (event !== '') this.events.set(callId, { callId, tenant, owner, event });
    return hold.isInterrupted ? 'amended' : 'settled';
  }

  interrupt({ callId }: HoldName, actual: Amounts): Settling {
    const hold = this.holds.get(callId);
    if (!hold || hold.isInterrupted) return 'unknown';
    hold.interrupt(takenOf(actual));
    this.bury(callId, this.now());
    return 'settled';
  }

  confirm({ callId }: HoldName): void {
    this.events.delete(callId);
  }

  cancel({ callId }: HoldName): void {
    this.holds.get(callId)?.end(NOTHING);
    this.holds.delete(callId);
    this.bury(callId, this.now());
  }

  renew(owner: string): void {
    this.owners.renew(owner, this.now().epochMs);
  }

  inherit(heir: string): Estate {
    const { epochMs } = this.now();
    const holds: OrphanedHold[] = [];
    for (const hold of this.holds.values()) {
      if (this.isLeftTo(heir, hold, epochMs)) holds.push(orphanedBy(hold));
    }
    const events: OrphanedEvent[] = [];
    for (const { callId, tenant, owner, event } of this.events.values()) {
      if (this.owners.isDead(owner, epochMs)) events.push({ callId, tenant, event });
    }
    this.owners.forgetTheDead(epochMs);
    return { holds, events };
  }

  look(_tenant: string, bounds: readonly Bound[]): readonly Reading[] {
    const now = this.now();
    return bounds.map((bound) => (this.counters.get(bound.counter) ?? makeCounter(bound)).reading(bound, now));
  }

  /** What was spent of a budget before this process began. The first word for each counter holds. */
  seed(bound: BudgetBound, spent: readonly Spent[]): void {
    this.counterOf(bound).seed(spent);
  }

  /** Counters that are remembered. */
  get size(): number {
    return this.counters.size;
  }

  private now(): Moment {
    this.lastEpochMs = Math.max(this.lastEpochMs, this.clock.now());
    return { elapsedMs: this.clock.elapsed(), epochMs: this.lastEpochMs };
  }

  private counterOf(bound: Bound): Counter {
    let counter = this.counters.get(bound.counter);
    if (!counter) this.counters.set(bound.counter, (counter = makeCounter(bound)));
    return counter;
  }

  /** Takes it over where its keeper has died. */
  private isLeftTo(heir: string, hold: LocalHold, epochMs: number): boolean {
    if (hold.isInterrupted) return false;
    if (this.owners.isDead(hold.keeper, epochMs)) {
      hold.keeper = heir;
      hold.isInherited = true;
    }
    return hold.isInherited && hold.keeper === heir;
  }

  private bury(callId: string, { epochMs }: Moment): void {
    this.ended.delete(callId);
    this.ended.set(callId, epochMs + REMEMBER_MS);
    for (const [id, until] of this.ended) {
      if (until > epochMs) break;
      this.ended.delete(id);
      this.holds.delete(id);
    }
  }

  /** Each call looks at one counter in turn: all are seen again and again, at a constant cost and without a timer. */
  private forgetOneIfIdle(now: Moment): void {
    const visit = this.visits.next();
    if (visit.done) this.visits = this.counters.entries();
    else if (visit.value[1].isIdle(now)) this.counters.delete(visit.value[0]);
  }
}

function takenOf({ tokens, costNanoUsd }: Amounts): Taken {
  return { requests: 1, tokens, costNanoUsd };
}

function orphanedBy({ ask: { callId, tenant, memo }, held: { tokens, costNanoUsd } }: LocalHold): OrphanedHold {
  return { callId, tenant, worst: { tokens, costNanoUsd }, memo };
}
