import type { Admitted, AdmissionStore, Ask, HoldName, Verdict } from './admission-store.js';
import type { Hold } from './admission.js';
import { budgetsOf } from './ask-of.js';
import type { Bound } from './bounds.js';
import { outOfStep, toRefusal } from './refusals.js';

const NO_BUDGETS: readonly string[] = [];

/** A call that was admitted, with the store that holds it. */
export class HeldCall<Store extends AdmissionStore = AdmissionStore> implements Hold {
  readonly callId: string;
  readonly tenant: string;

  constructor(
    { callId, tenant }: HoldName,
    /** Undefined = nothing limits the call, so that nothing is held. */
    readonly store?: Store,
    private readonly admitted?: Admitted,
    readonly budgets: readonly string[] = NO_BUDGETS,
    /** By a budget that was checked. */
    private readonly isBudgeted = false,
  ) {
    this.callId = callId;
    this.tenant = tenant;
  }

  get requests(): Hold['requests'] {
    return this.admitted?.requests;
  }

  get tokens(): Hold['tokens'] {
    return this.admitted?.tokens;
  }

  get heldCostNanoUsd(): Hold['heldCostNanoUsd'] {
    return this.isBudgeted ? this.admitted?.heldCostNanoUsd : undefined;
  }
}

/** The hold that a verdict means, or the refusal. `charged`: the budgets that its row names, also those that nobody could check. */
export function toHeldCall<Store extends AdmissionStore>(
  ask: Ask,
  verdict: Verdict,
  store: Store,
  charged: readonly Bound[] = ask.bounds,
): HeldCall<Store> {
  switch (verdict.outcome) {
    case 'admitted':
      return new HeldCall(ask, store, verdict, budgetsOf(charged), budgetsOf(ask.bounds).length > 0);
    case 'refused':
      throw toRefusal(verdict, ask.worst);
    default:
      throw outOfStep();
  }
}
