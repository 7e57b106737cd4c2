import type { Reading } from './admission-store.js';
import type { LimitReading } from './admission.js';
import { type Bound, isBudget, limitOf } from './bounds.js';

/** Limits with how they stand; `readings` are in the order of `bounds`. */
export function toLimitReadings(bounds: readonly Bound[], readings: readonly Reading[]): readonly LimitReading[] {
  return bounds.map((bound, at) => ({
    ...readings[at]!,
    kind: isBudget(bound) ? 'budget' : bound.kind,
    scope: bound.scope,
    subject: bound.subject,
    limit: limitOf(bound),
    windowMs: 'windowMs' in bound ? bound.windowMs : undefined,
    budgetId: isBudget(bound) ? bound.budgetId : undefined,
  }));
}
