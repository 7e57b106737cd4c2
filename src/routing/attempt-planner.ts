import type { ErrorKind, GatewayError } from '../core/errors.js';
import type { Plan, Target } from '../core/target.js';
import type { Config } from '../platform/index.js';

/** An attempt that came to nothing. */
export interface FailedAttempt {
  readonly target: Target;
  readonly failure: GatewayError;
  /** `false`: the provider was asked nothing. It could not be told the request, or its breaker or its queue turned the call away. */
  readonly wasSent: boolean;
}

/** What to do next. */
export interface AttemptStep {
  readonly target: Target;
  /** How long to wait before, in milliseconds. */
  readonly delayMs: number;
  /** The same target as before, be it with another account. */
  readonly isRepeat: boolean;
}

/** What holds for one call. */
export interface CallBounds {
  /** Until the call's deadline; Infinity = it has none. */
  readonly remainingMs: number;
  /** Only one account of the provider will do, since it keeps what the request names. */
  readonly isAccountPinned: boolean;
}

/**
 * Decides what follows a failed attempt, from what has failed so far and nothing else; it neither waits nor asks anybody.
 *
 * Another target always comes before the same one again, but for one case: where an account is at fault and the provider has
 * another one awake, that is asked at once. A target is repeated only after all others, after a pause that fits the deadline,
 * and only if its provider's budget of repeats allows it, so that an outage is not amplified.
 */
export class AttemptPlanner {
  constructor(
    private readonly config: { readonly retry: Pick<Config['retry'], 'maxAttempts' | 'baseMs' | 'maxMs'> },
    private readonly random: () => number,
  ) {}

  /** The next attempt of a call; undefined = it has failed, with nothing failed yet because every breaker is open. */
  next(plan: Plan, failed: readonly FailedAttempt[], bounds: CallBounds): AttemptStep | undefined {
    if (failed.length === 0) return bounds.remainingMs > 0 ? firstStep(plan.targets) : undefined;
    const attemptsLeft = this.config.retry.maxAttempts - failed.filter(({ wasSent }) => wasSent).length;
    if (attemptsLeft <= 0 || bounds.remainingMs <= 0) return undefined;
    const last = failed.at(-1)!;
    if (!mayGoOn(last.failure)) return undefined;
    const targets = targetsFor(plan, failed);
    const untried = targets.find((target) => isOffered(target) && !failed.some((one) => isSameTarget(one.target, target)));
    // The last attempt is kept for another target, if there is one: a dozen revoked keys must not use them all up.
    if ((attemptsLeft > 1 || !untried) && hasOtherAccount(last, bounds)) return { target: last.target, delayMs: 0, isRepeat: true };
    if (untried) return { target: untried, delayMs: 0, isRepeat: false };
    return last.failure.isRecoverable ? this.repeat(targets, failed, bounds.remainingMs) : undefined;
  }

  /** The target that need be waited for the shortest, of those whose failure may pass. */
  private repeat(targets: readonly Target[], failed: readonly FailedAttempt[], remainingMs: number): AttemptStep | undefined {
    const steps = targets.flatMap((target) => {
      const delayMs = isOffered(target) ? this.delayBefore(target, failed) : undefined;
      return delayMs === undefined ? [] : [{ target, delayMs, isRepeat: true }];
    });
    const longestMs = remainingMs - Math.min(LEFT_TO_ANSWER_MS, remainingMs / 2);
    const fitting = steps.filter(({ delayMs }) => delayMs <= longestMs).sort((a, b) => a.delayMs - b.delayMs);
    return fitting.find(({ target }) => target.traffic.tryRepeat());
  }

  /**
   * Full jitter over a pause that doubles with each attempt there, but no less than the provider asked for; undefined = not again.
   * Who asks for more than the longest pause is not waited for: the caller is told how long, and waits or does not.
   */
  private delayBefore(target: Target, failed: readonly FailedAttempt[]): number | undefined {
    const there = failed.filter((one) => isSameTarget(one.target, target));
    const last = there.at(-1);
    if (!last?.wasSent || !mayPass(last.failure)) return undefined;
    const { baseMs, maxMs } = this.config.retry;
    const { retryAfterMs = 0 } = last.failure.details;
    if (retryAfterMs > maxMs) return undefined;
    return Math.max(Math.round(this.random() * Math.min(maxMs, baseMs * 2 ** (there.length - 1))), retryAfterMs);
  }
}

/** How nearly every call begins and ends, without a look at what does not concern it. */
function firstStep(targets: readonly Target[]): AttemptStep | undefined {
  for (const target of targets) if (isOffered(target)) return { target, delayMs: 0, isRepeat: false };
  return undefined;
}

/** When the first of these targets may be tried again, in milliseconds from now: for who has to refuse a call because all breakers are open. */
export function soonestRetryMs(targets: readonly Target[]): number {
  return Math.min(...targets.map(({ health }) => health.retryInMs));
}

/** A pause is not worth it if it leaves less time than this to answer, or than half of what remains. */
const LEFT_TO_ANSWER_MS = 1_000;

/** What may be otherwise after a pause. Who waited for a timeout has waited enough. */
const PASSING: ReadonlySet<ErrorKind> = new Set(['upstream_unavailable', 'upstream_rate_limited', 'upstream_protocol']);

function mayPass({ kind, details }: GatewayError): boolean {
  return PASSING.has(kind) && details.account !== 'refused' && details.account !== 'exhausted';
}

function mayGoOn({ kind, isRecoverable }: GatewayError): boolean {
  return isRecoverable || kind === 'context_length_exceeded' || kind === 'content_policy';
}

/** A prompt that was refused for its length or its content goes on to the targets for that, whatever fails there. */
function targetsFor(plan: Plan, failed: readonly FailedAttempt[]): readonly Target[] {
  const refusal = failed.findLast(({ failure }) => !failure.isRecoverable)?.failure.kind;
  if (refusal === 'context_length_exceeded') return plan.onContextOverflow;
  return refusal === 'content_policy' ? plan.onContentPolicy : plan.targets;
}

function hasOtherAccount({ target, failure }: FailedAttempt, { isAccountPinned }: CallBounds): boolean {
  if (failure.details.account === undefined || isAccountPinned) return false;
  return isOffered(target) && target.provider.awake(target.model) > 0;
}

/** An open breaker is not asked at all. */
function isOffered({ health }: Target): boolean {
  return health.state !== 'open';
}

function isSameTarget(one: Target, other: Target): boolean {
  return one.provider.name === other.provider.name && one.model === other.model;
}
