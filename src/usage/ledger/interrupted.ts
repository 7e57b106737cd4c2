import type { Call } from '../../core/call.js';
import type { Caller } from '../../core/caller.js';
import { NO_USAGE } from '../../core/usage.js';
import { type LedgerRecord, toLedgerLine } from './ledger-line.js';

/** A call whose gateway died, and what it is taken to have used: its worst case. */
export interface InterruptedCall {
  readonly callId: string;
  readonly tenant: string;
  readonly memo: string;
  readonly tokens: number;
  readonly costNanoUsd: bigint;
}

/** In the order in which a memo has them; it is written for every call, so it has no names. */
type Memo = readonly [
  admittedAt: number,
  requestId: string,
  keyId: string,
  userId: string | null,
  surface: Call['request']['dialect'],
  streamed: boolean,
  modelAsked: string,
  tags: Call['tags'],
  budgets: readonly string[],
];

/** What the row of a call would need if its gateway died now, as a text to be kept with its hold. */
export function toMemo({ admittedAt, requestId, caller, userId, request, tags }: Call, budgets: readonly string[]): string {
  const { dialect, stream, modelAsked } = request;
  const memo: Memo = [admittedAt, requestId, caller.keyId, userId ?? null, dialect, stream, modelAsked, tags, budgets];
  return JSON.stringify(memo);
}

/** The ledger line of an interrupted call, and when it was admitted (epoch milliseconds). */
export function toInterruptedLine(interrupted: InterruptedCall, nowMs: number): { readonly line: string; readonly admittedAt: number } {
  const { callId, tenant, memo, tokens, costNanoUsd } = interrupted;
  const [admittedAt, requestId, keyId, userId, dialect, stream, modelAsked, tags, budgets] = JSON.parse(memo) as Memo;
  const caller: Pick<Caller, 'keyId' | 'tenant'> = { keyId, tenant };
  const record: LedgerRecord = {
    call: { callId, requestId, admittedAt, caller, request: { dialect, stream, modelAsked }, userId: userId ?? undefined, tags },
    provider: undefined,
    model: undefined,
    status: 500,
    ending: 'interrupted',
    errorKind: 'internal',
    usage: { ...NO_USAGE, output: tokens },
    usageSource: 'estimated',
    costNanoUsd,
    failedCostNanoUsd: 0n,
    priceVersion: undefined,
    priceId: undefined,
    tierAbove: undefined,
    serviceTier: undefined,
    providerCostNanoUsd: undefined,
    durationMs: Math.max(0, nowMs - admittedAt),
    firstTokenMs: undefined,
    overheadUs: 0,
    attempts: [],
    budgets,
  };
  return { line: toLedgerLine(record), admittedAt };
}
