import type { AnswerReader } from '../core/answer.js';
import type { AttemptRecord, Call, Ending } from '../core/call.js';
import type { Clock } from '../core/clock.js';
import type { GatewayError } from '../core/errors.js';
import type { Settlement } from '../core/settlement.js';
import type { PricedTarget } from '../core/target.js';
import type { CacheOutcome } from '../cache/index.js';
import type { Hold } from '../limits/index.js';

/** What is known of an admitted call while it lives; everything in it is written once, by the step that learns it. */
export class LiveCall {
  readonly attempts: AttemptRecord[] = [];
  /** The target that is being asked, or was the last to be. */
  target: PricedTarget | undefined;
  /** Reads its answer, once one has come. */
  reader: AnswerReader | undefined;
  ending: Ending = 'failed';
  error: GatewayError | undefined;
  /** Milliseconds spent waiting for providers before the first byte. */
  waitedMs = 0;
  private firstByteAt: number | undefined;

  constructor(
    readonly call: Call,
    readonly hold: Hold,
    readonly cached: CacheOutcome,
    readonly settlement: Settlement,
    /** On the clock's scale of spans. */
    readonly startedAt: number,
    private readonly clock: Clock,
  ) {}

  elapsedMs(): number {
    return this.clock.elapsed() - this.startedAt;
  }

  markFirstByte(): void {
    this.firstByteAt ??= this.elapsedMs();
  }

  get firstByteMs(): number | undefined {
    return this.firstByteAt;
  }

  /** The gateway's own share of the time before the first byte. */
  get overheadMs(): number {
    return Math.max(0, (this.firstByteAt ?? this.elapsedMs()) - this.waitedMs);
  }
}
