export { type KnownModels, ModelCatalogue } from './model-catalogue.js';
export { RoutePlanner } from './route-planner.js';
