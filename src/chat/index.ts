export { ChatModule } from './chat.module.js';
export { CostInterceptor } from './cost.interceptor.js';
export { HEALTH_STATES, type HealthState, ProviderHealth } from './provider-health.js';
export { ProviderDto } from './provider-states.dto.js';
export { ProviderStates } from './provider-states.js';
export { ProviderTestDto } from './provider-test.dto.js';
export { ProviderTest } from './provider-test.js';
export { RouteToggles } from './route-toggles.js';
