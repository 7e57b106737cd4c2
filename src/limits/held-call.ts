import type { Admitted, AdmissionStore, HoldName, Verdict } from './admission-store.js';
import type { Hold } from './admission.js';
import { outOfStep, toRefusal } from './refusals.js';

/** A call that was admitted, with the store that holds it. */
export class HeldCall<Store extends AdmissionStore = AdmissionStore> implements Hold, HoldName {
  constructor(
    readonly callId: string,
    readonly tenant: string,
    /** Undefined = nothing limits the call, so that nothing is held. */
    readonly store: Store | undefined,
    private readonly admitted: Admitted | undefined,
  ) {}

  get requests(): Hold['requests'] {
    return this.admitted?.requests;
  }

  get tokens(): Hold['tokens'] {
    return this.admitted?.tokens;
  }
}

/** The hold that a verdict means, or the refusal. */
export function toHeldCall<Store extends AdmissionStore>({ callId, tenant }: HoldName, verdict: Verdict, store: Store): HeldCall<Store> {
  switch (verdict.outcome) {
    case 'admitted':
      return new HeldCall(callId, tenant, store, verdict);
    case 'refused':
      throw toRefusal(verdict);
    default:
      throw outOfStep();
  }
}
