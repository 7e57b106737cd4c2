import type { ErrorKind } from './errors.js';

/** `open`: calls stay away. `half_open`: a few may try whether it is well again. */
export const BREAKER_STATES = ['closed', 'open', 'half_open'] as const;
export type BreakerState = (typeof BREAKER_STATES)[number];

/** How an attempt at a target went. Times are in milliseconds. */
export interface AttemptReport {
  /** undefined = answered whole. */
  readonly failure: ErrorKind | undefined;
  /** It failed for reasons of the account that was asked with (`details.account`), which says nothing about the target. */
  readonly ofAccount?: boolean;
  readonly stream: boolean;
  /** From sending to the first event of the answer; undefined if none came. */
  readonly firstEventMs: number | undefined;
  readonly durationMs: number;
}

/** How one model at one provider fares, as all its calls tell. */
export interface TargetHealth {
  readonly state: BreakerState;
  /** When it may be tried again, in milliseconds from now; 0 unless open. */
  readonly retryInMs: number;
  /** What it takes to be answered there now: the latency it has shown, times the calls it has in hand. Lower is better. */
  readonly load: number;
  /** May a call go there now? Each true is given back by exactly one `report`; half open, only few get one. */
  tryAcquire(): boolean;
  report(report: AttemptReport): void;
}

/** What all calls to one provider share. */
export interface ProviderTraffic {
  /**
   * Takes a place among the calls in flight. Undefined: it has one at once. A promise: it waits in a short queue; the promise
   * rejects with `upstream_unavailable` when the queue is full or the wait too long, at the latest after `withinMs`, and with the
   * signal's reason when given up. Both are asked only if it has to wait.
   */
  enter(abandoned: () => AbortSignal, withinMs?: () => number): Promise<void> | undefined;
  leave(): void;
  /** Notes that a call asks this provider for the first time: what the budget of repeats grows by. */
  countCall(): void;
  /** Takes one repeat from the budget, if there is one left: repeats are a share of calls, so that an outage is not amplified. */
  tryRepeat(): boolean;
}
