import type { AdmissionStore, Ask } from '../../src/limits/admission-store.js';
import { type Bound, counterName } from '../../src/limits/bounds.js';

/** A store that has counted nothing yet, on a clock that stands still until it is told. */
export interface AdmissionHarness {
  readonly store: AdmissionStore;
  /** Epoch milliseconds, a multiple of a second at first. */
  now(): number;
  advance(ms: number): Promise<void>;
}

export const MINUTE_MS = 60_000;
export const TENANT = 'team-7';
const NOTHING = { tokens: 0, costNanoUsd: 0n };

export function ask(callId: string, bounds: readonly Bound[], changes: Partial<Ask> = {}): Ask {
  return { callId, tenant: TENANT, owner: 'gateway-a', bounds, worst: NOTHING, memo: '', ...changes };
}

export function name(callId: string): { readonly callId: string; readonly tenant: string } {
  return { callId, tenant: TENANT };
}

export function cost(costNanoUsd: bigint, tokenCount = 0) {
  return { costNanoUsd, tokens: tokenCount };
}

export function requests(limit: number, windowMs = MINUTE_MS): Bound {
  return { kind: 'requests', scope: 'key', counter: counterName('requests', 'key', 'k 1', windowMs), limit, windowMs };
}

export function tokens(limit: number, windowMs = MINUTE_MS): Bound {
  return { kind: 'tokens', scope: 'key', counter: counterName('tokens', 'key', 'k 1', windowMs), limit, windowMs };
}

export function calls(limit: number): Bound {
  return { kind: 'calls', scope: 'user', counter: counterName('calls', 'user', 'ünï:1'), limit };
}

export function rolling(limitNanoUsd: bigint, windowMs = MINUTE_MS): Bound {
  return { kind: 'rolling', scope: 'team', counter: counterName('cost', 'b-2'), limitNanoUsd, windowMs };
}

/** A budget for the span of `lengthMs` that `now` lies in; without one it never ends. */
export function budget(limitNanoUsd: bigint, now = 0, lengthMs = Infinity): Bound {
  const startsAt = lengthMs === Infinity ? 0 : now - (now % lengthMs);
  const counter = counterName('budget', 'b-1', String(startsAt));
  return { kind: 'budget', scope: 'team', counter, limitNanoUsd, startsAt, endsAt: startsAt + lengthMs };
}
