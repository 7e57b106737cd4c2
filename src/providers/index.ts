export { ActiveProbes } from './active-probes.js';
export { LiveProviders } from './live-providers.js';
export { ProvidersModule } from './providers.module.js';
