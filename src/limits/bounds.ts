/** Whose calls a limit counts. End users and tags belong to one tenant; `everything` is all tenants together. */
export type ScopeKind = 'key' | 'team' | 'user' | 'tag' | 'everything';

interface Common {
  readonly scope: ScopeKind;
  /** For people: the key's or the team's name, the end user, the tag; the budget's name for a budget. */
  readonly subject: string;
  /**
   * The name of what is counted, unique within the tenant's shard and without blanks (see `counterName`). Bounds that differ in
   * nothing but their limit share it, so that a changed limit forgets nothing. A budget's names its period too.
   */
  readonly counter: string;
}

/** So many requests or tokens within the last `windowMs`, wherever that span begins. */
export interface RateBound extends Common {
  readonly kind: 'requests' | 'tokens';
  readonly limit: number;
  readonly windowMs: number;
}

/** So many calls at the same time. */
export interface CallsBound extends Common {
  readonly kind: 'calls';
  readonly limit: number;
}

interface Budget extends Common {
  readonly budgetId: string;
  readonly limitNanoUsd: bigint;
  /** What a ledger row names that is charged to it: `<budget id>@<bucket, epoch milliseconds>`. */
  readonly ref: string;
}

/** So much money within the last `windowMs`. */
export interface RollingBudget extends Budget {
  readonly kind: 'rolling';
  readonly windowMs: number;
}

/** So much money within one period, which lasts until before `endsAt`: epoch milliseconds, `Infinity` for one that never ends. */
export interface PeriodBudget extends Budget {
  readonly kind: 'budget';
  readonly startsAt: number;
  readonly endsAt: number;
}

export type WindowBound = RateBound | RollingBudget;
export type BudgetBound = RollingBudget | PeriodBudget;
export type Bound = WindowBound | CallsBound | PeriodBudget;

/** The parts of a counter's name, with whatever may not stand in one made harmless. */
export function counterName(...parts: readonly (string | number)[]): string {
  return parts.map((part) => encodeURIComponent(part)).join(':');
}

export function limitOf(bound: Bound): bigint {
  return 'limitNanoUsd' in bound ? bound.limitNanoUsd : BigInt(bound.limit);
}

export function isBudget(bound: Bound): bound is BudgetBound {
  return 'limitNanoUsd' in bound;
}

/** What refused a call, as it is counted: `budget <id>`, `requests key 60000`, `calls team`. */
export function nameOfBound(bound: Bound): string {
  if (isBudget(bound)) return `budget ${bound.budgetId}`;
  return bound.kind === 'calls' ? `calls ${bound.scope}` : `${bound.kind} ${bound.scope} ${bound.windowMs}`;
}
