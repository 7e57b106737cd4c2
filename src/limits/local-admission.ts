import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../core/clock.js';
import { CONFIG, type Config } from '../platform/index.js';
import type { Admission, AdmissionRequest, Hold } from './admission.js';
import { KeyUse, toRateLimits, type RateLimit } from './key-use.js';
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

/** Admission within one process. Counts start at nothing with the process; keys that have gone quiet are forgotten. */
@Injectable()
export class LocalAdmission implements Admission {
  private rates: readonly RateLimit[] = [];
  /** What `rates` were made from. */
  private limits: Config['limits'] | undefined;
  private readonly keys = new Map<string, KeyUse>();
  private visits = this.keys.entries();

  constructor(
    @Inject(CONFIG) private readonly config: Pick<Config, 'limits'>,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  admit({ callId, caller }: AdmissionRequest): Hold {
    const nowMs = this.clock.elapsed();
    const use = this.useOf(caller.keyId);
    this.refuseIfFull(use, nowMs);
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

  private refuseIfFull(use: KeyUse, nowMs: number): void {
    const { concurrency } = this.config.limits;
    if (concurrency > 0 && use.inFlight >= concurrency) throw tooManyAtOnce(concurrency);
    const full = use.findFull(nowMs);
    if (full) throw rateLimited(full.limit, full.windowMs, full.resetMs(nowMs));
  }

  private useOf(keyId: string): KeyUse {
    const rates = this.ratesInForce();
    let use = this.keys.get(keyId);
    if (!use) this.keys.set(keyId, (use = new KeyUse(rates)));
    use.holdTo(rates);
    return use;
  }

  /** Another list whenever the configuration has other limits, so that a key's use can tell. */
  private ratesInForce(): readonly RateLimit[] {
    const { limits } = this.config;
    if (limits !== this.limits) this.rates = toRateLimits(limits);
    this.limits = limits;
    return this.rates;
  }

  /** Each call looks at one key in turn: all are seen again and again, at a constant cost and without a timer. */
  private forgetOneIfIdle(nowMs: number): void {
    const visit = this.visits.next();
    if (visit.done) this.visits = this.keys.entries();
    else if (visit.value[1].isIdle(nowMs)) this.keys.delete(visit.value[0]);
  }
}
