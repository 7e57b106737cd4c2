export { ActiveProbes } from './active-probes.js';
export { ProvidersModule } from './providers.module.js';
