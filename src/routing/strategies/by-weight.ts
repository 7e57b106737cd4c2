import type { Target } from '../../core/target.js';
import type { Ordering } from './ordering.js';

/** Drawn by chance, each with its weight; those that are left are drawn in the same way, as the fallbacks. */
export const byWeight: Ordering = (targets, _request, { random }) => drawn(targets, random, () => 0);

/** By the provider's priority; within one priority drawn by weight. */
export const byPriority: Ordering = (targets, _request, { random }) => drawn(targets, random, ({ provider }) => provider.priority);

/**
 * Sorting by exponential times is drawing by weight without putting back (Efraimidis and Spirakis, 2006): the smallest of
 * independent exponential variables is each with a probability in proportion to its rate.
 */
function drawn(targets: readonly Target[], random: () => number, rankOf: (target: Target) => number): readonly Target[] {
  const draws = targets.map((target) => ({ target, rank: rankOf(target), time: -Math.log(1 - random()) / target.weight }));
  return draws.sort((a, b) => a.rank - b.rank || a.time - b.time).map(({ target }) => target);
}
