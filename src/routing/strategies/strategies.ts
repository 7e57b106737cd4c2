import type { ModelAlias } from '../../platform/index.js';
import { byCost } from './by-cost.js';
import { byLatency } from './by-latency.js';
import { byWeight } from './by-weight.js';
import { asListed, type Ordering } from './ordering.js';

/** What the strategy of an alias comes to. */
export const STRATEGY_ORDERINGS: Record<ModelAlias['strategy'], Ordering> = {
  priority: asListed,
  weighted: byWeight,
  latency: byLatency,
  cost: byCost,
};
