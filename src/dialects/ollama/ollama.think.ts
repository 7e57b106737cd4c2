import type { ReasoningWish } from '../../core/conversation.js';
import type { FeatureUse } from '../../core/features.js';
import { effortOfBudget } from '../reasoning-effort.js';

/** Efforts that Ollama has no word for, by the nearest that it has; these are also its own readings of them. */
const NEAREST: Readonly<Record<string, string>> = { minimal: 'low', xhigh: 'max' };

/** A wish to reason as Ollama's `think`: a switch or a strength. */
export function toThink(wish: ReasoningWish | undefined): boolean | string | undefined {
  if (wish === undefined) return undefined;
  if (wish.off) return false;
  if (wish.effort !== undefined) return NEAREST[wish.effort] ?? wish.effort;
  if (wish.budgetTokens !== undefined) return effortOfBudget(wish.budgetTokens);
  return true;
}

/** The wish that a `think` stands for. */
export function readThink(think: boolean | string | undefined | null, uses: FeatureUse): ReasoningWish | undefined {
  if (think == null) return undefined;
  if (think === false) {
    uses.note('reasoning.off', 'think');
    return { off: true };
  }
  uses.note('reasoning.effort', 'think');
  return think === true ? {} : { effort: think };
}
