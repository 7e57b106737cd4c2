import { beforeEach } from '@jest/globals';
import type { AdmissionStore, Amounts, Ask, Estate, Verdict } from '../../src/limits/admission-store.js';
import {
  type Bound,
  type CallsBound,
  counterName,
  type PeriodBudget,
  type RateBound,
  type RollingBudget,
} from '../../src/limits/bounds.js';

/** A store that has counted nothing yet, on a clock that stands still until it is told. */
export interface AdmissionHarness {
  readonly store: AdmissionStore;
  /**
   * A budget on everything is lent out in slices: a call may be held at less than what is left of it all, though never at less than
   * it needs.
   */
  readonly isLent?: boolean;
  /** Epoch milliseconds, a multiple of a second at first. */
  now(): number;
  advance(ms: number): Promise<void>;
}

export const MINUTE_MS = 60_000;
export const TENANT = 'team-7';
const NOTHING = { tokens: 0, costNanoUsd: 0n };

/** A call that may not be cut: the least it needs is its worst case, unless `changes` say otherwise. */
export function ask(callId: string, bounds: readonly Bound[], changes: Partial<Ask> = {}): Ask {
  const worst = changes.worst ?? NOTHING;
  return { callId, tenant: TENANT, owner: 'gateway-a', bounds, worst, leastCostNanoUsd: worst.costNanoUsd, memo: '', ...changes };
}

export function name(callId: string, tenant = TENANT): { readonly callId: string; readonly tenant: string } {
  return { callId, tenant };
}

export function cost(costNanoUsd: bigint, tokenCount = 0): Amounts {
  return { costNanoUsd, tokens: tokenCount };
}

export function requests(limit: number, windowMs = MINUTE_MS): RateBound {
  return { kind: 'requests', scope: 'key', subject: 'k 1', counter: counterName('requests', 'key', 'k 1', windowMs), limit, windowMs };
}

export function tokens(limit: number, windowMs = MINUTE_MS): RateBound {
  return { kind: 'tokens', scope: 'key', subject: 'k 1', counter: counterName('tokens', 'key', 'k 1', windowMs), limit, windowMs };
}

export function calls(limit: number): CallsBound {
  return { kind: 'calls', scope: 'user', subject: 'ünï:1', counter: counterName('calls', 'user', 'ünï:1'), limit };
}

export function rolling(limitNanoUsd: bigint, windowMs = MINUTE_MS): RollingBudget {
  const counter = counterName('cost', 'b-2', windowMs);
  return { kind: 'rolling', scope: 'team', subject: 'research', counter, budgetId: 'b-2', ref: 'b-2@0', limitNanoUsd, windowMs };
}

/** A budget for the span of `lengthMs` that `now` lies in; without one it never ends. */
export function budget(limitNanoUsd: bigint, now = 0, lengthMs = Infinity, budgetId = 'b-1'): PeriodBudget {
  const startsAt = lengthMs === Infinity ? 0 : now - (now % lengthMs);
  const counter = counterName('budget', budgetId, startsAt);
  const named = { scope: 'team', subject: 'marketing', counter, budgetId, ref: `${budgetId}@${startsAt}` } as const;
  return { kind: 'budget', ...named, limitNanoUsd, startsAt, endsAt: startsAt + lengthMs };
}

/** A budget that all tenants spend from together. */
export function everything(limitNanoUsd: bigint, now = 0, lengthMs = Infinity): PeriodBudget {
  return { ...budget(limitNanoUsd, now, lengthMs, 'b-all'), scope: 'everything', subject: 'all of it' };
}

/** What the parts of the contract have in common: a new store for each test, and short words for what is often done to it. */
export class Bench {
  private made = 0;
  private opened: AdmissionHarness | undefined;

  constructor(open: () => Promise<AdmissionHarness>) {
    beforeEach(async () => {
      this.opened = await open();
    });
  }

  get store(): AdmissionStore {
    return this.harness.store;
  }

  now(): number {
    return this.harness.now();
  }

  async advance(ms: number): Promise<void> {
    await this.harness.advance(ms);
  }

  async admit(bounds: readonly Bound[], worst = cost(0n), callId = this.nextId(), changes: Partial<Ask> = {}): Promise<Verdict> {
    return this.store.admit(ask(callId, bounds, { worst, ...changes }));
  }

  async outcomesOf(count: number, bounds: readonly Bound[], worst = cost(0n)): Promise<readonly string[]> {
    const verdicts = await Promise.all(Array.from({ length: count }, () => this.admit(bounds, worst)));
    return verdicts.map(({ outcome }) => outcome);
  }

  async used(...bounds: readonly Bound[]): Promise<readonly bigint[]> {
    return (await this.store.look(TENANT, bounds)).map((reading) => reading.used);
  }

  /** As a gateway does it: it says that it lives, then asks what others have left. In the order of the calls' ids. */
  async inherit(heir: string): Promise<Estate> {
    await this.store.renew(heir);
    const { holds, events } = await this.store.inherit(heir);
    return { holds: byCallId(holds), events: byCallId(events) };
  }

  nextId(): string {
    this.made += 1;
    return `call-${this.made}`;
  }

  private get harness(): AdmissionHarness {
    if (!this.opened) throw new Error('The store is opened before each test.');
    return this.opened;
  }
}

function byCallId<T extends { readonly callId: string }>(some: readonly T[]): readonly T[] {
  return some.toSorted((one, other) => (one.callId < other.callId ? -1 : 1));
}
