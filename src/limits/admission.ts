import type { Caller } from '../core/caller.js';

/** Injection token of the `Admission` in use. */
export const ADMISSION = Symbol('ADMISSION');

export interface AdmissionRequest {
  readonly callId: string;
  readonly caller: Caller;
}

/** What an admitted call occupies until it is settled, and the figures of the rate limit that is nearest to binding. */
export interface Hold {
  readonly callId: string;
  /** Calls that the limit allows per window; 0 = this key's rate is not limited, and the other two are 0 as well. */
  readonly limit: number;
  /** Calls left after this one. */
  readonly remaining: number;
  /** Milliseconds until the oldest counted call leaves the window and makes room. */
  readonly resetMs: number;
}

/** Decides whether a call may go out. Everything that limits a key is decided in one step, so a refusal has consumed nothing. */
export interface Admission {
  /** Throws `GatewayError('rate_limited')` that names the limit, its size and when another try makes sense. */
  admit(request: AdmissionRequest): Hold | Promise<Hold>;
  /** The call is over, however it ended. Every hold is settled; settling one twice changes nothing. */
  settle(hold: Hold): void;
}
