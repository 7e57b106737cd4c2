import type { OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import type { Clock } from '../core/clock.js';
import type { Settlement } from '../core/settlement.js';
import type { Config, Log } from '../platform/index.js';
import { type AdmissionStore, type Ask, LEASE_MS } from './admission-store.js';
import type { Admission, AdmissionRequest, Hold } from './admission.js';
import { type Bound, isBudget } from './bounds.js';
import type { BoundsOf } from './configured-bounds.js';
import { HeldCall, toHeldCall } from './held-call.js';
import type { LocalAdmission } from './local-admission.js';
import { Outage } from './outage.js';
import { budgetsUnknown } from './refusals.js';
import { UntilAcknowledged } from './until-acknowledged.js';
import { takenBy, worstCaseOf } from './worst-case.js';

const HEARTBEAT_MS = LEASE_MS / 6;

export interface RedisAdmissionParts {
  readonly shared: AdmissionStore;
  /** Decides where Redis does not, about everything but budgets. */
  readonly local: LocalAdmission;
  readonly boundsOf: BoundsOf;
  /** A name that no other replica has. */
  readonly owner: string;
  readonly config: Pick<Config, 'redis'>;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Admission for all replicas together. While Redis fails, each replica limits rates by itself, and calls under a budget are refused
 * or go on, as `config.redis.whenDown` says; when it is back, it is asked again.
 */
export class RedisAdmission implements Admission, OnModuleInit, OnApplicationShutdown {
  private readonly messages = new UntilAcknowledged();
  private readonly outage: Outage;
  private heart: NodeJS.Timeout | undefined;

  constructor(private readonly parts: RedisAdmissionParts) {
    const { clock, log } = parts;
    this.outage = new Outage(
      clock,
      (reason) => log.warn({ event: 'admission_store_down', reason }, 'calls are admitted per process until Redis answers'),
      () => log.info({ event: 'admission_store_up' }, 'calls are admitted across replicas again'),
    );
  }

  onModuleInit(): void {
    this.heart = setInterval(() => void this.beat(), HEARTBEAT_MS).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.heart);
    const unsaid = await this.messages.finish();
    if (unsaid > 0) this.parts.log.warn({ event: 'holds_left', calls: unsaid }, 'calls stay held until another replica reaps them');
  }

  admit(request: AdmissionRequest): Hold | Promise<Hold> {
    const { caller, callId } = request;
    const bounds = this.parts.boundsOf(caller);
    if (bounds.length === 0 || !this.outage.mayAsk()) return this.admitAlone(bounds, request);
    const { tenant } = caller;
    return this.ask({ callId, tenant, owner: this.parts.owner, bounds, worst: worstCaseOf(request.request), memo: '' }, request);
  }

  settle(hold: Hold, settlement: Pick<Settlement, 'whenSettled'>): void {
    const { shared, local } = this.parts;
    if (!(hold instanceof HeldCall) || hold.store !== shared) return local.settle(hold, settlement);
    let isSettled = false;
    settlement.whenSettled((settled) => {
      isSettled = true;
      const actual = takenBy(settled);
      this.messages.say(async () => shared.settle(hold, actual));
    });
    if (!isSettled) this.messages.say(async () => shared.release(hold));
  }

  /** Keeps what this replica holds, and ends what others have left. */
  async beat(): Promise<void> {
    const { shared, owner, log } = this.parts;
    try {
      await shared.renew(owner);
      const reaped = await shared.reap();
      if (reaped.length > 0) log.warn({ event: 'holds_reaped', call_ids: reaped.map(({ callId }) => callId) });
    } catch (error) {
      this.outage.failed(error);
    }
  }

  private async ask(ask: Ask, request: AdmissionRequest): Promise<Hold> {
    const { shared } = this.parts;
    let verdict;
    try {
      verdict = await shared.admit(ask);
    } catch (error) {
      this.outage.failed(error);
      // It may still be admitted, and nobody would settle it.
      this.messages.say(async () => shared.cancel(ask));
      return this.admitAlone(ask.bounds, request);
    }
    this.outage.answered();
    return toHeldCall(ask, verdict, shared);
  }

  private admitAlone(bounds: readonly Bound[], request: AdmissionRequest): Hold {
    const { local, config } = this.parts;
    if (!bounds.some(isBudget)) return local.admitWithin(bounds, request);
    if (config.redis.whenDown === 'closed') throw budgetsUnknown();
    return local.admitWithin(
      bounds.filter((bound) => !isBudget(bound)),
      request,
    );
  }
}
