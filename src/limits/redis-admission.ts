import type { OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import type { Clock } from '../core/clock.js';
import type { Settlement } from '../core/settlement.js';
import type { Config, Log } from '../platform/index.js';
import { type Amounts, type Ask, type Estate, type HoldName, LEASE_MS, type Verdict } from './admission-store.js';
import type { Admission, AdmissionRequest, Hold, LimitReading, Payer, RebuildingLedger } from './admission.js';
import { askOf } from './ask-of.js';
import { type Bound, isBudget } from './bounds.js';
import type { BudgetReadings } from './budgets/budget-standing.js';
import type { BoundsOf } from './bounds-of.js';
import { HeldCall, toHeldCall } from './held-call.js';
import type { LocalAdmission } from './local-admission.js';
import { toLimitReadings } from './limit-readings.js';
import { RedisStore, ShardClosed } from './redis/redis-store.js';
import { shardNumberOf } from './redis/shards.js';
import { budgetsUnknown, limitsUnknown, outOfStep } from './refusals.js';
import { scaledBounds } from './scaled-bounds.js';
import { HeldCalls } from './shared/held-calls.js';
import type { Recovery } from './shared/recovery.js';
import type { ShardGates } from './shared/shard-gates.js';
import { takenBy } from './taken-by.js';
import { UntilAcknowledged } from './until-acknowledged.js';

const HEARTBEAT_MS = LEASE_MS / 6;
/** How long a call waits for a shard that is being rebuilt. */
const REBUILDING_MS = 100;
/** Of an admission that has to borrow, which may take several rounds. */
const DEADLINE_MS = 150;
/** A call asks again where time, or the shard, has moved on meanwhile. */
const TRIES = 3;

export interface RedisAdmissionParts {
  readonly store: RedisStore;
  /** Decides where Redis does not, about everything but budgets. */
  readonly local: LocalAdmission;
  readonly boundsOf: BoundsOf;
  readonly held: HeldCalls;
  readonly gates: ShardGates;
  readonly recovery: Recovery;
  /** The bounds of budgets on everything, which are lent to the shards. */
  lentBounds(nowMs: number): readonly Bound[];
  /** This process, and how many there are. */
  readonly gateways: { readonly id: string; readonly lastSeen: number };
  readonly config: Pick<Config, 'redis'>;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Admission for all replicas together. While a shard fails, each replica limits rates by its share, and calls under a budget are
 * refused or go on, as `config.redis.whenDown` says; when it is back, and knows all that it knew, it is asked again.
 */
export class RedisAdmission implements Admission, OnModuleInit, OnApplicationShutdown {
  private readonly messages: UntilAcknowledged;
  /** Calls that went out while nobody could check their budgets. */
  private readonly unchecked = new Map<string, Ask>();
  private heart: NodeJS.Timeout | undefined;

  constructor(private readonly parts: RedisAdmissionParts) {
    this.messages = new UntilAcknowledged((error) => {
      if (error instanceof ShardClosed) parts.recovery.closed(error.shard);
    });
  }

  async onModuleInit(): Promise<void> {
    this.heart = setInterval(() => void this.beat(), HEARTBEAT_MS).unref();
    await this.parts.recovery.begin();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.heart);
    this.parts.recovery.stop();
    const unsaid = await this.messages.finish();
    if (unsaid > 0) this.parts.log.warn({ event: 'holds_left', messages: unsaid }, 'What these calls held is left to another replica.');
  }

  admit(request: AdmissionRequest): Hold | Promise<Hold> {
    const { boundsOf, clock } = this.parts;
    // Held is also what nothing limits: should this process die, the call is known there, and gets its row.
    const bounds = boundsOf(request, clock.now());
    const shard = shardNumberOf(request.caller.tenant);
    return this.parts.gates.at(shard).isResting ? this.admitAlone(bounds, request) : this.ask(bounds, request, shard);
  }

  settle(hold: Hold, settlement: Pick<Settlement, 'whenSettled'>): void {
    const { store } = this.parts;
    if (!(hold instanceof HeldCall) || hold.store !== store) return this.settleAlone(hold, settlement);
    let isSettled = false;
    settlement.whenSettled((settled) => {
      isSettled = true;
      const actual = takenBy(settled);
      this.messages.say(
        () => store.settle(hold, actual, settled.line),
        () => this.ended(hold),
      );
    });
    if (!isSettled) this.messages.say(() => store.release(hold));
  }

  private settleAlone(hold: Hold, settlement: Pick<Settlement, 'whenSettled'>): void {
    this.parts.local.settle(hold, settlement);
    const ask = this.unchecked.get(hold.callId);
    if (!ask) return;
    this.unchecked.delete(hold.callId);
    settlement.whenSettled((settled) => this.messages.say(() => this.chargeLate(ask, takenBy(settled))));
  }

  confirm(name: HoldName): void {
    const { store, held } = this.parts;
    if (name instanceof HeldCall && name.store !== store) return;
    if (held.noteStored(name)) this.messages.say(() => store.confirm(name));
  }

  /** The shard has kept its event since it was settled. */
  kept(): void {}

  async inherit(): Promise<Estate> {
    const { store, gateways, recovery } = this.parts;
    const estate = await store.inherit(gateways.id);
    // All shards were asked: one that has forgotten everything is found here even by a gateway that nobody calls.
    recovery.closed(...store.closed);
    return estate;
  }

  async interrupt(name: HoldName, actual: { readonly tokens: number; readonly costNanoUsd: bigint }): Promise<void> {
    await this.parts.store.interrupt(name, actual);
  }

  async look(payer: Payer): Promise<readonly LimitReading[]> {
    const { boundsOf, clock, store } = this.parts;
    const bounds = boundsOf(payer, clock.now());
    try {
      return toLimitReadings(bounds, await store.look(payer.caller.tenant, bounds));
    } catch (error) {
      throw limitsUnknown(error);
    }
  }

  get readings(): BudgetReadings {
    return this.parts.store;
  }

  rebuildFrom(ledger: RebuildingLedger): void {
    this.parts.recovery.rebuildFrom(ledger);
  }

  /** A budget on everything may have been lowered: what is lent and not used goes back, as far as its new limit demands. */
  async recallLent(): Promise<void> {
    const { store, lentBounds, clock, recovery } = this.parts;
    await Promise.all(lentBounds(clock.now()).map((bound) => store.recall(bound))).catch((error: unknown) => recovery.failed(error));
  }

  /** Keeps what this replica holds, and ends what others have left half done. */
  private async beat(): Promise<void> {
    const { store, gateways, recovery } = this.parts;
    recovery.closed(...store.closed);
    try {
      await store.renew(gateways.id);
      await store.sweepTransfers();
    } catch (error) {
      recovery.failed(error);
    }
  }

  private async ask(first: readonly Bound[], request: AdmissionRequest, shard: number): Promise<Hold> {
    const { store, held, gates, gateways, boundsOf } = this.parts;
    const gate = gates.at(shard);
    let bounds = first;
    for (let tried = 0; tried < TRIES; tried += 1) {
      if (gate.isClosed) await gate.whenOpen(REBUILDING_MS);
      if (!gate.mayAsk()) break;
      const ask = askOf(request, bounds, gateways.id);
      const verdict = await this.send(ask, shard);
      if (verdict === undefined) return this.admitUnsure(ask, request);
      if (verdict === 'closed') continue;
      gates.answered(shard);
      if (verdict.outcome === 'stale') {
        bounds = boundsOf(request, verdict.nowMs);
        continue;
      }
      if (verdict.outcome === 'admitted') held.add(granted(ask, verdict.heldCostNanoUsd), shard);
      return toHeldCall(ask, verdict, store);
    }
    if (gate.isClosed || !gate.mayAsk()) return this.admitAlone(bounds, request);
    throw outOfStep();
  }

  /** Undefined = nobody knows what came of it. */
  private send(ask: Ask, shard: number): Promise<Verdict | 'closed' | undefined> {
    const { store, gates, recovery } = this.parts;
    const asked = ask.bounds.some(isLent) ? within(DEADLINE_MS, store.admit(ask)) : store.admit(ask);
    return asked.catch((error: unknown) => {
      if (error instanceof ShardClosed) {
        recovery.closed(shard);
        return 'closed';
      }
      gates.failed(shard, error);
      return undefined;
    });
  }

  /** The shard may still admit the call, and nobody would settle it; unless the call goes out all the same and is charged later. */
  private admitUnsure(ask: Ask, request: AdmissionRequest): Hold {
    const cancel = (): void => this.messages.say(() => this.parts.store.cancel(ask));
    try {
      const hold = this.admitAlone(ask.bounds, request);
      if (!this.unchecked.has(hold.callId)) cancel();
      return hold;
    } catch (error) {
      cancel();
      throw error;
    }
  }

  private ended(name: HoldName): void {
    const { store, held } = this.parts;
    if (held.noteSettled(name)) this.messages.say(() => store.confirm(name));
  }

  private admitAlone(bounds: readonly Bound[], request: AdmissionRequest): Hold {
    const { local, config, gateways } = this.parts;
    const budgets = bounds.filter(isBudget);
    if (budgets.length === 0) return local.admitWithin(scaledBounds(bounds, gateways.lastSeen), request);
    if (config.redis.whenDown === 'closed') throw budgetsUnknown();
    const others = bounds.filter((bound) => !isBudget(bound));
    const hold = local.admitWithin(scaledBounds(others, gateways.lastSeen), request, bounds);
    const { callId, tenant } = hold;
    // Known as held, at nothing, it is told to a shard that is rebuilt meanwhile, and charged there once like any other.
    this.unchecked.set(callId, uncheckedAsk(hold, budgets, gateways.id));
    this.parts.held.add(this.unchecked.get(callId)!, shardNumberOf(tenant));
    return hold;
  }

  /** What went out under budgets that nobody could check is charged to them as soon as somebody can. */
  private async chargeLate(ask: Ask, actual: Amounts): Promise<void> {
    const { store, held, gateways } = this.parts;
    const shard = shardNumberOf(ask.tenant);
    const { epoch, isOpen } = await store.attend(shard);
    if (!isOpen) throw new ShardClosed(shard);
    await store.join(shard, epoch, gateways.id, [ask]);
    await store.settle(ask, actual, '');
    // Should the admission that nobody heard of again come after all, it finds the call ended.
    await store.cancel(ask);
    held.forget(ask);
  }
}

function uncheckedAsk({ callId, tenant }: HoldName, bounds: readonly Bound[], owner: string): Ask {
  return { callId, tenant, owner, bounds, worst: { tokens: 0, costNanoUsd: 0n }, leastCostNanoUsd: 0n, memo: '' };
}

function granted(ask: Ask, heldCostNanoUsd: bigint): Ask {
  return heldCostNanoUsd === ask.worst.costNanoUsd ? ask : { ...ask, worst: { ...ask.worst, costNanoUsd: heldCostNanoUsd } };
}

/** A budget on everything is lent to the shards. */
function isLent({ scope }: Bound): boolean {
  return scope === 'everything';
}

async function within<T>(ms: number, asked: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const overdue = new Promise<never>((_, reject) => (timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms)));
  try {
    return await Promise.race([asked, overdue]);
  } finally {
    clearTimeout(timer);
  }
}
