export type { OverrideWishes, PriceOverride } from './price-override.js';
export { PriceOverridesStore } from './price-overrides.store.js';
export { PriceOverridesService } from './price-overrides.service.js';
export { PRICE_RULES, toPicoFee, toPicoRate } from './price-rules.js';
export type { UnpricedModel } from './unpriced.store.js';
