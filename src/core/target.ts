import type { PricedModel } from './price.js';
import type { Provider, RouteTimeouts } from './provider.js';
import type { ProviderTraffic, TargetHealth } from './target-health.js';

/** A place that may answer a call. */
export interface Target {
  readonly provider: Provider;
  /** The name that the provider knows the model by. */
  readonly model: string;
  /** The model's name in metrics: itself if it is listed anywhere, else `other`, so that made-up names mint no series. */
  readonly metricModel: string;
  /** Its share of the calls among targets of one rank. */
  readonly weight: number;
  readonly health: TargetHealth;
  readonly traffic: ProviderTraffic;
}

/** Where a call may go, in the order in which to try. */
export interface Plan {
  readonly targets: readonly Target[];
  /** Where it goes when a target finds the prompt too long, in order. */
  readonly onContextOverflow: readonly Target[];
  /** Where it goes when a provider refuses the prompt for its content, in order. */
  readonly onContentPolicy: readonly Target[];
  readonly timeouts?: RouteTimeouts | undefined;
}

/** A target with what it will charge; `undefined` where nobody knows, which never means free. */
export interface PricedTarget extends Target {
  readonly priced: PricedModel | undefined;
}
