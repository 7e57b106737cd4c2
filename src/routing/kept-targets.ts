import type { Plan, Target } from '../core/target.js';

/** The plan without the targets that are not to be kept; the plan itself where all are. */
export function keptTargets(plan: Plan, isKept: (target: Target) => boolean): Plan {
  const targets = kept(plan.targets, isKept);
  const onContextOverflow = kept(plan.onContextOverflow, isKept);
  const onContentPolicy = kept(plan.onContentPolicy, isKept);
  const isWhole = targets === plan.targets && onContextOverflow === plan.onContextOverflow && onContentPolicy === plan.onContentPolicy;
  return isWhole ? plan : { ...plan, targets, onContextOverflow, onContentPolicy };
}

function kept(targets: readonly Target[], isKept: (target: Target) => boolean): readonly Target[] {
  return targets.every(isKept) ? targets : targets.filter(isKept);
}
