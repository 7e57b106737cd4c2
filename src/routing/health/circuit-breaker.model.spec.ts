import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { AttemptReport } from '../../core/target-health.js';
import { type BreakerSettings, CircuitBreaker, type ForcedState } from './circuit-breaker.js';
import type { Verdict } from './verdict.js';

const BUCKETS = 10;

interface ModelCall {
  readonly beganAtMs: number;
  /** Which of the breaker's ages it belongs to: a new one begins when it opens or an administrator speaks. */
  readonly age: number;
  readonly isProbe: boolean;
}

/** The breaker as one would write it without regard to cost: every call is known by itself, every outcome is kept. */
class ModelBreaker {
  nowMs = 0;
  state: 'closed' | 'open' | 'half_open' = 'closed';
  forced: ForcedState | undefined;
  age = 0;
  untilMs = 0;
  calls: ModelCall[] = [];
  probes: ModelCall[] = [];
  successes = 0;
  row = 0;
  outcomes: { readonly bucket: number; readonly failed: boolean }[] = [];

  constructor(readonly settings: BreakerSettings) {}

  shown() {
    if (this.forced) return this.forced;
    return this.state === 'open' && this.nowMs >= this.untilMs ? 'half_open' : this.state;
  }

  acquire(): boolean {
    const shown = this.shown();
    if (shown === 'open') return false;
    const call = { beganAtMs: this.nowMs, age: this.age, isProbe: shown === 'half_open' };
    if (shown === 'half_open') {
      if (this.state === 'open') {
        this.state = 'half_open';
        this.successes = 0;
        this.probes = [];
      }
      if (this.out().length >= this.settings.halfOpenCalls) return false;
      this.probes.push(call);
    }
    this.calls.push(call);
    return true;
  }

  /** Those that try and whose places have not lapsed. */
  out(): ModelCall[] {
    return this.probes.filter(({ beganAtMs }) => beganAtMs > this.nowMs - Math.max(1_000, this.settings.openMs));
  }

  report(at: number, verdict: Verdict): number {
    const [call] = this.calls.splice(at, 1);
    this.probes = this.probes.filter((probe) => probe !== call);
    if (call!.age === this.age && !this.forced && verdict !== 'neutral') this.count(verdict === 'failure');
    return this.nowMs - call!.beganAtMs;
  }

  count(failed: boolean): void {
    const { settings } = this;
    if (this.state === 'half_open') {
      if (failed) this.open(this.nowMs + settings.openMs);
      else if (++this.successes === settings.halfOpenCalls) this.close();
      return;
    }
    const bucket = Math.floor(this.nowMs / (settings.windowMs / BUCKETS));
    this.outcomes = [...this.outcomes.filter((outcome) => outcome.bucket > bucket - BUCKETS), { bucket, failed }];
    this.row = failed ? this.row + 1 : 0;
    const share = this.outcomes.filter((outcome) => outcome.failed).length / this.outcomes.length;
    const isFailing = this.outcomes.length >= settings.minimumCalls && share >= settings.failureRatio;
    if (failed && (isFailing || this.row >= settings.consecutive)) this.open(this.nowMs + settings.openMs);
  }

  open(untilMs: number): void {
    this.state = 'open';
    this.untilMs = untilMs;
    this.age += 1;
  }

  close(): void {
    this.state = 'closed';
    this.row = 0;
    this.outcomes = [];
  }

  anew(): void {
    this.close();
    this.age += 1;
  }
}

type Step =
  | { readonly do: 'acquire' }
  | { readonly do: 'report'; readonly which: number; readonly verdict: Verdict }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'force'; readonly forced: ForcedState | undefined }
  | { readonly do: 'reset' | 'close' }
  | { readonly do: 'openFor'; readonly ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: fc.constant<Step>({ do: 'acquire' }) },
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant('report' as const),
      which: fc.nat(),
      verdict: fc.constantFrom<Verdict>('success', 'failure', 'neutral'),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.oneof(fc.nat(50), fc.nat(3_000)) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('force' as const),
      forced: fc.constantFrom<ForcedState | undefined>('open', 'closed', undefined),
    }),
  },
  { weight: 1, arbitrary: fc.constantFrom<Step>({ do: 'reset' }, { do: 'close' }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('openFor' as const), ms: fc.integer({ min: -10, max: 3_000 }) }) },
);

const settings: fc.Arbitrary<BreakerSettings> = fc.record({
  failureRatio: fc.constantFrom(0.1, 0.5, 1),
  minimumCalls: fc.integer({ min: 1, max: 6 }),
  windowMs: fc.constantFrom(100, 1_000),
  consecutive: fc.integer({ min: 1, max: 6 }),
  openMs: fc.constantFrom(10, 1_000, 2_000),
  halfOpenCalls: fc.integer({ min: 1, max: 3 }),
  slowCallMs: fc.constant(0),
});

const FAILURES = { success: undefined, failure: 'upstream_unavailable', neutral: 'client_closed' } as const;

describe('CircuitBreaker under any sequence of calls', () => {
  it('does what a breaker does that knows every call by itself', () => {
    fc.assert(
      fc.property(settings, fc.array(step, { maxLength: 150, size: 'max' }), (of, steps) => {
        const model = new ModelBreaker(of);
        const surroundings = { clock: { elapsed: () => model.nowMs }, random: () => 0, onChange: () => undefined };
        const breaker = new CircuitBreaker(of, surroundings);

        for (const next of steps) {
          // No two calls begin at one instant, as with a clock of fractions: by when it began a call is known.
          model.nowMs += 1;
          take(next, model, breaker);

          expect(`${breaker.state}, ${breaker.inFlight} in hand`).toBe(`${model.shown()}, ${model.calls.length} in hand`);
          if (model.out().length > of.halfOpenCalls) throw new Error('More try at a time than may.');
        }
      }),
      { numRuns: 300 },
    );
  });
});

function take(next: Step, model: ModelBreaker, breaker: CircuitBreaker): void {
  switch (next.do) {
    case 'acquire': {
      const isShut = breaker.state === 'open';
      const isLetThrough = breaker.tryAcquire();
      expect(isLetThrough).toBe(model.acquire());
      if (isShut && isLetThrough) throw new Error('One was let through although it was open.');
      return;
    }
    case 'report':
      if (model.calls.length > 0) breaker.report(reportOf(next.verdict, model.report(next.which % model.calls.length, next.verdict)));
      return;
    case 'wait':
      model.nowMs += next.ms;
      return;
    case 'force':
      if (next.forced !== model.forced) model.anew();
      model.forced = next.forced;
      return breaker.force(next.forced);
    case 'reset':
      model.anew();
      return breaker.reset();
    case 'close':
      if (!model.forced) model.close();
      return breaker.close();
    case 'openFor':
      if (!model.forced && next.ms > 0) model.open(Math.max(model.nowMs + next.ms, model.state === 'open' ? model.untilMs : 0));
      return breaker.openFor(next.ms);
  }
}

function reportOf(verdict: Verdict, durationMs: number): AttemptReport {
  return { failure: FAILURES[verdict], stream: false, firstEventMs: undefined, durationMs };
}
