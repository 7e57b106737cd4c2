import type { Clock } from '../../core/clock.js';
import {
  type Admitted,
  type AdmissionStore,
  type Amounts,
  type Ask,
  type Figure,
  type HoldName,
  LEASE_MS,
  type Reading,
  type Reaped,
  type Refused,
  REMEMBER_MS,
  type Settling,
  type Verdict,
} from '../admission-store.js';
import type { Bound, RateBound } from '../bounds.js';
import { type Counter, makeCounter, type Misfit, type Moment, type Taken, WindowCounter } from './counters.js';

const ENDED: Verdict = { outcome: 'ended' };
const NOTHING: Taken = { requests: 0, tokens: 0, costNanoUsd: 0n };
const NOT_TAKEN: Reading = { used: 0n, held: 0n };

/** What an admitted call takes up, until its owner says what became of it. */
class LocalHold {
  isReleased = false;
  isReaped = false;

  constructor(
    readonly ask: Ask,
    readonly worst: Taken,
    readonly counters: readonly Counter[],
    readonly receipts: readonly number[],
    readonly admitted: Admitted,
  ) {}

  release(): void {
    if (this.isReleased) return;
    this.isReleased = true;
    for (const counter of this.counters) counter.release();
  }

  end(actual: Taken): void {
    this.release();
    const { counters, receipts, worst } = this;
    for (let at = 0; at < counters.length; at += 1) {
      if (this.isReaped) counters[at]!.amend(receipts[at]!, worst, actual);
      else counters[at]!.settle(receipts[at]!, worst, actual);
    }
  }

  reap(): void {
    this.release();
    this.isReaped = true;
    for (const counter of this.counters) counter.reap(this.worst);
  }
}

/** Admission within one process. Counts start at nothing with the process; counters that have gone quiet are forgotten. */
export class LocalStore implements AdmissionStore {
  private readonly counters = new Map<string, Counter>();
  private visits = this.counters.entries();
  private readonly holds = new Map<string, LocalHold>();
  /** Calls that were cancelled or reaped, and until when (epoch) that is remembered; the oldest first. */
  private readonly ended = new Map<string, number>();
  /** Until when (epoch) each owner counts as alive. */
  private readonly owners = new Map<string, number>();
  private lastEpochMs = 0;

  constructor(private readonly clock: Clock) {}

  admit(ask: Ask): Verdict {
    const known = this.holds.get(ask.callId);
    if (this.ended.has(ask.callId)) return ENDED;
    if (known) return known.admitted;
    const now = this.now();
    const worst: Taken = { requests: 1, tokens: ask.worst.tokens, costNanoUsd: ask.worst.costNanoUsd };
    const counters = ask.bounds.map((bound) => this.counterOf(bound));
    const against = objectionTo(ask.bounds, counters, worst, now);
    if (against) return against;
    const receipts = counters.map((counter) => counter.take(worst, now));
    const hold = new LocalHold(ask, worst, counters, receipts, toAdmitted(ask.bounds, counters, now));
    this.holds.set(ask.callId, hold);
    this.owners.set(ask.owner, now.epochMs + LEASE_MS);
    this.forgetOneIfIdle(now);
    return hold.admitted;
  }

  release({ callId }: HoldName): void {
    this.holds.get(callId)?.release();
  }

  settle({ callId }: HoldName, actual: Amounts): Settling {
    const hold = this.holds.get(callId);
    if (!hold) return 'unknown';
    hold.end({ requests: 1, tokens: actual.tokens, costNanoUsd: actual.costNanoUsd });
    this.holds.delete(callId);
    return hold.isReaped ? 'amended' : 'settled';
  }

  cancel({ callId }: HoldName): void {
    this.holds.get(callId)?.end(NOTHING);
    this.holds.delete(callId);
    this.bury(callId, this.now());
  }

  renew(owner: string): void {
    this.owners.set(owner, this.now().epochMs + LEASE_MS);
  }

  reap(): readonly Reaped[] {
    const now = this.now();
    const dead = [...this.holds.values()].filter(({ ask, isReaped }) => !isReaped && this.owners.get(ask.owner)! <= now.epochMs);
    for (const hold of dead) {
      hold.reap();
      this.bury(hold.ask.callId, now);
    }
    for (const [owner, until] of this.owners) if (until <= now.epochMs) this.owners.delete(owner);
    return dead.map(({ ask: { callId, owner, worst, memo } }) => ({ callId, owner, worst, memo }));
  }

  look(_tenant: string, bounds: readonly Bound[]): readonly Reading[] {
    const now = this.now();
    return bounds.map(({ counter }) => this.counters.get(counter)?.reading(now) ?? NOT_TAKEN);
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

  private bury(callId: string, { epochMs }: Moment): void {
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

function toAdmitted(bounds: readonly Bound[], counters: readonly Counter[], { elapsedMs }: Moment): Admitted {
  let requests: Figure | undefined;
  let tokens: Figure | undefined;
  for (let at = 0; at < bounds.length; at += 1) {
    const bound = bounds[at]!;
    const counter = counters[at]!;
    if (!(counter instanceof WindowCounter)) continue;
    if (bound.kind === 'requests') requests = tighter(requests, bound, counter, elapsedMs);
    else if (bound.kind === 'tokens') tokens = tighter(tokens, bound, counter, elapsedMs);
  }
  return { outcome: 'admitted', requests, tokens };
}

function tighter(than: Figure | undefined, { limit }: RateBound, { window }: WindowCounter, elapsedMs: number): Figure {
  const remaining = Math.max(0, limit - window.sum(elapsedMs));
  if (than && than.remaining <= remaining) return than;
  return { limit, remaining, resetMs: window.resetMs(elapsedMs, limit, 0) };
}

/** Undefined = the call fits everywhere. */
function objectionTo(bounds: readonly Bound[], counters: readonly Counter[], worst: Taken, now: Moment): Verdict | undefined {
  let misfit: (Misfit & { readonly bound: Bound }) | undefined;
  for (let at = 0; at < bounds.length; at += 1) {
    const bound = bounds[at]!;
    if (bound.kind === 'budget' && (now.epochMs < bound.startsAt || now.epochMs >= bound.endsAt)) return { outcome: 'stale', bound };
    const found = counters[at]!.misfit(bound, worst, now);
    if (found && (!misfit || (found.resetMs ?? 0) > (misfit.resetMs ?? 0))) misfit = { bound, ...found };
  }
  return misfit && ({ outcome: 'refused', ...misfit } satisfies Refused);
}
