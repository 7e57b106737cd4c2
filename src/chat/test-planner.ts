import { Inject, Injectable } from '@nestjs/common';
import type { Call } from '../core/call.js';
import { GatewayError } from '../core/errors.js';
import { PROVIDERS, type Providers } from '../core/provider.js';
import type { ProviderTraffic, TargetHealth } from '../core/target-health.js';
import type { Target } from '../core/target.js';
import type { CallPlan } from './call-planner.js';

/** A test is to find out how a provider is, so nothing that is thought of it keeps the test away, and it is made once. */
const UNGUARDED: TargetHealth = { state: 'closed', retryInMs: 0, load: 0, tryAcquire: () => true, report: () => undefined };
const UNBOUNDED: ProviderTraffic = { enter: () => undefined, leave: () => undefined, countCall: () => undefined, tryRepeat: () => false };

/** Leads a test to the provider that it names and to no other, switched off or not, whatever its breaker says. */
@Injectable()
export class TestPlanner {
  constructor(@Inject(PROVIDERS) private readonly providers: Providers) {}

  planCall({ request: { providerAsked = '', modelAsked } }: Pick<Call, 'request'>): CallPlan {
    const provider = this.providers.get(providerAsked);
    if (!provider) throw new GatewayError('not_found', `There is no provider \`${providerAsked}\` here.`);
    const isListed = provider.models?.includes(modelAsked) || provider.discovered?.().includes(modelAsked);
    const metricModel = isListed ? modelAsked : 'other';
    const target: Target = { provider, model: modelAsked, metricModel, weight: 1, health: UNGUARDED, traffic: UNBOUNDED };
    return { plan: { targets: [target], onContextOverflow: [], onContentPolicy: [] }, pin: undefined };
  }
}
