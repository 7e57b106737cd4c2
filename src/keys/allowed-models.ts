import type { AllowedModels } from '../core/caller.js';
import { NamePatterns } from './name-patterns.js';

/** undefined = all, which is what an empty list means. */
export function toAllowedModels(names: readonly string[]): AllowedModels | undefined {
  return names.length > 0 ? new NamePatterns(names) : undefined;
}
