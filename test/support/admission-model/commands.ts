import assert from 'node:assert/strict';
import type { AsyncCommand } from 'fast-check';
import type { Amounts, Ask, Estate, Verdict } from '../../../src/limits/admission-store.js';
import { type Bound, limitOf } from '../../../src/limits/bounds.js';
import type { AdmissionHarness } from '../admission-harness.js';
import { type AdmissionModel, type KnownCall, PERIOD_MS, STEP_MS } from './model.js';

type Kept = Readonly<AdmissionModel>;

/** One step of a run: what the store answers is what the model says, and after it every counter is the sum over the calls. */
abstract class Step implements AsyncCommand<AdmissionModel, AdmissionHarness> {
  abstract check(model: Kept): boolean;
  protected abstract take(model: AdmissionModel, real: AdmissionHarness): Promise<void>;
  abstract toString(): string;

  async run(model: AdmissionModel, real: AdmissionHarness): Promise<void> {
    await this.take(model, real);
    await compare(model, real);
  }
}

/** A step in the life of a call that was admitted. */
abstract class CallStep extends Step {
  constructor(private readonly which: number) {
    super();
  }

  check(model: Kept): boolean {
    return this.callOf(model) !== undefined;
  }

  protected async take(model: AdmissionModel, real: AdmissionHarness): Promise<void> {
    await this.act(this.callOf(model)!, real, model);
  }

  protected abstract applies(call: KnownCall, model: Kept): boolean;
  protected abstract act(call: KnownCall, real: AdmissionHarness, model: AdmissionModel): Promise<void>;

  toString(): string {
    return `${this.constructor.name}(${this.which})`;
  }

  private callOf(model: Kept): KnownCall | undefined {
    const those = model.calls.filter((call) => this.applies(call, model));
    return those[this.which % those.length];
  }
}

interface Wish {
  readonly gateway: number;
  readonly tenant: string;
  readonly worst: Amounts;
  /** Of its worst case: how much is the least, in percent. */
  readonly least: number;
  /** With the bounds of the period before. */
  readonly isLate: boolean;
}

export class Admit extends Step {
  constructor(private readonly wish: Wish) {
    super();
  }

  check(): boolean {
    return true;
  }

  protected async take(model: AdmissionModel, real: AdmissionHarness): Promise<void> {
    const { tenant, worst, isLate } = this.wish;
    const owner = model.gateways[this.wish.gateway]!;
    const least = shareOf(worst, this.wish.least).costNanoUsd;
    const bounds = model.boundsOf(tenant, isLate ? model.nowMs - PERIOD_MS : model.nowMs);
    const call = { id: `call-${model.calls.length}`, tenant, owner, bounds, worst, least };
    await renew(owner, model, real);

    const verdict = await real.store.admit(askOf(call));

    if (isLate) return assert.deepEqual(verdict, { outcome: 'stale', nowMs: model.nowMs });
    const { granted, against } = model.fit(bounds, worst, least);
    if (granted === undefined) return assertRefused(verdict, against, model);
    const costNanoUsd = grantOf(verdict, granted, real.isLent ? least : granted);
    const held = { tokens: worst.tokens, costNanoUsd };
    const fresh = { isInherited: false, isReleased: false, isKept: false, state: 'held' } as const;
    model.calls.push({ ...call, ...fresh, atMs: model.nowMs, keeper: owner, held, took: held });
  }

  toString(): string {
    const { gateway, tenant, worst, least, isLate } = this.wish;
    const how = `${worst.tokens} tokens, ${worst.costNanoUsd} nano-dollars, at least ${least} %`;
    return `Admit(gateway ${gateway}, ${tenant}, ${how}${isLate ? ', late' : ''})`;
  }
}

/** The answer was lost. A gateway that knows that a call was admitted, or that it is over, does not ask. */
export class AdmitAgain extends CallStep {
  protected applies({ owner, state }: KnownCall, model: Kept): boolean {
    return !model.hasCrashed(owner) && state !== 'settled';
  }

  protected async act(call: KnownCall, { store }: AdmissionHarness): Promise<void> {
    const verdict = await store.admit(askOf(call));

    if (call.state !== 'held') return assert.deepEqual(verdict, { outcome: 'ended' });
    grantOf(verdict, call.held.costNanoUsd);
  }
}

export class Release extends CallStep {
  constructor(
    which: number,
    private readonly isAgain: boolean,
  ) {
    super(which);
  }

