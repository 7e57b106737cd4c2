import { type Bound, isBudget } from './bounds.js';

/**
 * What one of `replicas` may admit by itself while nobody counts for all of them: its share of each rate and of the calls at the same
 * time, and at least one. Money is not divided.
 */
export function scaledBounds(bounds: readonly Bound[], replicas: number): readonly Bound[] {
  if (replicas <= 1) return bounds;
  return bounds.map((bound) => (isBudget(bound) ? bound : { ...bound, limit: Math.max(1, Math.floor(bound.limit / replicas)) }));
}
