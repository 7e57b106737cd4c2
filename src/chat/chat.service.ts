import { Inject, Injectable } from '@nestjs/common';
import { ANSWER_CACHE, type AnswerCache } from '../cache/index.js';
import { toGatewayError } from '../core/errors.js';
import type { Settlement } from '../core/settlement.js';
import { Admitter } from './admitter.js';
import { Attempts } from './attempts.js';
import { CallPlanner } from './call-planner.js';
import type { ClientStream } from './client-stream.js';
import type { LiveCall } from './live-call.js';
import { Settler } from './settler.js';

/** The whole life of a call, top to bottom. */
@Injectable()
export class ChatService {
  constructor(
    @Inject(CallPlanner) private readonly planner: Pick<CallPlanner, 'planCall'>,
    @Inject(ANSWER_CACHE) private readonly cache: AnswerCache,
    private readonly admitter: Admitter,
    private readonly attempts: Attempts,
    private readonly settler: Settler,
  ) {}

  /**
   * Answers one request. What it throws happened before the call was admitted, and nothing was consumed. `onAdmitted` is told
   * of an admitted call, which from then on will have exactly one ledger row: `finally` runs however the answer ends
   * (finished, failed, abandoned), so that what was held is settled exactly once.
   */
  async answer(live: LiveCall, client: ClientStream, onAdmitted: (settlement: Settlement) => void): Promise<void> {
    const planned = this.planner.planCall(live.call);
    const { plan, pin, user } = planned instanceof Promise ? await planned : planned;
    live.pin = pin;
    live.follow(plan);
    live.cached = this.cache.find(live.call.request, plan);
    const admitted = this.admitter.admit(live, plan, user);
    // Where nobody has to be waited for, nobody waits: each turn of an async function is paid by every call.
    const hold = (live.hold = admitted instanceof Promise ? await admitted : admitted);
    onAdmitted(live.settlement);
    try {
      await this.attempts.carry(plan, live, client);
    } catch (error) {
      live.error = toGatewayError(error);
      if (live.error.kind === 'client_closed') live.ending = 'client_gone';
      client.fail(live.error, failureHeaders(live));
    } finally {
      this.settler.settle(live, client);
      this.admitter.settle(hold, live.settlement);
    }
  }
}

/** What helps to find out why a call failed: who was asked, and how often; and whether asking us again would help. */
function failureHeaders(live: LiveCall): string[] {
  const headers = ['x-tollgate-attempts', String(live.attempts.length)];
  if (live.target) headers.push('x-tollgate-provider', live.target.provider.name);
  if (live.wasRetriedEnough) headers.push('x-should-retry', 'false');
  return headers;
}