  protected applies({ owner, isReleased }: KnownCall, model: Kept): boolean {
    return !model.hasCrashed(owner) && (this.isAgain || !isReleased);
  }

  protected async act(call: KnownCall, { store }: AdmissionHarness): Promise<void> {
    await store.release(nameOf(call));
    call.isReleased = true;
  }
}

interface End {
  readonly which: number;
  /** Of what was held, in percent. */
  readonly share: number;
  /** Perhaps of a call that is over. */
  readonly isAgain: boolean;
}

/** Also of a call that an heir has or has ended. */
export class Settle extends CallStep {
  constructor(
    private readonly end: End,
    private readonly hasEvent: boolean,
  ) {
    super(end.which);
  }

  protected applies({ owner, state }: KnownCall, model: Kept): boolean {
    return !model.hasCrashed(owner) && (this.end.isAgain || state === 'held' || state === 'interrupted');
  }

  protected async act(call: KnownCall, { store }: AdmissionHarness): Promise<void> {
    const actual = shareOf(call.held, this.end.share);
    const outcomes = { held: 'settled', interrupted: 'amended', settled: 'unknown', cancelled: 'unknown' };

    const outcome = await store.settle(nameOf(call), actual, this.hasEvent ? eventOf(call) : '');

    assert.equal(outcome, outcomes[call.state]);
    if (outcome === 'unknown') return;
    call.state = 'settled';
    call.took = actual;
    call.isKept = this.hasEvent;
  }

  override toString(): string {
    return `${super.toString()} at ${this.end.share} %${this.hasEvent ? ' with its event' : ''}`;
  }
}

/** The row is stored, by its owner or by an heir. */
export class Confirm extends CallStep {
  protected applies({ state }: KnownCall): boolean {
    return state === 'settled';
  }

  protected async act(call: KnownCall, { store }: AdmissionHarness): Promise<void> {
    await store.confirm(nameOf(call));
    call.isKept = false;
  }
}

/** Only what may not have been admitted is cancelled, and never what was settled. */
export class Cancel extends CallStep {
  protected applies({ owner, state }: KnownCall, model: Kept): boolean {
    return !model.hasCrashed(owner) && state !== 'settled';
  }

  protected async act(call: KnownCall, { store }: AdmissionHarness): Promise<void> {
    await store.cancel(nameOf(call));
    call.state = 'cancelled';
  }
}

/** By an heir, also of a call that its owner has ended after all. */
export class Interrupt extends CallStep {
  constructor(private readonly end: End) {
    super(end.which);
  }

  protected applies({ isInherited, keeper, state }: KnownCall, model: Kept): boolean {
    return isInherited && !model.hasCrashed(keeper) && (this.end.isAgain || state === 'held');
  }

  protected async act(call: KnownCall, { store }: AdmissionHarness, model: AdmissionModel): Promise<void> {
    // Whoever may come back and amend it is charged all of it until then: what is given back may be gone when the truth is told.
    const actual = shareOf(call.held, model.hasCrashed(call.owner) ? this.end.share : 100);

    const outcome = await store.interrupt(nameOf(call), actual);

    assert.equal(outcome, call.state === 'held' ? 'settled' : 'unknown');
    if (outcome === 'unknown') return;
    call.state = 'interrupted';
    call.took = actual;
  }

  override toString(): string {
    return `${super.toString()} at ${this.end.share} %`;
  }
}

export class Inherit extends Step {
  constructor(private readonly gateway: number) {
    super();
  }

  check(): boolean {
    return true;
  }

  protected async take(model: AdmissionModel, real: AdmissionHarness): Promise<void> {
    await inherit(model.gateways[this.gateway]!, model, real);
  }

  toString(): string {
    return `Inherit(gateway ${this.gateway})`;
  }
}

export class Renew extends Step {
  constructor(private readonly gateway: number) {
    super();
  }

  check(): boolean {
    return true;
  }

  protected async take(model: AdmissionModel, real: AdmissionHarness): Promise<void> {
    await renew(model.gateways[this.gateway]!, model, real);
  }

  toString(): string {
    return `Renew(gateway ${this.gateway})`;
  }
}

export class Crash extends Step {
  constructor(private readonly gateway: number) {
    super();
  }

  check(): boolean {
    return true;
  }

  protected take(model: AdmissionModel): Promise<void> {
    model.crash(this.gateway);
    return Promise.resolve();
  }

  toString(): string {
    return `Crash(gateway ${this.gateway})`;
  }
}

