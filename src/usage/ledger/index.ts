export { type InterruptedCall, toInterruptedLine, toMemo } from './interrupted.js';
export { Ledger, type LedgerLag } from './ledger.js';
export { toLedgerLine } from './ledger-line.js';
