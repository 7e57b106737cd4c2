import type { BreakerTimes } from '../gateway-under-drill.js';

export interface OutagePlan {
  /** Calls that arrive in a second, whether others have been answered or not. */
  readonly callsPerSecond: number;
  readonly streamsPerSecond: number;
  readonly healthMs: number;
  readonly outageMs: number;
  readonly recoveryMs: number;
  readonly breaker: BreakerTimes;
  /** What a machine that does other things may add to any promised time. */
  readonly slackMs: number;
}

/** As the promise is written. */
export const WHOLE_OUTAGE: OutagePlan = {
  callsPerSecond: 200,
  streamsPerSecond: 40,
  healthMs: 30_000,
  outageMs: 30_000,
  recoveryMs: 20_000,
  breaker: { openMs: 15_000, windowMs: 2_000 },
  slackMs: 0,
};

/** The same within seconds. */
export const SHORT_OUTAGE: OutagePlan = {
  callsPerSecond: 100,
  streamsPerSecond: 20,
  healthMs: 1_500,
  outageMs: 2_500,
  recoveryMs: 3_000,
  breaker: { openMs: 1_000, windowMs: 2_000 },
  slackMs: 0,
};

/** Attempts at all providers for each call of a client, over the whole drill. */
export const MAX_AMPLIFICATION = 1.1;
/** From the first failure until a failing provider is left alone. */
export const OPEN_WITHIN_MS = 2_000;
/** A breaker tries again up to a tenth later than it is told, and needs calls to try with. */
export const closedWithinMs = ({ breaker, slackMs }: OutagePlan): number => breaker.openMs * 1.1 + 1_000 + slackMs;
/** 99 of 100 calls that nobody can serve are told so within this time. */
export const REFUSED_WITHIN_MS = 100;