export class Wait extends Step {
  constructor(private readonly steps: number) {
    super();
  }

  check(): boolean {
    return true;
  }

  protected async take(model: AdmissionModel, real: AdmissionHarness): Promise<void> {
    await wait(this.steps * STEP_MS, model, real);
  }

  toString(): string {
    return `Wait(${this.steps * STEP_MS} ms)`;
  }
}

export class Reset extends Step {
  constructor(private readonly what: string) {
    super();
  }

  check(): boolean {
    return true;
  }

  protected take(model: AdmissionModel): Promise<void> {
    model.reset(this.what);
    return Promise.resolve();
  }

  toString(): string {
    return `Reset(budget of ${this.what})`;
  }
}

export async function wait(ms: number, model: AdmissionModel, real: AdmissionHarness): Promise<void> {
  await real.advance(ms);
  model.nowMs += ms;
}

/** Returns the calls that the heir was told of. */
export async function inherit(heir: string, model: AdmissionModel, real: AdmissionHarness): Promise<readonly KnownCall[]> {
  await renew(heir, model, real);
  const { holds, events } = model.inherit(heir);

  const told: Estate = await real.store.inherit(heir);

  const expected = {
    holds: holds.map((call) => ({ ...nameOf(call), worst: call.held, memo: memoOf(call) })),
    events: events.map((call) => ({ ...nameOf(call), event: eventOf(call) })),
  };
  assert.deepEqual(
    { holds: byCall(told.holds), events: byCall(told.events) },
    { holds: byCall(expected.holds), events: byCall(expected.events) },
  );
  return [...holds, ...events];
}

/** Every counter is the sum over the calls, and none is above its limit. */
export async function compare(model: AdmissionModel, real: AdmissionHarness): Promise<void> {
  const counted = [...model.counted.values()];
  for (const tenant of new Set(counted.map((one) => one.tenant))) {
    const limits: readonly Bound[] = counted.filter((one) => one.tenant === tenant).map(({ bound }) => bound);
    const readings = await real.store.look(tenant, limits);

    assert.deepEqual(
      readings.map(({ used, held }, at) => ({ counter: limits[at]!.counter, used, held })),
      limits.map((bound) => ({ counter: bound.counter, ...model.readingOf(bound) })),
    );
    for (const [at, bound] of limits.entries()) assert.ok(readings[at]!.used <= limitOf(bound), `${bound.counter} is exceeded`);
  }
}

async function renew(owner: string, model: AdmissionModel, { store }: AdmissionHarness): Promise<void> {
  await store.renew(owner);
  model.renew(owner);
}

export function nameOf({ id, tenant }: Pick<KnownCall, 'id' | 'tenant'>): { readonly callId: string; readonly tenant: string } {
  return { callId: id, tenant };
}

function askOf(call: Pick<KnownCall, 'id' | 'tenant' | 'owner' | 'bounds' | 'worst' | 'least'>): Ask {
  const { owner, bounds, worst, least } = call;
  return { ...nameOf(call), owner, bounds, worst, leastCostNanoUsd: least, memo: memoOf(call) };
}

function memoOf({ id }: Pick<KnownCall, 'id'>): string {
  return `memo of ${id}`;
}

function eventOf({ id }: KnownCall): string {
  return `event of ${id}`;
}

function shareOf({ tokens, costNanoUsd }: Amounts, percent: number): Amounts {
  return { tokens: Math.floor((tokens * percent) / 100), costNanoUsd: (costNanoUsd * BigInt(percent)) / 100n };
}

function grantOf(verdict: Verdict, most: bigint, least = most): bigint {
  assert.ok(verdict.outcome === 'admitted', `${verdict.outcome}, not admitted`);
  const { heldCostNanoUsd } = verdict;
  assert.ok(heldCostNanoUsd >= least && heldCostNanoUsd <= most, `${heldCostNanoUsd} was granted, not ${least} to ${most}`);
  return heldCostNanoUsd;
}

function assertRefused(verdict: Verdict, against: readonly string[], model: AdmissionModel): void {
  assert.ok(verdict.outcome === 'refused', `${verdict.outcome}, though there is no room in ${against.join(', ')}`);
  const { bound, used } = verdict;
  assert.ok(against.includes(bound.counter), `${bound.counter} has room`);
  assert.equal(used, model.readingOf(bound).used);
}

function byCall<T extends { readonly callId: string }>(some: readonly T[]): readonly T[] {
  return some.toSorted((one, other) => (one.callId < other.callId ? -1 : 1));
}
