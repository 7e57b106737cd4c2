import { Inject, Injectable } from '@nestjs/common';
import { ANSWER_CACHE, type AnswerCache } from '../cache/index.js';
import type { ModelRequest } from '../core/call.js';
import type { Caller } from '../core/caller.js';
import { CLOCK, type Clock } from '../core/clock.js';
import { toGatewayError } from '../core/errors.js';
import { makeId } from '../core/ids.js';
import { Settlement } from '../core/settlement.js';
import type { Plan, PricedTarget } from '../core/target.js';
import { ADMISSION, type Admission } from '../limits/index.js';
import { CONFIG, type Config } from '../platform/index.js';
import { RoutePlanner } from '../routing/index.js';
import { PriceBook } from '../usage/index.js';
import { streamHeaders } from './answer-headers.js';
import { Attempts } from './attempts.js';
import type { ClientStream } from './client-stream.js';
import { KeepAlive } from './keep-alive.js';
import { LiveCall } from './live-call.js';
import { Settler } from './settler.js';

/** A checked request and who sent it. */
export interface IncomingCall {
  readonly requestId: string;
  readonly caller: Caller;
  readonly request: ModelRequest;
  /** Told as soon as the call is admitted: from then on it will have exactly one ledger row. */
  readonly onAdmitted: (settlement: Settlement) => void;
}

/** The whole life of a call, top to bottom. */
@Injectable()
export class ChatService {
  constructor(
    private readonly planner: RoutePlanner,
    private readonly prices: PriceBook,
    @Inject(ANSWER_CACHE) private readonly cache: AnswerCache,
    @Inject(ADMISSION) private readonly admission: Admission,
    private readonly attempts: Attempts,
    private readonly settler: Settler,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Pick<Config, 'http'>,
  ) {}

  /**
   * Answers one request. What it throws happened before the call was admitted, and nothing was consumed. Once admitted,
   * `finally` runs however the answer ends (finished, failed, abandoned), so that what was held is settled exactly once.
   */
  async answer(incoming: IncomingCall, client: ClientStream): Promise<void> {
    const startedAt = this.clock.elapsed();
    const admittedAt = this.clock.now();
    const { requestId, caller, request } = incoming;
    const callId = makeId(admittedAt);
    const plan = this.planner.plan(request);
    const cached = this.cache.find(request, plan);
    const hold = await this.admission.admit({ callId, caller });
    const live = new LiveCall({ callId, requestId, admittedAt, caller, request }, hold, cached, new Settlement(), startedAt, this.clock);
    incoming.onAdmitted(live.settlement);
    const keepAlive = request.stream ? new KeepAlive(client, this.config.http.keepAliveIntervalMs, () => streamHeaders(live), this.clock) : undefined;
    try {
      await this.attempts.carry(this.priced(plan, admittedAt), live, client);
    } catch (error) {
      live.error = toGatewayError(error);
      client.fail(live.error, failureHeaders(live));
    } finally {
      keepAlive?.stop();
      this.admission.settle(hold);
      this.settler.settle(live, client);
    }
  }

  private priced(plan: Plan, atMs: number): PricedTarget[] {
    return plan.targets.map(({ provider, model, metricModel }) => ({
      provider,
      model,
      metricModel,
      priced: this.prices.find(provider.type, model, atMs),
    }));
  }
}

/** What helps to find out why a call failed: who was asked, and how often. */
function failureHeaders(live: LiveCall): string[] {
  const headers = ['x-tollgate-attempts', String(live.attempts.length)];
  if (live.target) headers.push('x-tollgate-provider', live.target.provider.name);
  return headers;
}
