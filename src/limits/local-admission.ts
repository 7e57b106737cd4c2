import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../core/clock.js';
import { CONFIG, type Config } from '../platform/index.js';
import type { Admission, AdmissionRequest, Hold } from './admission.js';
import { KeyUse, toRateLimits, type RateLimit } from './key-use.js';
import { rateLimited, tooManyAtOnce } from './refusals.js';

/** Admission within one process. Counts start at nothing with the process; keys that have gone quiet are forgotten. */
@Injectable()
export class LocalAdmission implements Admission {
  private readonly concurrency: number;
  private readonly rates: readonly RateLimit[];
  private readonly keys = new Map<string, KeyUse>();
  /** By call id, so that only the first settling of a hold counts. */
  private readonly open = new Map<string, KeyUse>();
  private visits = this.keys.entries();

  constructor(
    @Inject(CONFIG) config: Pick<Config, 'limits'>,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.concurrency = config.limits.concurrency;
    this.rates = toRateLimits(config.limits);
  }

  admit({ callId, caller }: AdmissionRequest): Hold {
    const nowMs = this.clock.elapsed();
    const use = this.useOf(caller.keyId);
    this.refuseIfFull(use, nowMs);
    use.take(nowMs);
    this.open.set(callId, use);
    this.forgetOneIfIdle(nowMs);
    const window = use.findTightest(nowMs);
    return {
      callId,
      limit: window?.limit ?? 0,
      remaining: window?.remaining(nowMs) ?? 0,
      resetMs: window?.resetMs(nowMs) ?? 0,
    };
  }

  settle(hold: Hold): void {
    const use = this.open.get(hold.callId);
    if (!use) return;
    this.open.delete(hold.callId);
    use.inFlight -= 1;
  }

  /** Keys whose use is remembered. */
  get size(): number {
    return this.keys.size;
  }

  private refuseIfFull(use: KeyUse, nowMs: number): void {
    if (this.concurrency > 0 && use.inFlight >= this.concurrency) throw tooManyAtOnce(this.concurrency);
    const full = use.findFull(nowMs);
    if (full) throw rateLimited(full.limit, full.windowMs, full.resetMs(nowMs));
  }

  private useOf(keyId: string): KeyUse {
    const known = this.keys.get(keyId);
    if (known) return known;
    const use = new KeyUse(this.rates);
    this.keys.set(keyId, use);
    return use;
  }

  /** Each call looks at one key in turn: all are seen again and again, at a constant cost and without a timer. */
  private forgetOneIfIdle(nowMs: number): void {
    const visit = this.visits.next();
    if (visit.done) this.visits = this.keys.entries();
    else if (visit.value[1].isIdle(nowMs)) this.keys.delete(visit.value[0]);
  }
}
