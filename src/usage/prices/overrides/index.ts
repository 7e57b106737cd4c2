export type { OverrideWishes, PriceOverride } from './price-override.js';
export { PriceOverridesService } from './price-overrides.service.js';
export { PRICE_RULES, toPicoFee, toPicoRate } from './price-rules.js';
export type { UnpricedModel } from './unpriced.store.js';
