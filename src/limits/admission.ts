import type { ModelRequest } from '../core/call.js';
import type { Caller } from '../core/caller.js';
import type { Settlement } from '../core/settlement.js';
import type { Figure } from './admission-store.js';

/** Injection token of the `Admission` in use. */
export const ADMISSION = Symbol('ADMISSION');

export interface AdmissionRequest {
  readonly callId: string;
  readonly caller: Caller;
  /** What its worst case is worked out from. */
  readonly request: Pick<ModelRequest, 'raw' | 'parsed' | 'choices'>;
}

/** What an admitted call occupies until it is settled, and the figures of the rates that are nearest to binding. */
export interface Hold {
  readonly callId: string;
  /** Undefined = requests of this key are not limited. */
  readonly requests: Figure | undefined;
  /** Undefined = tokens of this key are not limited. */
  readonly tokens: Figure | undefined;
}

/** Decides whether a call may go out. All that limits it is decided in one step, so a refusal has consumed nothing. */
export interface Admission {
  /**
   * Throws `rate_limited` or `budget_exhausted`, which name the limit, its size and when another try makes sense, or
   * `service_unavailable` where a budget cannot be checked.
   */
  admit(request: AdmissionRequest): Hold | Promise<Hold>;
  /**
   * The call is over, however it ended: its place is given back now, and what it really took stands in the place of what was held as
   * soon as it is known. Every hold is settled; settling one twice changes nothing.
   */
  settle(hold: Hold, settlement: Pick<Settlement, 'whenSettled'>): void;
}
