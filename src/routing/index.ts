export { type KnownModels, ModelCatalogue } from './model-catalogue.js';
export { RoutePlanner } from './route-planner.js';
export { pinnedPlan } from './provider-state/pin.js';
export { ProviderStateModule } from './provider-state/provider-state.module.js';
