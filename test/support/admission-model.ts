import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Amounts, LEASE_MS, type Settling } from '../../src/limits/admission-store.js';
import type { Bound } from '../../src/limits/bounds.js';
import { type AdmissionHarness, ask, budget, calls, name, requests, rolling, TENANT, tokens } from './admission-harness.js';

/** All times are multiples of it, so that what is kept as one entry of a window was taken at one time. */
const STEP_MS = 400;
/** 256 steps, and half of that for the rates. */
const ROLLING_MS = 102_400;
const RATE_MS = 51_200;
const PERIOD_MS = 120_000;

const LIMITS = { requests: 6, tokens: 1_000, calls: 3, rolling: 750n, budget: 1_000n };

interface KnownCall {
  readonly id: string;
  readonly owner: string;
  readonly atMs: number;
  state: 'held' | 'reaped' | 'over' | 'cancelled';
  isReleased: boolean;
  readonly worst: Amounts;
  /** The worst case until the truth is known. */
  took: Amounts;
}

/** Admission as one would write it without regard to cost: every call is known by itself, counters are sums over them. */
class AdmissionModel {
  calls: KnownCall[] = [];
  readonly aliveUntil = new Map<string, number>();

  constructor(public nowMs: number) {}

  periodOf(ms: number): number {
    return ms - (ms % PERIOD_MS);
  }

  /** Those that went out, as far as anybody knows. */
  counted(withinMs = Infinity): KnownCall[] {
    return this.calls.filter(({ state, atMs }) => state !== 'cancelled' && atMs > this.nowMs - withinMs);
  }

  inPeriod(): KnownCall[] {
    return this.counted().filter(({ atMs }) => this.periodOf(atMs) === this.periodOf(this.nowMs));
  }

  inFlight(): number {
    return this.counted().filter(({ state, isReleased }) => state === 'held' && !isReleased).length;
  }

  readings() {
    const period = this.inPeriod();
    const held = sumOf(period.filter(({ state }) => state === 'held')).costNanoUsd;
    return [
      { used: BigInt(this.counted(RATE_MS).length), held: 0n },
      { used: BigInt(sumOf(this.counted(RATE_MS)).tokens), held: 0n },
      { used: BigInt(this.inFlight()), held: 0n },
      { used: sumOf(this.counted(ROLLING_MS)).costNanoUsd, held: 0n },
      { used: sumOf(period).costNanoUsd, held },
    ];
  }

  fits(worst: Amounts): boolean {
    const [, windowTokens, , windowCost, spent] = this.readings();
    return (
      this.counted(RATE_MS).length < LIMITS.requests &&
      windowTokens!.used + BigInt(worst.tokens) <= LIMITS.tokens &&
      this.inFlight() < LIMITS.calls &&
      windowCost!.used + worst.costNanoUsd <= LIMITS.rolling &&
      spent!.used + worst.costNanoUsd <= LIMITS.budget
    );
  }
}

function sumOf(known: readonly KnownCall[]): Amounts {
  return known.reduce((sum, { took }) => ({ tokens: sum.tokens + took.tokens, costNanoUsd: sum.costNanoUsd + took.costNanoUsd }), {
    tokens: 0,
    costNanoUsd: 0n,
  });
}

function boundsAt(nowMs: number): readonly Bound[] {
  return [
    requests(LIMITS.requests, RATE_MS),
    tokens(LIMITS.tokens, RATE_MS),
    calls(LIMITS.calls),
    rolling(LIMITS.rolling, ROLLING_MS),
    budget(LIMITS.budget, nowMs, PERIOD_MS),
  ];
}

interface Settle {
  readonly do: 'settle';
  readonly which: number;
  /** Of the worst case, in percent. */
  readonly share: number;
}

interface Stop {
  readonly do: 'release' | 'cancel';
  readonly which: number;
}

type Step =
  | { readonly do: 'admit'; readonly owner: string; readonly worst: Amounts; readonly again: number | undefined; readonly late: boolean }
  | Settle
  | Stop
  | { readonly do: 'wait'; readonly steps: number }
  | { readonly do: 'renew'; readonly owner: string }
  | { readonly do: 'reap' };

const owner = fc.constantFrom('gateway-a', 'gateway-b');
/** Few sizes, so that limits are often met exactly. */
const worst = fc.record({ tokens: fc.constantFrom(0, 0, 100, 250, 400), costNanoUsd: fc.constantFrom(0n, 0n, 100n, 250n, 500n) });
const STEPS: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant('admit' as const),
      owner,
      worst,
      again: fc.option(fc.nat(), { freq: 6, nil: undefined }),
      late: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
    }),
  },
  { weight: 7, arbitrary: fc.record({ do: fc.constant('settle' as const), which: fc.nat(), share: fc.integer({ min: 0, max: 100 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('release' as const, 'cancel' as const), which: fc.nat() }) },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('wait' as const), steps: fc.oneof(fc.nat(8), fc.nat(90), fc.constant(LEASE_MS / STEP_MS)) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('renew' as const), owner }) },
  { weight: 3, arbitrary: fc.constant<Step>({ do: 'reap' }) },
);

