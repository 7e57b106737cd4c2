import type { Clock } from '../core/clock.js';
import type { Settlement } from '../core/settlement.js';
import type { Admission, AdmissionRequest, Hold } from './admission.js';
import type { Bound } from './bounds.js';
import type { BoundsOf } from './configured-bounds.js';
import { HeldCall, toHeldCall } from './held-call.js';
import { LocalStore } from './local/local-store.js';
import { takenBy, worstCaseOf } from './worst-case.js';

/** Nobody outlives the only process, so nobody is told apart and nothing is ever reaped. */
const OWNER = 'this process';

/** Admission for one process by itself: decided at once, in memory. */
export class LocalAdmission implements Admission {
  private readonly store: LocalStore;

  constructor(
    private readonly boundsOf: BoundsOf,
    clock: Clock,
  ) {
    this.store = new LocalStore(clock);
  }

  admit(request: AdmissionRequest): Hold {
    return this.admitWithin(this.boundsOf(request.caller), request);
  }

  /** The same within these bounds and no others. */
  admitWithin(bounds: readonly Bound[], { callId, caller: { tenant }, request }: AdmissionRequest): Hold {
    if (bounds.length === 0) return new HeldCall(callId, tenant, undefined, undefined);
    const ask = { callId, tenant, owner: OWNER, bounds, worst: worstCaseOf(request), memo: '' };
    return toHeldCall(ask, this.store.admit(ask), this.store);
  }

  settle(hold: Hold, settlement: Pick<Settlement, 'whenSettled'>): void {
    if (!(hold instanceof HeldCall) || hold.store !== this.store) return;
    this.store.release(hold);
    settlement.whenSettled((settled) => void this.store.settle(hold, takenBy(settled)));
  }

  /** Counters that are remembered. */
  get size(): number {
    return this.store.size;
  }
}
