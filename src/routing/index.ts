export { AttemptPlanner, type AttemptStep, type CallBounds, type FailedAttempt, soonestRetryMs } from './attempt-planner.js';
export { type KnownModels, ModelCatalogue } from './model-catalogue.js';
export type { Place } from './name-resolver.js';
export { type Healths, RoutePlanner, type RouteRequest, type RouteSources } from './route-planner.js';
export { pinnedPlan } from './provider-state/pin.js';
export { ProviderStateModule } from './provider-state/provider-state.module.js';
export type { BreakerReason, ForcedState } from './health/circuit-breaker.js';
export { type HealthWatcher, TargetHealths } from './health/target-healths.js';
export { TargetHealthModule } from './health/target-health.module.js';
