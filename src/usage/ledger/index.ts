export { toInterruptedLine, toMemo } from './interrupted.js';
export { Ledger } from './ledger.js';
export { toLedgerLine } from './ledger-line.js';
