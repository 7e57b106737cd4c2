export { openPriceSync } from './open-price-sync.js';
export type { ListComparison, ModelChange, RateChange } from './price-changes.js';
export { isCompared, isUnread, type PriceSync, type SyncOutcome } from './price-sync.js';
export { aloneWithPrices } from './sync-lock.js';
