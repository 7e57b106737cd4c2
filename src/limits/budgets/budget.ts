/** Whose calls a budget counts. */
export const BUDGET_SCOPES = ['key', 'team', 'user', 'tag', 'everything'] as const;
export type BudgetScope = (typeof BUDGET_SCOPES)[number];

/** Within what time: since it was made or last reset, a calendar period in its time zone (weeks begin on Monday), or the last so many seconds. */
export const BUDGET_PERIODS = ['total', 'day', 'week', 'month', 'rolling'] as const;
export type BudgetPeriod = (typeof BUDGET_PERIODS)[number];

/** How much money may be spent by whom within what time. Times are epoch milliseconds. */
export interface Budget {
  readonly id: string;
  readonly name: string;
  readonly scope: BudgetScope;
  /** Within which tenant an end user or a tag is meant; undefined for the other scopes. */
  readonly tenant: string | undefined;
  /** The key's id, the team's id, the end user, or the tag as `name=value`; undefined for everything. */
  readonly subject: string | undefined;
  /** Below 2^53. */
  readonly limitNanoUsd: bigint;
  readonly period: BudgetPeriod;
  /** Of a rolling one. */
  readonly windowSeconds: number | undefined;
  /** IANA name. */
  readonly timeZone: string;
  /** Percentages at which an alert goes out, rising. */
  readonly thresholds: readonly number[];
  readonly isDisabled: boolean;
  /** What was spent before does not count: when it was made, or last reset. */
  readonly countsFrom: number;
  readonly createdAt: number;
  readonly changedAt: number;
}
