import type { Feature } from '../core/features.js';

const NOTHING: ReadonlySet<Feature> = new Set();
const SAMPLING: ReadonlySet<Feature> = new Set([
  'temperature',
  'temperature.above_1',
  'top_p',
  'frequency_penalty',
  'presence_penalty',
  'logit_bias',
]);

/**
 * The o-series and the first GPT-5 reason always, and OpenAI's guide to reasoning models lists what sampling they refuse; so
 * do the `-chat-latest` of later versions. From 5.1 on a model takes it where it does not reason, which is its own to judge.
 * A stop sequence, which o3 and o4-mini refuse, is no hint: it goes up, and the refusal is the provider's.
 */
export function openaiLacks(model: string): ReadonlySet<Feature> {
  return ALWAYS_REASONS.test(model) && !CHATS.test(model) ? SAMPLING : NOTHING;
}

const ALWAYS_REASONS = /^(?:o\d|gpt-5(?:$|-)|gpt-5\.\d-chat)/;
const CHATS = /^gpt-5-(?:chat|search)/;
