import type { AnswerReader } from '../core/answer.js';
import type { AttemptRecord, Call, Ending, ModelRequest } from '../core/call.js';
import type { Caller } from '../core/caller.js';
import type { Clock } from '../core/clock.js';
import type { GatewayError } from '../core/errors.js';
import { makeId } from '../core/ids.js';
import type { PinnedAccount } from '../core/provider-state.js';
import { Settlement } from '../core/settlement.js';
import type { PricedTarget } from '../core/target.js';
import type { CacheOutcome } from '../cache/index.js';
import type { Hold } from '../limits/index.js';

/** A checked request and who sent it. */
export interface IncomingCall {
  readonly requestId: string;
  readonly caller: Caller;
  readonly request: ModelRequest;
}

/** What is known of a call while it lives; everything in it is written once, by the step that learns it. */
export class LiveCall {
  readonly call: Call;
  readonly settlement = new Settlement();
  readonly attempts: AttemptRecord[] = [];
  cached: CacheOutcome = 'bypass';
  /** Set when the call is admitted. */
  hold: Hold | undefined;
  /** The target that is being asked, or was the last to be. */
  target: PricedTarget | undefined;
  /** The only account that has what the request names, if it names something that a provider keeps. */
  pin: PinnedAccount | undefined;
  /** The fingerprint of the account that was asked. */
  account = '';
  /** Reads its answer, once one has come. */
  reader: AnswerReader | undefined;
  /** Hints of the request that the target was not told. */
  dropped: readonly string[] = [];
  ending: Ending = 'failed';
  error: GatewayError | undefined;
  /** Milliseconds spent waiting for providers before the first byte. */
  waitedMs = 0;
  /** On the clock's scale of spans. */
  readonly startedAt: number;
  private firstByteAfterMs: number | undefined;

  constructor(
    incoming: IncomingCall,
    private readonly clock: Clock,
  ) {
    const admittedAt = clock.now();
    const { requestId, caller, request } = incoming;
    this.call = { callId: makeId(admittedAt), requestId, admittedAt, caller, request };
    this.startedAt = clock.elapsed();
  }

  elapsedMs(): number {
    return this.clock.elapsed() - this.startedAt;
  }

  markFirstByte(): void {
    this.firstByteAfterMs ??= this.elapsedMs();
  }

  /** Undefined while the client has seen nothing of an answer. */
  get firstByteMs(): number | undefined {
    return this.firstByteAfterMs;
  }

  /** The gateway's own share of the time before the first byte. */
  get overheadMs(): number {
    return Math.max(0, (this.firstByteAfterMs ?? this.elapsedMs()) - this.waitedMs);
  }
}
