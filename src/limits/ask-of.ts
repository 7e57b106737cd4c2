import type { Ask, Amounts } from './admission-store.js';
import type { AdmissionRequest } from './admission.js';
import { type Bound, isBudget } from './bounds.js';

const NOTHING: Amounts = { tokens: 0, costNanoUsd: 0n };
const NO_BUDGETS: readonly string[] = [];

/** What is asked for a call within these bounds. Its worst case is worked out only where one of them counts tokens or money. */
export function askOf(request: AdmissionRequest, bounds: readonly Bound[], owner: string): Ask {
  const { callId, caller } = request.call;
  const budgets = budgetsOf(bounds);
  const isBudgeted = budgets.length > 0;
  const most = isBudgeted || bounds.some(({ kind }) => kind === 'tokens') ? request.worstCase(isBudgeted) : undefined;
  return {
    callId,
    tenant: caller.tenant,
    owner,
    bounds,
    worst: most ? { tokens: most.tokens, costNanoUsd: isBudgeted ? most.costNanoUsd : 0n } : NOTHING,
    leastCostNanoUsd: most && isBudgeted ? most.leastCostNanoUsd : 0n,
    memo: request.memo(budgets),
  };
}

const known = new WeakMap<readonly Bound[], readonly string[]>();

/** What a row is charged to within these bounds; the same list comes with every call of a key. */
export function budgetsOf(bounds: readonly Bound[]): readonly string[] {
  let budgets = known.get(bounds);
  if (!budgets) {
    const refs = bounds.filter(isBudget).map(({ ref }) => ref);
    known.set(bounds, (budgets = refs.length > 0 ? refs : NO_BUDGETS));
  }
  return budgets;
}
