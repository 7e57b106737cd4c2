import type { Usage } from '../../core/usage.js';
import { toTokens, Whole } from '../wire-usage.js';

/** Reads an OpenAI-style usage object, DeepSeek's and OpenRouter's additions included; `undefined` if there is none to trust. */
export function toUsage(wire: unknown): Usage | undefined {
  if (!isObject(wire)) return undefined;
  const prompt = toTokens(wire['prompt_tokens']);
  const completion = toTokens(wire['completion_tokens']);
  if (prompt === undefined && completion === undefined) return undefined;
  const promptDetails = isObject(wire['prompt_tokens_details']) ? wire['prompt_tokens_details'] : {};
  const completionDetails = isObject(wire['completion_tokens_details']) ? wire['completion_tokens_details'] : {};
  // The details stand inside the totals: cached, written and audio tokens are taken out so that no token counts twice.
  const inside = new Whole(prompt ?? 0);
  const outside = new Whole(completion ?? 0);
  const cacheRead = inside.take(toTokens(promptDetails['cached_tokens']) ?? wire['prompt_cache_hit_tokens']);
  const cacheWrite5m = inside.take(promptDetails['cache_write_tokens']);
  const audioInput = inside.take(promptDetails['audio_tokens']);
  const audioOutput = outside.take(completionDetails['audio_tokens']);
  return {
    input: inside.rest,
    cacheRead,
    cacheWrite5m,
    cacheWrite1h: 0,
    output: outside.rest,
    audioInput,
    audioOutput,
    image: 0,
    reasoning: Math.min(outside.rest, toTokens(completionDetails['reasoning_tokens']) ?? 0),
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
