import type { Clock } from '../../core/clock.js';
import type { AttemptReport, BreakerState } from '../../core/target-health.js';
import type { Config } from '../../platform/index.js';
import { FailureWindow } from './failure-window.js';
import { Probes } from './probes.js';
import { toVerdict, type Verdict } from './verdict.js';

export type BreakerSettings = Config['breaker'];

/** An administrator's word, which counts more than the breaker's own state. */
export type ForcedState = 'open' | 'closed';

/**
 * `failures`: too many. `waited`: its time open is over, and a call wants to try. `probes`: those that tried were answered. `probe`: one
 * of them was not. `reset`, `forced`: an administrator.
 */
export type BreakerReason = 'failures' | 'waited' | 'probe' | 'probes' | 'reset' | 'forced';

export interface BreakerSurroundings {
  readonly clock: Pick<Clock, 'elapsed'>;
  /** From 0 to 1. */
  readonly random: () => number;
  /** Hears what this breaker decides, and not what it is told of another replica's. */
  readonly onChange: (state: BreakerState, reason: BreakerReason) => void;
}

/** It stays open for up to this much longer, so that not all replicas and targets are tried again at one instant. */
const OPEN_JITTER = 0.1;
/** The least time for which the place of a half-open call is kept, however short the breaker opens. */
const MIN_LAPSE_MS = 1_000;

/**
 * Keeps calls away from a target that fails.
 *
 * Closed, it opens when the share of failures over the rolling window, or the number of them in a row, is reached; open, it lets nobody
 * through until its time is over; half open, a few at a time may try: enough successes close it, the first failure opens it again. Calls
 * that began before it opened and report late are not evidence of how the target fares since. Nothing happens by a timer: the clock is
 * looked at when somebody asks. The closed path neither allocates nor reads the clock to admit.
 */
export class CircuitBreaker {
  private own: BreakerState = 'closed';
  private forcedTo: ForcedState | undefined;
  private window: FailureWindow;
  private failuresInRow = 0;
  private probeSuccesses = 0;
  private readonly probes = new Probes();
  private mayTryAtMs = 0;
  private inHand = 0;
  /** Of those in hand, how many began before the breaker last opened or was reset; they began before this time. */
  private outdated = 0;
  private outdatedBeforeMs = 0;

  constructor(
    private settings: BreakerSettings,
    private readonly surroundings: BreakerSurroundings,
  ) {
    this.window = new FailureWindow(settings.windowMs);
  }

  get state(): BreakerState {
    if (this.forcedTo !== undefined) return this.forcedTo;
    return this.own === 'open' && this.now() >= this.mayTryAtMs ? 'half_open' : this.own;
  }

  get forced(): ForcedState | undefined {
    return this.forcedTo;
  }

  /** Milliseconds; 0 unless open. Forced open it ends when an administrator says so: then a usual time open, for want of a better answer. */
  get retryInMs(): number {
    if (this.forcedTo !== undefined) return this.forcedTo === 'open' ? this.settings.openMs : 0;
    return this.own === 'open' ? Math.max(0, this.mayTryAtMs - this.now()) : 0;
  }

  /** Calls that were let through and have not reported. */
  get inFlight(): number {
    return this.inHand;
  }

  /** Each true is given back by exactly one `report`. */
  tryAcquire(): boolean {
    const isLetThrough = this.forcedTo === undefined ? this.own === 'closed' || this.tryProbe() : this.forcedTo === 'closed';
    if (isLetThrough) this.inHand += 1;
    return isLetThrough;
  }

  /** Gives the verdict back: what the attempt said about the target. */
  report(report: AttemptReport): Verdict {
    const verdict = toVerdict(report, this.settings.slowCallMs);
    const nowMs = this.now();
    const beganAtMs = nowMs - report.durationMs;
    const isOutdated = this.takeOutdated(beganAtMs);
    if (this.inHand > 0) this.inHand -= 1;
    if (isOutdated || this.forcedTo !== undefined) return verdict;
    if (this.own === 'closed') this.count(verdict, nowMs);
    else if (this.own === 'half_open') this.countProbe(verdict, beganAtMs, nowMs);
    return verdict;
  }

