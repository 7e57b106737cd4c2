import type { ModelRequest } from '../core/call.js';
import type { Plan } from '../core/target.js';

/** What the cache did for a call, as `x-tollgate-cache` says it. */
export type CacheOutcome = 'hit' | 'miss' | 'coalesced' | 'bypass';

/** Where answers that were given before can be found. */
export interface AnswerCache {
  /** How `request` may use the cache. */
  find(request: ModelRequest, plan: Plan): CacheOutcome;
}

export const ANSWER_CACHE = Symbol('ANSWER_CACHE');
