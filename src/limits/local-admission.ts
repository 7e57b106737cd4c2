import { Inject, Injectable } from '@nestjs/common';
import type { Caller } from '../core/caller.js';
import { CLOCK, type Clock } from '../core/clock.js';
import { CONFIG, type Config } from '../platform/index.js';
import type { Admission, AdmissionRequest, Hold } from './admission.js';
import { KeyUse } from './key-use.js';
import type { RateWindow } from './rate-window.js';
import { rateLimited, tooManyAtOnce } from './refusals.js';

/** What a call occupies here, until it is let go of for the first time. */
class LocalHold implements Hold {
  readonly limit: number;
  readonly remaining: number;
  readonly resetMs: number;

  constructor(
    readonly callId: string,
    private use: KeyUse | undefined,
    window: RateWindow | undefined,
    nowMs: number,
  ) {
    this.limit = window?.limit ?? 0;
    this.remaining = window?.remaining(nowMs) ?? 0;
    this.resetMs = window?.resetMs(nowMs) ?? 0;
  }

  letGo(): void {
    if (this.use) this.use.inFlight -= 1;
    this.use = undefined;
  }
}

/**
 * Admission within one process. A key's own limits come before the configured ones. Counts start at nothing with the process;
 * keys that have gone quiet are forgotten.
 */
@Injectable()
export class LocalAdmission implements Admission {
  private readonly keys = new Map<string, KeyUse>();
  private visits = this.keys.entries();

  constructor(
    @Inject(CONFIG) private readonly config: Pick<Config, 'limits'>,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  admit({ callId, caller }: AdmissionRequest): Hold {
    const nowMs = this.clock.elapsed();
    const use = this.useOf(caller);
    this.refuseIfFull(use, caller.concurrency ?? this.config.limits.concurrency, nowMs);
    use.take(nowMs);
    this.forgetOneIfIdle(nowMs);
    return new LocalHold(callId, use, use.findTightest(nowMs), nowMs);
  }

  settle(hold: Hold): void {
    if (hold instanceof LocalHold) hold.letGo();
  }

  /** Keys whose use is remembered. */
  get size(): number {
    return this.keys.size;
  }

  private refuseIfFull(use: KeyUse, concurrency: number, nowMs: number): void {
    if (concurrency > 0 && use.inFlight >= concurrency) throw tooManyAtOnce(concurrency);
    const full = use.findFull(nowMs);
    if (full) throw rateLimited(full.limit, full.windowMs, full.resetMs(nowMs));
  }

  private useOf({ keyId, requestsPerMinute, requestsPerHour }: Caller): KeyUse {
    const { limits } = this.config;
    let use = this.keys.get(keyId);
    if (!use) this.keys.set(keyId, (use = new KeyUse()));
    use.holdTo(requestsPerMinute ?? limits.requestsPerMinute, requestsPerHour ?? limits.requestsPerHour);
    return use;
  }

  /** Each call looks at one key in turn: all are seen again and again, at a constant cost and without a timer. */
  private forgetOneIfIdle(nowMs: number): void {
    const visit = this.visits.next();
    if (visit.done) this.visits = this.keys.entries();
    else if (visit.value[1].isIdle(nowMs)) this.keys.delete(visit.value[0]);
  }
}
