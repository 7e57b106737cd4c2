import type { ModelRequest } from '../../core/call.js';
import type { PricedModel } from '../../core/price.js';
import type { Target } from '../../core/target.js';

/** What of a request tells how large the call will be. */
export type SizedRequest = Pick<ModelRequest, 'dialect' | 'raw' | 'parsed' | 'choices'>;

/** What orderings go by besides the targets themselves. */
export interface OrderingSources {
  /** From 0 up to, but never, 1. */
  readonly random: () => number;
  /** What a target charges now; undefined = nobody knows, which is not free. */
  readonly priceOf: (target: Target) => PricedModel | undefined;
}

/** Puts targets in the order in which one call tries them: all of them, each once; the very same list where nothing moves. */
export type Ordering = (targets: readonly Target[], request: SizedRequest, sources: OrderingSources) => readonly Target[];

export const asListed: Ordering = (targets) => targets;
