import type { Feature } from '../core/features.js';

/** Chat Completions have no place for thoughts; servers that are like OpenAI's, and DeepSeek before all, do. */
const THOUGHTS = ['reasoning.history', 'reasoning.anthropic'] as const;
const LITTLE: ReadonlySet<Feature> = new Set(THOUGHTS);
const SAMPLING: ReadonlySet<Feature> = new Set([
  ...THOUGHTS,
  'temperature',
  'temperature.above_1',
  'top_p',
  'frequency_penalty',
  'presence_penalty',
  'logit_bias',
]);

/**
 * What OpenAI's models lack. The o-series and the first GPT-5 reason always and refuse sampling settings, as users report; so
 * do the `-chat-latest` of later versions. From 5.1 on a model takes it where it does not reason, which is its own to judge.
 * A stop sequence, which o3 and o4-mini refuse, is no hint: it goes up, and the refusal is the provider's.
 */
export function openaiLacks(model: string): ReadonlySet<Feature> {
  return ALWAYS_REASONS.test(model) && !CHATS.test(model) ? SAMPLING : LITTLE;
}

const ALWAYS_REASONS = /^(?:o\d|gpt-5(?:$|-)|gpt-5\.\d-chat)/;
const CHATS = /^gpt-5-(?:chat|search)/;