  /**
   * `open`: nobody is let through. `closed`: everybody is, whatever happens. undefined gives the breaker back to itself: it begins
   * closed, with nothing counted. The same word twice changes nothing.
   */
  force(forced: ForcedState | undefined): void {
    if (forced === this.forcedTo) return;
    this.forcedTo = forced;
    this.beginAnew();
    this.surroundings.onChange(this.state, 'forced');
  }

  /** Forgets what was counted and closes, unless it is forced open. */
  reset(): void {
    this.beginAnew();
    this.surroundings.onChange(this.state, 'reset');
  }

  /** Another replica has opened it for so many milliseconds more. A forced one stays as it is. */
  openFor(ms: number): void {
    if (this.forcedTo !== undefined || ms <= 0) return;
    const untilMs = this.now() + ms;
    this.openUntil(this.own === 'open' ? Math.max(this.mayTryAtMs, untilMs) : untilMs);
  }

  /** Another replica has closed it. A forced one stays as it is. */
  close(): void {
    if (this.forcedTo !== undefined) return;
    this.closeOwn();
  }

  /** Keeps its state; what is counted is lost if the window has another length. */
  reconfigure(settings: BreakerSettings): void {
    this.settings = settings;
    if (settings.windowMs !== this.window.windowMs) this.window = new FailureWindow(settings.windowMs);
  }

  private tryProbe(): boolean {
    const nowMs = this.now();
    if (this.own === 'open') {
      if (nowMs < this.mayTryAtMs) return false;
      this.own = 'half_open';
      this.probeSuccesses = 0;
      this.probes.clear();
      this.surroundings.onChange('half_open', 'waited');
    }
    return this.probes.tryTake(this.settings.halfOpenCalls, this.lapseMs, nowMs);
  }

  private count(verdict: Verdict, nowMs: number): void {
    if (verdict === 'neutral') return;
    this.window.count(verdict === 'failure', nowMs);
    if (verdict === 'success') {
      this.failuresInRow = 0;
      return;
    }
    this.failuresInRow += 1;
    const { consecutive, minimumCalls, failureRatio } = this.settings;
    const isFailing = this.window.calls >= minimumCalls && this.window.failureRatio >= failureRatio;
    if (isFailing || this.failuresInRow >= consecutive) this.openOwn('failures', nowMs);
  }

  private countProbe(verdict: Verdict, beganAtMs: number, nowMs: number): void {
    this.probes.giveBack(beganAtMs, this.lapseMs, nowMs);
    if (verdict === 'failure') this.openOwn('probe', nowMs);
    if (verdict !== 'success') return;
    this.probeSuccesses += 1;
    if (this.probeSuccesses < this.settings.halfOpenCalls) return;
    this.closeOwn();
    this.surroundings.onChange('closed', 'probes');
  }

  private openOwn(reason: BreakerReason, nowMs: number): void {
    const openMs = this.settings.openMs * (1 + OPEN_JITTER * this.surroundings.random());
    this.openUntil(nowMs + openMs);
    this.surroundings.onChange('open', reason);
  }

  private openUntil(untilMs: number): void {
    const nowMs = this.now();
    this.own = 'open';
    this.mayTryAtMs = untilMs;
    this.outdated = this.inHand;
    // Nobody is let through in between, so that its middle tells best who began before and who after, if reports are a little off.
    this.outdatedBeforeMs = (nowMs + untilMs) / 2;
  }

  private closeOwn(): void {
    this.own = 'closed';
    this.outdatedBeforeMs = Math.min(this.outdatedBeforeMs, this.now());
    this.failuresInRow = 0;
    this.window.clear();
  }

  private beginAnew(): void {
    this.closeOwn();
    this.outdated = this.inHand;
    this.outdatedBeforeMs = this.now();
  }

  private takeOutdated(beganAtMs: number): boolean {
    if (this.outdated === 0) return false;
    if (this.outdated < this.inHand && beganAtMs >= this.outdatedBeforeMs) return false;
    this.outdated -= 1;
    return true;
  }

  private get lapseMs(): number {
    return Math.max(MIN_LAPSE_MS, this.settings.openMs);
  }

  private now(): number {
    return this.surroundings.clock.elapsed();
  }
}
