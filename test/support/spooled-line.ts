import { toLedgerLine } from '../../src/usage/ledger/ledger-line.js';
import { callRecord } from './call-record.js';

/** A line of the ledger whose request has this number, and whose id goes by it. */
export function spooledLine(number: number): string {
  const record = callRecord();
  const callId = `019b76da-a800-7000-8000-${String(number).padStart(12, '0')}`;
  return toLedgerLine({ ...record, call: { ...record.call, callId, requestId: `req_${number}` } });
}
