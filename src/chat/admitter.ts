import { Inject, Injectable } from '@nestjs/common';
import type { Call } from '../core/call.js';
import type { Caller, EndUserStanding } from '../core/caller.js';
import { GatewayError, toGatewayError } from '../core/errors.js';
import type { Plan } from '../core/target.js';
import { ADMISSION, type Admission, type AdmissionRequest, type Hold, RefusalCounts, type WorstCase } from '../limits/index.js';
import { SingleProcess, TokenCounter } from '../platform/index.js';
import { toMemo } from '../usage/index.js';
import { BoundWatch } from './bound-watch.js';
import type { LiveCall } from './live-call.js';
import { TargetPrices } from './target-prices.js';
import { type CallBound, textsToCount, tightened, worstCaseOf } from './worst-case/index.js';

/** Lets calls in. Where one does not fit at what its bytes may come to, its text is really counted, and it is tried once more. */
@Injectable()
export class Admitter {
  readonly settle: Admission['settle'];

  constructor(
    @Inject(ADMISSION) private readonly admission: Admission,
    private readonly prices: TargetPrices,
    private readonly tokens: TokenCounter,
    private readonly refusals: RefusalCounts,
    private readonly single: SingleProcess,
  ) {
    this.settle = admission.settle.bind(admission);
  }

  /** Throws, or rejects with, what `Admission.admit` does, or what keeps a call from being bounded or priced. */
  admit(live: LiveCall, plan: Plan, user: EndUserStanding | undefined): Hold | Promise<Hold> {
    if (!this.single.isHeld) throw notAlone();
    const asking = new Asking(live, plan, user, this.prices);
    try {
      const hold = this.admission.admit(asking);
      return hold instanceof Promise
        ? hold.then(
            (held) => this.take(live, held),
            (error) => this.again(asking, live, error),
          )
        : this.take(live, hold);
    } catch (error) {
      return this.again(asking, live, error);
    }
  }

  private again(asking: Asking, live: LiveCall, thrown: unknown): Promise<Hold> {
    const error = toGatewayError(thrown);
    if (live.bound && isAboutAmounts(error)) return this.countAndAdmit(asking, live, error);
    throw this.refused(error, live.call);
  }

  private async countAndAdmit(asking: Asking, live: LiveCall, first: GatewayError): Promise<Hold> {
    const bound = live.bound!;
    const countable = textsToCount(bound);
    const counts = await this.tokens.count(countable.texts);
    const counted = counts && tightened(bound, countable, counts);
    if (!counted || counted.tokens >= bound.tokens) throw this.refused(first, live.call);
    live.bound = counted;
    try {
      return this.take(live, await this.admission.admit(asking));
    } catch (error) {
      throw this.refused(toGatewayError(error), live.call);
    }
  }

  private take(live: LiveCall, hold: Hold): Hold {
    const { bound, call } = live;
    // A plain answer comes whole: there is nothing left to cut off.
    if (bound && hold.heldCostNanoUsd !== undefined && call.request.stream) live.watch = new BoundWatch(this.tokens);
    return hold;
  }

  private refused(error: GatewayError, { caller }: Call): GatewayError {
    const { limit } = error.details;
    if (limit !== undefined) this.refusals.count(caller.keyId, caller.tenant, limit);
    return error;
  }
}

/** What admission may want to know of a call, worked out when it asks. */
class Asking implements AdmissionRequest {
  readonly call: Call;
  readonly caller: Caller;
  readonly userId: string | undefined;

  constructor(
    private readonly live: LiveCall,
    private readonly plan: Plan,
    readonly user: EndUserStanding | undefined,
    private readonly prices: TargetPrices,
  ) {
    this.call = live.call;
    this.caller = live.call.caller;
    this.userId = live.call.userId;
  }

  memo(budgets: readonly string[]): string {
    return toMemo(this.call, budgets);
  }

  worstCase(isBudgeted: boolean): WorstCase {
    return (this.live.bound ??= this.boundOf(isBudgeted));
  }

  private boundOf(isBudgeted: boolean): CallBound {
    const { targets, onContextOverflow, onContentPolicy } = this.plan;
    const all = [...targets, ...onContextOverflow, ...onContentPolicy];
    const priced = all.map((target) => this.prices.priced(target, this.call.admittedAt));
    return worstCaseOf(this.call.request, priced, { isBudgeted });
  }
}

/** Of a limit on calls nothing that is known better of the tokens would change anything. */
function isAboutAmounts({ details }: GatewayError): boolean {
  return details.limit !== undefined && /^(?:tokens|budget)/.test(details.limit);
}

function notAlone(): GatewayError {
  const message = 'Another gateway without Redis uses this database, so this one serves no calls. Set REDIS_URL to run several.';
  return new GatewayError('service_unavailable', message, { retryAfterMs: 1_000 });
}
