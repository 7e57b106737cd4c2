import { isDeepStrictEqual } from 'node:util';
import { GatewayError } from '../../core/errors.js';
import { makeId } from '../../core/ids.js';
import type { Budget, BudgetPeriod, BudgetScope } from './budget.js';
import { boundOf, bucketOf } from './budget-bound.js';

/** A budget as it is asked for; each field has passed its rule in `BUDGET_RULES`. */
export interface BudgetWishes {
  readonly name: string;
  readonly scope: BudgetScope;
  readonly tenant?: string | undefined;
  readonly subject?: string | undefined;
  readonly limitNanoUsd: bigint;
  readonly period: BudgetPeriod;
  readonly windowSeconds?: number | undefined;
  readonly timeZone?: string | undefined;
  readonly thresholds?: readonly number[] | undefined;
  readonly isDisabled?: boolean | undefined;
}

/** What may be changed; absent = it stays. Whom and what time a budget is for stays as long as it exists: that is what has been counted. */
export type BudgetChanges = Partial<Pick<Budget, 'name' | 'limitNanoUsd' | 'thresholds' | 'isDisabled'>>;

const THRESHOLDS = [50, 80, 100];
const TAG = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}=[^,=]{1,128}$/;
const SUBJECTS: Readonly<Record<Exclude<BudgetScope, 'everything'>, string>> = {
  key: 'the id of a key',
  team: 'the id of a team',
  user: 'the end user, as calls name it or as the `sub` of a JWT has it',
  tag: 'a tag that is set on keys, as `name=value`',
};

/** Throws `invalid_request` where the fields do not go with each other. */
export function toBudget(wishes: BudgetWishes, nowMs: number): Budget {
  const { scope, tenant, subject, period, windowSeconds, timeZone } = wishes;
  refuseUnfitSubject(scope, subject);
  refuseUnfitTenant(scope, tenant);
  refuseUnfitPeriod(wishes);
  return {
    id: makeId(nowMs),
    name: wishes.name,
    scope,
    tenant,
    subject,
    limitNanoUsd: wishes.limitNanoUsd,
    period,
    windowSeconds,
    timeZone: timeZone ?? 'UTC',
    thresholds: (wishes.thresholds ?? THRESHOLDS).toSorted((one, other) => one - other),
    isDisabled: wishes.isDisabled ?? false,
    countsFrom: nowMs,
    createdAt: nowMs,
    changedAt: nowMs,
  };
}

/** Itself where nothing changes. */
export function changedBudget(budget: Budget, changes: BudgetChanges, nowMs: number): Budget {
  const thresholds = (changes.thresholds ?? budget.thresholds).toSorted((one, other) => one - other);
  const changed = { ...budget, ...changes, thresholds };
  return isDeepStrictEqual(changed, budget) ? budget : { ...changed, changedAt: nowMs };
}

/** Begins anew: what was spent and is held so far does not count any more. */
export function resetBudget(budget: Budget, nowMs: number): Budget {
  // Later than the bucket that calls are charged to now, or they would go on to be.
  const current = bucketOf(boundOf(budget, nowMs).bound.ref);
  return { ...budget, countsFrom: Math.max(nowMs, current + 1), changedAt: nowMs };
}

function refuseUnfitSubject(scope: BudgetScope, subject: string | undefined): void {
  if (scope === 'everything') {
    if (subject !== undefined) throw unfit('subject', 'A budget on everything has no `subject`. Leave it out.');
    return;
  }
  if (subject === undefined) throw unfit('subject', `A budget of scope ${scope} needs a \`subject\`: ${SUBJECTS[scope]}.`);
  if (scope === 'tag' && !TAG.test(subject)) throw unfit('subject', `\`subject\` must be ${SUBJECTS.tag}.`);
}

function refuseUnfitTenant(scope: BudgetScope, tenant: string | undefined): void {
  const needsOne = scope === 'user' || scope === 'tag';
  if (needsOne === (tenant !== undefined)) return;
  if (!needsOne) throw unfit('tenant', `A budget of scope ${scope} has no \`tenant\`. Leave it out.`);
  const what = scope === 'user' ? 'End users' : 'Tags';
  throw unfit('tenant', `${what} belong to a team, or to a key that has none: name its id as the \`tenant\`.`);
}

function refuseUnfitPeriod({ period, windowSeconds, timeZone }: BudgetWishes): void {
  const isRolling = period === 'rolling';
  if (isRolling && windowSeconds === undefined)
    throw unfit('window_seconds', 'A rolling budget needs `window_seconds`, the length of its window.');
  if (!isRolling && windowSeconds !== undefined)
    throw unfit('window_seconds', '`window_seconds` goes with the period rolling alone. Leave it out.');
  if (timeZone !== undefined && (isRolling || period === 'total'))
    throw unfit('time_zone', '`time_zone` goes with the periods day, week and month. Leave it out.');
}

function unfit(param: string, message: string): GatewayError {
  return new GatewayError('invalid_request', message, { param });
}
