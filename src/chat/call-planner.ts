import { Inject, Injectable } from '@nestjs/common';
import type { Call, ModelRequest } from '../core/call.js';
import { type Caller, END_USERS, type EndUserStanding, type EndUsers, modelsOfBoth } from '../core/caller.js';
import { type PinnedAccount, PROVIDER_STATE, type ProviderState } from '../core/provider-state.js';
import type { Plan } from '../core/target.js';
import { idsInRequest } from '../dialects/index.js';
import { pinnedPlan } from '../routing/index.js';
import { endUserOf } from './end-user.js';
import { mayUse, refuseOtherModels } from './permitted-models.js';
import { Routes } from './routes.js';
import { TargetPrices } from './target-prices.js';

/** Where a call may go, and the only account that will do if the call names what a provider keeps. */
export interface CallPlan {
  readonly plan: Plan;
  readonly pin: PinnedAccount | undefined;
  /** What was decided about the end user of the call. */
  readonly user?: EndUserStanding | undefined;
}

/** Plans a call by its model's name and by the ids in it: those lead to the account that has them, and only for the tenant whose they are. */
@Injectable()
export class CallPlanner {
  constructor(
    private readonly routes: Routes,
    @Inject(PROVIDER_STATE) private readonly state: ProviderState,
    @Inject(END_USERS) private readonly users: EndUsers,
    private readonly prices: TargetPrices,
  ) {}

  /**
   * For a call that will be made: its end user must be named where the key demands one, and may use what it asks for; what has no price
   * is left out where the operator wants no such calls. Throws, or rejects with, what those have against it, or `plan`.
   */
  planCall(call: Call): CallPlan | Promise<CallPlan> {
    const { request, caller, admittedAt } = call;
    const user = endUserOf(call, this.users);
    const found = this.plan(request, caller, modelsOfBoth(caller.models, user?.models));
    const payable = ({ plan, pin }: CallPlan): CallPlan => ({ plan: this.prices.payable(plan, admittedAt), pin, user });
    return found instanceof Promise ? found.then(payable) : payable(found);
  }

  /** `models`: what the call may use. Synchronous when memory knows. Throws, or rejects with, what `RoutePlanner.plan` and `ProviderState.resolve` do. */
  plan(request: ModelRequest, caller: Caller, models = caller.models): CallPlan | Promise<CallPlan> {
    refuseOtherModels(models, request);
    const plan = this.routes.planner.plan(request, mayUse(models, request.modelAsked));
    const ids = idsInRequest(request.dialect, request.parsed);
    if (ids.length === 0) return { plan, pin: undefined };
    // In a body that has to be translated the table of capabilities refuses everything but files.
    const isRelayed = plan.targets.some(({ provider }) => provider.dialects.includes(request.dialect));
    const pin = this.state.resolve(caller, isRelayed ? ids : ids.filter(({ kind }) => kind === 'file'));
    return pin instanceof Promise ? pin.then((found) => toCallPlan(plan, found)) : toCallPlan(plan, pin);
  }
}

function toCallPlan(plan: Plan, pin: PinnedAccount | undefined): CallPlan {
  return { plan: pin ? pinnedPlan(plan, pin) : plan, pin };
}
