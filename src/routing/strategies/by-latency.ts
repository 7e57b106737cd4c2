import type { Ordering } from './ordering.js';

/**
 * The power of two choices: of two targets taken by chance the less loaded one is first. Were it the least loaded of all, every
 * call would go there until its load is seen to have risen. The others follow by their load.
 */
export const byLatency: Ordering = (targets, _request, { random }) => {
  const seen = targets.map((target) => ({ target, load: target.health.load }));
  const one = Math.floor(random() * seen.length);
  const step = 1 + Math.floor(random() * (seen.length - 1));
  const other = (one + step) % seen.length;
  // Where both are alike the one that was drawn first stands, so that neither is preferred for its place in the list.
  const [first] = seen.splice(seen[other]!.load < seen[one]!.load ? other : one, 1);
  return [first!, ...seen.sort((a, b) => a.load - b.load)].map(({ target }) => target);
};
