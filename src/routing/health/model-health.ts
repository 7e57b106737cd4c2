import type { AttemptReport, BreakerState, TargetHealth } from '../../core/target-health.js';
import type { CircuitBreaker } from './circuit-breaker.js';
import type { PeakEwma } from './peak-ewma.js';

/** What a failed attempt counts for at least: a target that fails fast has not answered fast, and its caller has to ask another. */
const FAILED_MS = 5_000;

/** How one model at one provider fares. */
export class ModelHealth implements TargetHealth {
  constructor(
    readonly provider: string,
    readonly model: string,
    readonly breaker: CircuitBreaker,
    private readonly latency: PeakEwma,
  ) {}

  get state(): BreakerState {
    return this.breaker.state;
  }

  get retryInMs(): number {
    return this.breaker.retryInMs;
  }

  get load(): number {
    return this.latency.load(this.breaker.inFlight);
  }

  tryAcquire(): boolean {
    return this.breaker.tryAcquire();
  }

  /** Of what was answered the time to the first event counts; refusals for the call's own faults are no answers. */
  report(report: AttemptReport): void {
    const verdict = this.breaker.report(report);
    if (verdict === 'failure') this.latency.observe(Math.max(FAILED_MS, report.durationMs));
    else if (report.failure === undefined) this.latency.observe(report.firstEventMs ?? report.durationMs);
  }
}
