export { ADMISSION, type Admission, type AdmissionRequest, type Hold, type LimitReading, type Payer, type WorstCase } from './admission.js';
export type { Estate, OrphanedEvent, OrphanedHold } from './admission-store.js';
export { type Budget, BUDGET_PERIODS, BUDGET_SCOPES, type BudgetPeriod, type BudgetScope } from './budgets/budget.js';
export type { BudgetChanges, BudgetWishes } from './budgets/budget-changes.js';
export { BUDGET_RULES, toNanoUsd } from './budgets/budget-rules.js';
export type { BudgetStanding } from './budgets/budget-standing.js';
export { BudgetsService } from './budgets/budgets.service.js';
export { LimitsModule } from './limits.module.js';
export { RefusalCounts } from './refusal-counts.js';
