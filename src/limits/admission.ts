import type { Call } from '../core/call.js';
import type { Caller, EndUserStanding } from '../core/caller.js';
import type { Settlement } from '../core/settlement.js';
import type { Estate, Figure, HoldName, OrphanedHold } from './admission-store.js';

/** Injection token of the `Admission` in use. */
export const ADMISSION = Symbol('ADMISSION');

/** The most that a call may take, whichever of its targets answers. */
export interface WorstCase {
  readonly tokens: number;
  readonly costNanoUsd: bigint;
  /** The least money with which it may go out, its answer then being cut to what that buys; the worst case itself = it may not be cut. */
  readonly leastCostNanoUsd: bigint;
}

/** Who a call is for. Times are epoch milliseconds. */
export interface Payer {
  readonly caller: Caller;
  /** The end user of the call, proven or named by the request. */
  readonly userId: string | undefined;
  /** What was decided about that end user. */
  readonly user: EndUserStanding | undefined;
}

export interface AdmissionRequest extends Payer {
  readonly call: Call;
  /** Given to whoever inherits the call should this process die: what its interrupted row will need. Asked only where others can. */
  memo(budgets: readonly string[]): string;
  /**
   * Asked only where something limits tokens or money. Under a budget it throws what the caller is told where the call cannot be
   * bounded or priced.
   */
  worstCase(isBudgeted: boolean): WorstCase;
}

/** What an admitted call occupies until it is settled, and the figures of the rates that are nearest to binding. */
export interface Hold extends HoldName {
  /** Undefined = requests of this key are not limited. */
  readonly requests: Figure | undefined;
  /** Undefined = tokens of this key are not limited. */
  readonly tokens: Figure | undefined;
  /** Undefined = no budget binds. Less than the worst case = the answer must be cut to what this buys. */
  readonly heldCostNanoUsd: bigint | undefined;
  /** What its row is charged to: the `ref` of each budget that binds. */
  readonly budgets: readonly string[];
}

/** One limit as it stands. */
export interface LimitReading {
  readonly kind: 'requests' | 'tokens' | 'calls' | 'budget';
  readonly scope: string;
  readonly subject: string;
  /** Nano-dollars for a budget. */
  readonly limit: bigint;
  /** Including what is held. */
  readonly used: bigint;
  readonly held: bigint;
  /** Undefined for calls at the same time, and for a budget that is not rolling. */
  readonly windowMs: number | undefined;
  /** `Infinity` = never, undefined = nobody knows. */
  readonly resetMs: number | undefined;
  readonly budgetId: string | undefined;
}

/** What the ledger does for counters that are rebuilt from it. */
export interface RebuildingLedger {
  /** Resolves when all rows of calls that were over before are stored. */
  flush(): Promise<void>;
  /** Writes what gateways have left that died; resolves when it is stored. */
  bury(estate: Estate): Promise<void>;
  /**
   * Keeps on disk, for the ledger, that calls are about to go out: each is an interrupted row until it has its own. Rejects where the
   * disk does not take them.
   */
  foresee(holds: readonly OrphanedHold[]): Promise<void>;
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
  /** The row of a settled call is in the ledger: its event need not be kept for anybody. */
  confirm(name: HoldName): void;
  /** It is not yet, but on its way there whatever becomes of this process. */
  kept(name: HoldName): void;
  /** What processes have left that died. Each is told to one heir, again and again until that has interrupted or confirmed it. */
  inherit(): Promise<Estate>;
  /** A call that was inherited took this, as far as anybody knows. Resolves when that is acknowledged. */
  interrupt(name: HoldName, actual: { readonly tokens: number; readonly costNanoUsd: bigint }): Promise<void>;
  /** How everything stands that limits the calls of somebody. Rejects with `service_unavailable` where that cannot be told. */
  look(payer: Payer): Promise<readonly LimitReading[]>;
  /** Whoever rebuilds counters that were lost does so from this. */
  rebuildFrom(ledger: RebuildingLedger): void;
}
