export { Ledger, type LedgerLag } from './ledger/ledger.js';
export { toLedgerLine } from './ledger/ledger-line.js';
export { PriceBook } from './price-book.js';
export { ChargedPrices } from './prices/charged-prices.js';
export * from './prices/overrides/index.js';
export * from './requests/index.js';
export { UsageModule } from './usage.module.js';
export { type InterruptedCall, toInterruptedLine, toMemo } from './ledger/interrupted.js';
export { LedgerAudit, type LedgerFindings, type RowDifference, type SumDifference } from './verification/ledger-audit.js';
