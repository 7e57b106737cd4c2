import type { Plan, Target } from '../../core/target.js';
import { asListed, type Ordering, type OrderingSources, type SizedRequest } from './ordering.js';

/**
 * The plan as one call follows it: its targets in the order of the strategy. Those that are better left alone now (the breaker is
 * open, all accounts rest) come after all others; they stay, since what holds when the call is planned need not hold when
 * they are reached. Where nothing moves the plan itself is given back.
 */
export function orderPlan(plan: Plan, ordering: Ordering, request: SizedRequest, sources: OrderingSources): Plan {
  const targets = readyFirst(plan.targets, ordering, request, sources);
  const onContextOverflow = readyFirst(plan.onContextOverflow, asListed, request, sources);
  const onContentPolicy = readyFirst(plan.onContentPolicy, asListed, request, sources);
  const isAsBefore = targets === plan.targets && onContextOverflow === plan.onContextOverflow && onContentPolicy === plan.onContentPolicy;
  return isAsBefore ? plan : { ...plan, targets, onContextOverflow, onContentPolicy };
}

function readyFirst(targets: readonly Target[], ordering: Ordering, request: SizedRequest, sources: OrderingSources): readonly Target[] {
  if (targets.length < 2) return targets;
  if (targets.every(isReady)) return ordering(targets, request, sources);
  const ready: Target[] = [];
  const unready: Target[] = [];
  // Asked once each: between two looks a breaker may open, and a target would be lost or stand twice.
  for (const target of targets) (isReady(target) ? ready : unready).push(target);
  const order = (some: readonly Target[]) => (some.length < 2 ? some : ordering(some, request, sources));
  return [...order(ready), ...order(unready)];
}

function isReady({ health, provider, model }: Target): boolean {
  return health.state !== 'open' && provider.awake(model) > 0;
}
