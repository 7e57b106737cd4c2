import type { Clock } from '../core/clock.js';
import type { Settlement } from '../core/settlement.js';
import type { Amounts, Ask, Estate } from './admission-store.js';
import type { Admission, AdmissionRequest, Hold, LimitReading, Payer, WorstCase } from './admission.js';
import { budgetsOf } from './ask-of.js';
import type { Bound, BudgetBound } from './bounds.js';
import type { BoundsOf } from './bounds-of.js';
import type { BudgetReadings } from './budgets/budget-standing.js';
import { HeldCall, toHeldCall } from './held-call.js';
import { toLimitReadings } from './limit-readings.js';
import type { Spent } from './local/counters.js';
import { LocalStore } from './local/local-store.js';
import { takenBy } from './taken-by.js';

/** Nobody outlives the only process, so nobody is told apart, nothing is inherited and no event is kept. */
const OWNER = 'this process';
const NO_MEMO = '';
const NO_EVENT = '';
const NO_ESTATE: Estate = { holds: [], events: [] };
const NOTHING: Amounts = { tokens: 0, costNanoUsd: 0n };
/** A call asks again where a period has ended meanwhile. */
const TRIES = 3;

/** Admission for one process by itself: decided at once, in memory. */
export class LocalAdmission implements Admission {
  private store: LocalStore;

  constructor(
    private readonly boundsOf: BoundsOf,
    private readonly clock: Clock,
  ) {
    this.store = new LocalStore(clock);
  }

  admit(request: AdmissionRequest): Hold {
    const bounds = this.boundsOf(request, this.clock.now());
    if (bounds.length === 0) return new HeldCall(nameOf(request));
    let ask = askWithin(bounds, request);
    let verdict = this.store.admit(ask);
    for (let tried = 1; verdict.outcome === 'stale' && tried < TRIES; tried += 1) {
      ask = askWithin(this.boundsOf(request, verdict.nowMs), request);
      verdict = this.store.admit(ask);
    }
    return toHeldCall(ask, verdict, this.store);
  }

  /**
   * The same within these bounds and no others. `charged`: what binds the call, of which only the budgets' names matter: its row is
   * charged to all of them, also where nobody can check them.
   */
  admitWithin(bounds: readonly Bound[], request: AdmissionRequest, charged = bounds): Hold {
    if (bounds.length === 0) return new HeldCall(nameOf(request), undefined, undefined, budgetsOf(charged));
    const ask = askWithin(bounds, request);
    return toHeldCall(ask, this.store.admit(ask), this.store, charged);
  }

  settle(hold: Hold, settlement: Pick<Settlement, 'whenSettled'>): void {
    this.release(hold);
    settlement.whenSettled((settled) => this.charge(hold, takenBy(settled)));
  }

  /** Gives the call's place back, and nothing else. */
  release(hold: Hold): void {
    if (this.isOurs(hold)) this.store.release(hold);
  }

  /** What it really took stands in the place of what was held. Charging twice changes nothing. */
  charge(hold: Hold, actual: Amounts): void {
    if (this.isOurs(hold)) this.store.settle(hold, actual, NO_EVENT);
  }

  /** The same for its tokens alone: its money stays held until it is charged. */
  chargeTokens(hold: Hold, { tokens }: Amounts): void {
    if (this.isOurs(hold)) this.store.settleTokens(hold, tokens);
  }

  confirm(): void {}

  kept(): void {}

  inherit(): Promise<Estate> {
    return Promise.resolve(NO_ESTATE);
  }

  interrupt(): Promise<void> {
    return Promise.resolve();
  }

  async look(payer: Payer): Promise<readonly LimitReading[]> {
    const bounds = this.boundsOf(payer, this.clock.now());
    return toLimitReadings(bounds, this.store.look(payer.caller.tenant, bounds));
  }

  get readings(): BudgetReadings {
    return { look: (tenant, bounds) => this.store.look(tenant, bounds) };
  }

  /** What is counted here is lost with this process and with nothing else. */
  rebuildFrom(): void {}

  /** What was spent of a budget before this process began, as the ledger knows it. The first word for each counter holds. */
  seed(bound: BudgetBound, spent: readonly Spent[]): void {
    this.store.seed(bound, spent);
  }

  /** Forgets what was counted: another process has counted on meanwhile. Calls in flight are settled by their rows alone. */
  restart(): void {
    this.store = new LocalStore(this.clock);
  }

  /** Counters that are remembered. */
  get size(): number {
    return this.store.size;
  }

  /** Somewhere else is held what Redis has admitted, and what was admitted before everything was forgotten. */
  private isOurs(hold: Hold): boolean {
    return hold instanceof HeldCall && hold.store === this.store;
  }
}

function nameOf({ call: { callId, caller } }: AdmissionRequest): { readonly callId: string; readonly tenant: string } {
  return { callId, tenant: caller.tenant };
}

function askWithin(bounds: readonly Bound[], request: AdmissionRequest): Ask {
  const { callId, caller } = request.call;
  const most = worstWithin(bounds, request);
  const leastCostNanoUsd = most?.leastCostNanoUsd ?? 0n;
  return { callId, tenant: caller.tenant, owner: OWNER, bounds, worst: most ?? NOTHING, leastCostNanoUsd, memo: NO_MEMO };
}

/** Undefined = nothing limits tokens or money. */
function worstWithin(bounds: readonly Bound[], request: AdmissionRequest): WorstCase | undefined {
  const isBudgeted = budgetsOf(bounds).length > 0;
  if (isBudgeted) return request.worstCase(true);
  for (let at = 0; at < bounds.length; at += 1) if (bounds[at]!.kind === 'tokens') return request.worstCase(false);
  return undefined;
}
