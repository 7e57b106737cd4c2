export * from './ledger/index.js';
export { PriceBook } from './price-book.js';
export { ChargedPrices } from './prices/charged-prices.js';
export * from './prices/index.js';
export * from './reports/index.js';
export * from './requests/index.js';
export { LATENCY_BUCKETS, latencyPercentile } from './rollups/latency-buckets.js';
export { UsageModule } from './usage.module.js';
export { LedgerAudit, type LedgerFindings, type RowDifference, type SumDifference } from './verification/ledger-audit.js';
