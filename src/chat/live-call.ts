import type { AnswerReader, AnswerReading } from '../core/answer.js';
import type { AttemptRecord, Call, Ending, ModelRequest } from '../core/call.js';
import type { Caller } from '../core/caller.js';
import type { Clock } from '../core/clock.js';
import type { GatewayError } from '../core/errors.js';
import { makeId } from '../core/ids.js';
import type { Provider, RouteTimeouts, Timeouts } from '../core/provider.js';
import type { PinnedAccount } from '../core/provider-state.js';
import { Settlement } from '../core/settlement.js';
import type { Plan, PricedTarget } from '../core/target.js';
import type { CacheOutcome } from '../cache/index.js';
import type { Hold } from '../limits/index.js';
import type { BoundWatch } from './bound-watch.js';
import { affordableOutput, type CallBound } from './worst-case/index.js';

/** A checked request and who sent it. */
export interface IncomingCall {
  readonly requestId: string;
  readonly caller: Caller;
  readonly request: ModelRequest;
  /** What the caller is ready to wait, in milliseconds; undefined = as long as the providers' own deadlines let it. */
  readonly timeoutMs?: number | undefined;
  /** Dimensions of usage that the request adds to the key's own. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

const NO_TAGS = {};

/** What is known of a call while it lives; everything in it is written once, by the step that learns it. */
export class LiveCall {
  readonly call: Call;
  readonly settlement = new Settlement();
  readonly attempts: AttemptRecord[] = [];
  cached: CacheOutcome = 'bypass';
  /** Set when the call is admitted. */
  hold: Hold | undefined;
  /** The most that it may take, where somebody had to know. */
  bound: CallBound | undefined;
  /** Looks out for a provider that goes on for longer than was held. */
  watch: BoundWatch | undefined;
  /** Its provider did, and was cut off. */
  isBeyondBound = false;
  /** Tokens that each of its answers was limited to, because of a budget. */
  clampedTo: number | undefined;
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
  /** It failed, and what asking again can do has been done: the client's own library need not. */
  wasRetriedEnough = false;
  ending: Ending = 'failed';
  error: GatewayError | undefined;
  /** Milliseconds spent waiting for providers before the first byte. */
  waitedMs = 0;
  /** On the clock's scale of spans. */
  readonly startedAt: number;
  /** When the whole call must be over, on the same scale. */
  private deadlineAt: number;
  private routeTimeouts: RouteTimeouts | undefined;
  private firstByteAfterMs: number | undefined;

  constructor(
    incoming: IncomingCall,
    private readonly clock: Clock,
  ) {
    const admittedAt = clock.now();
    const { requestId, caller, request, timeoutMs = Infinity, tags } = incoming;
    this.call = {
      callId: makeId(admittedAt),
      requestId,
      admittedAt,
      caller,
      request,
      userId: caller.user ?? request.userId,
      // What stands on the key, a request cannot say differently.
      tags: tags ? { ...tags, ...caller.tags } : (caller.tags ?? NO_TAGS),
    };
    this.startedAt = clock.elapsed();
    this.deadlineAt = this.startedAt + timeoutMs;
  }

  /** A target is about to be asked: what was learned from the one before is no longer true. */
  begin(target: PricedTarget): void {
    this.target = target;
    this.reader = undefined;
    this.dropped = [];
    this.ending = 'failed';
  }

  /** The route that was found for it may be in more of a hurry than the caller. */
  follow({ timeouts }: Plan): void {
    this.routeTimeouts = timeouts;
    if (timeouts?.totalMs !== undefined) this.deadlineAt = Math.min(this.deadlineAt, this.startedAt + timeouts.totalMs);
  }

  /** Until the caller's deadline, or the route's; Infinity where neither has one. */
  remainingMs(): number {
    return this.deadlineAt - this.clock.elapsed();
  }

  /** A provider's deadlines, none of them later than the route's and the caller's. */
  timeoutsOf({ timeouts }: Provider): Timeouts {
    const route = this.routeTimeouts;
    if (this.deadlineAt === Infinity && route === undefined) return timeouts;
    return {
      connectMs: timeouts.connectMs,
      firstTokenMs: Math.min(timeouts.firstTokenMs, route?.firstTokenMs ?? Infinity),
      idleMs: Math.min(timeouts.idleMs, route?.idleMs ?? Infinity),
      totalMs: Math.min(timeouts.totalMs, Math.max(0, this.remainingMs())),
    };
  }

  /** The limit on each answer that a target must be told, in tokens, so that the call costs no more than is held; undefined = none. */
  limitFor(target: PricedTarget): number | undefined {
    const heldCostNanoUsd = this.hold?.heldCostNanoUsd;
    if (!this.bound || heldCostNanoUsd === undefined) return undefined;
    const limit = affordableOutput(this.bound, target, heldCostNanoUsd);
    this.clampedTo = limit;
    this.watch?.expect((limit ?? this.bound.outputTokens) * Math.max(1, this.call.request.choices));
    return limit;
  }

  /** A provider that answered has worked for this call, and so may one that was asked before the client left; one that failed has not. */
  get mayHaveBeenBilled(): boolean {
    return this.firstByteMs !== undefined || this.attempts.at(-1)?.outcome === 'client_closed';
  }

  /** What the answer says of itself; undefined where there was none, whatever attempts have read that failed. */
  get reading(): AnswerReading | undefined {
    return this.reader !== undefined && this.mayHaveBeenBilled ? this.reader.reading : undefined;
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