class Run {
  readonly model: AdmissionModel;

  constructor(readonly real: AdmissionHarness) {
    this.model = new AdmissionModel(real.now());
  }

  async take(step: Step): Promise<void> {
    if (step.do === 'admit') await this.admit(step);
    else if (step.do === 'wait') await this.wait(step.steps * STEP_MS);
    else if (step.do === 'renew') await this.renew(step.owner);
    else if (step.do === 'reap') await this.reap();
    else await this.end(step);
    await this.check();
  }

  private async admit({ owner: by, worst: most, again, late }: Extract<Step, { do: 'admit' }>): Promise<void> {
    const { model } = this;
    const known = again === undefined ? undefined : model.calls[again % model.calls.length];
    // One that is over is not asked for again: its gateway knows that it was admitted.
    if (known?.state === 'over') return;
    const id = known?.id ?? `call-${model.calls.length}`;
    const bounds = boundsAt(late ? model.nowMs - PERIOD_MS : model.nowMs);
    const verdict = await this.real.store.admit(ask(id, bounds, { owner: by, worst: most }));

    const isNew = known === undefined;
    const expected = isNew ? this.expected(most, late) : known.state === 'held' ? 'admitted' : 'ended';
    assert.equal(verdict.outcome, expected);
    if (!isNew || expected !== 'admitted') return;
    model.calls.push({ id, owner: by, atMs: model.nowMs, state: 'held', isReleased: false, worst: most, took: most });
    model.aliveUntil.set(by, model.nowMs + LEASE_MS);
  }

  private expected(most: Amounts, late: boolean): string {
    if (late) return 'stale';
    return this.model.fits(most) ? 'admitted' : 'refused';
  }

  private async end(step: Settle | Stop): Promise<void> {
    const call = this.model.calls[step.which % this.model.calls.length];
    if (!call) return;
    if (step.do === 'settle') return this.settle(call, step.share);
    if (step.do === 'release') {
      await this.real.store.release(name(call.id));
      call.isReleased = true;
      return;
    }
    // Only what may not have been admitted is cancelled, and never what was settled.
    if (call.state === 'over') return;
    await this.real.store.cancel(name(call.id));
    call.state = 'cancelled';
  }

  private async settle(call: KnownCall, share: number): Promise<void> {
    const { worst: most } = call;
    const actual = { tokens: Math.floor((most.tokens * share) / 100), costNanoUsd: (most.costNanoUsd * BigInt(share)) / 100n };
    const outcomes: Record<KnownCall['state'], Settling> = { held: 'settled', reaped: 'amended', over: 'unknown', cancelled: 'unknown' };

    assert.equal(await this.real.store.settle(name(call.id), actual), outcomes[call.state]);
    if (call.state !== 'held' && call.state !== 'reaped') return;
    call.took = actual;
    call.state = 'over';
  }

  private async wait(ms: number): Promise<void> {
    await this.real.advance(ms);
    this.model.nowMs += ms;
  }

  private async renew(by: string): Promise<void> {
    await this.real.store.renew(by);
    this.model.aliveUntil.set(by, this.model.nowMs + LEASE_MS);
  }

  private async reap(): Promise<void> {
    const { model } = this;
    const dead = model.calls.filter((call) => call.state === 'held' && model.aliveUntil.get(call.owner)! <= model.nowMs);

    const reaped = await this.real.store.reap();

    assert.deepEqual(reaped.map(({ callId }) => callId).toSorted(), dead.map(({ id }) => id).toSorted());
    for (const call of dead) call.state = 'reaped';
  }

  private async check(): Promise<void> {
    const readings = await this.real.store.look(TENANT, boundsAt(this.model.nowMs));

    assert.deepEqual(readings, this.model.readings());
    const limits = [LIMITS.requests, LIMITS.tokens, LIMITS.calls, LIMITS.rolling, LIMITS.budget];
    readings.forEach(({ used }, at) => assert.ok(used <= BigInt(limits[at]!), `${used} exceeds ${limits[at]}`));
  }
}

/** Plays random interleavings against the model; after each step every counter is compared, and none exceeds its limit. */
export async function checkAgainstModel(open: () => Promise<AdmissionHarness>, numRuns: number): Promise<void> {
  const play = fc.asyncProperty(fc.array(STEPS, { minLength: 20, maxLength: 60, size: 'max' }), async (steps) => {
    const run = new Run(await open());
    for (const step of steps) await run.take(step);
  });
  await fc.assert(play, { numRuns });
}
