import { type Amounts, LEASE_MS } from '../../../src/limits/admission-store.js';
import { type Bound, counterName, isBudget, limitOf } from '../../../src/limits/bounds.js';
import { budget, calls, everything, requests, rolling, tokens } from '../admission-harness.js';

/** All times are multiples of it, so that what is kept as one entry of a window was taken at one time. */
export const STEP_MS = 400;
export const PERIOD_MS = 120_000;
/** 256 steps, and half of that for the rates. */
const ROLLING_MS = 102_400;
const RATE_MS = 51_200;

const LIMITS = { requests: 6, tokens: 1_000, calls: 4, rolling: 1_000n, budget: 850n, everything: 1_400n };

export interface KnownCall {
  readonly id: string;
  readonly tenant: string;
  /** Who settles it, unless it dies. */
  readonly owner: string;
  readonly bounds: readonly Bound[];
  readonly atMs: number;
  readonly worst: Amounts;
  readonly least: bigint;
  /** With the money that was granted. */
  readonly held: Amounts;
  /** The owner, or whoever has inherited it. */
  keeper: string;
  isInherited: boolean;
  isReleased: boolean;
  state: 'held' | 'interrupted' | 'settled' | 'cancelled';
  /** What is held until the truth is known. */
  took: Amounts;
  /** Its event is not in the ledger yet. */
  isKept: boolean;
}

interface Fit {
  /** Undefined = refused. */
  readonly granted: bigint | undefined;
  /** The counters that have no room for it. */
  readonly against: readonly string[];
}

/** Admission as one would write it without regard to cost: every call is known by itself, counters are sums over them. */
export class AdmissionModel {
  readonly calls: KnownCall[] = [];
  /** The processes that run now. One that has crashed is another when it is back. */
  readonly gateways = ['gateway-a', 'gateway-b', 'gateway-c'];
  /** All that was ever counted, with the tenant that it is counted for. */
  readonly counted = new Map<string, { readonly tenant: string; readonly bound: Bound }>();
  private readonly aliveUntil = new Map<string, number>();
  private readonly resets = new Map<string, number>();
  private crashes = 0;

  constructor(public nowMs: number) {}

  /** All that limits a call of a tenant at a time. */
  boundsOf(tenant: string, atMs: number): readonly Bound[] {
    const all = { ...everything(LIMITS.everything), counter: counterName('budget', 'b-all', this.resetsOf('all')) };
    const bounds: readonly Bound[] = [
      { ...requests(LIMITS.requests, RATE_MS), counter: counterName('requests', tenant) },
      { ...tokens(LIMITS.tokens, RATE_MS), counter: counterName('tokens', tenant) },
      { ...calls(LIMITS.calls), counter: counterName('calls', tenant) },
      { ...rolling(LIMITS.rolling, ROLLING_MS), counter: counterName('cost', tenant) },
      budget(LIMITS.budget, atMs, PERIOD_MS, `b-${tenant}-${this.resetsOf(tenant)}`),
      all,
    ];
    for (const bound of bounds) if (!this.counted.has(bound.counter)) this.counted.set(bound.counter, { tenant, bound });
    return bounds;
  }

  /** From now on another counter counts. */
  reset(what: string): void {
    this.resets.set(what, this.resetsOf(what) + 1);
  }

  /** Nobody settles any more what it holds. */
  crash(slot: number): void {
    this.crashes += 1;
    this.gateways[slot] = `gateway-${this.crashes}`;
  }

  hasCrashed(owner: string): boolean {
    return !this.gateways.includes(owner);
  }

  renew(owner: string): void {
    this.aliveUntil.set(owner, this.nowMs + LEASE_MS);
  }

  isSilent(owner: string): boolean {
    return this.aliveUntil.get(owner)! <= this.nowMs;
  }

  /** What stands in a counter: the sum over the calls. */
  readingOf(bound: Bound): { readonly used: bigint; readonly held: bigint } {
    const charged = this.calls.filter(
      ({ state, bounds }) => state !== 'cancelled' && bounds.some(({ counter }) => counter === bound.counter),
    );
    if (bound.kind === 'calls') {
      return { used: BigInt(charged.filter(({ state, isReleased }) => state === 'held' && !isReleased).length), held: 0n };
    }
    if (bound.kind === 'budget') return { used: costOf(charged), held: costOf(charged.filter(({ state }) => state === 'held')) };
    const within = charged.filter(({ atMs }) => atMs > this.nowMs - bound.windowMs);
    if (bound.kind === 'requests') return { used: BigInt(within.length), held: 0n };
    if (bound.kind === 'rolling') return { used: costOf(within), held: 0n };
    return { used: within.reduce((sum, { took }) => sum + BigInt(took.tokens), 0n), held: 0n };
  }

  fit(bounds: readonly Bound[], worst: Amounts, least: bigint): Fit {
    const rooms = bounds.map((bound) => limitOf(bound) - this.readingOf(bound).used);
    const granted = bounds.reduce((most, bound, at) => (isBudget(bound) && rooms[at]! < most ? rooms[at]! : most), worst.costNanoUsd);
    const needed = { requests: 1n, calls: 1n, tokens: BigInt(worst.tokens), rolling: least, budget: least };
    const against = bounds.filter(({ kind }, at) => needed[kind] > rooms[at]!).map(({ counter }) => counter);
    return { granted: against.length > 0 ? undefined : granted, against };
  }

  /** What those have left who are silent; it is the heir's from now on. */
  inherit(heir: string): { readonly holds: readonly KnownCall[]; readonly events: readonly KnownCall[] } {
    for (const call of this.calls) {
      if (call.state !== 'held' || !this.isSilent(call.keeper)) continue;
      call.keeper = heir;
      call.isInherited = true;
    }
    return {
      holds: this.calls.filter(({ state, isInherited, keeper }) => state === 'held' && isInherited && keeper === heir),
      events: this.calls.filter(({ isKept, owner }) => isKept && this.isSilent(owner)),
    };
  }

  private resetsOf(what: string): number {
    return this.resets.get(what) ?? 0;
  }
}

function costOf(known: readonly KnownCall[]): bigint {
  return known.reduce((sum, { took }) => sum + took.costNanoUsd, 0n);
}
