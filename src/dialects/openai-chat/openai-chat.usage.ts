import type { Usage } from '../../core/usage.js';

/** Reads an OpenAI-style usage object, DeepSeek's and OpenRouter's additions included; `undefined` if there is none to trust. */
export function toUsage(wire: unknown): Usage | undefined {
  if (!isObject(wire)) return undefined;
  const prompt = tokens(wire['prompt_tokens']);
  const completion = tokens(wire['completion_tokens']);
  if (prompt === undefined && completion === undefined) return undefined;
  const promptDetails = isObject(wire['prompt_tokens_details']) ? wire['prompt_tokens_details'] : {};
  const completionDetails = isObject(wire['completion_tokens_details']) ? wire['completion_tokens_details'] : {};
  // The details stand inside the totals: cached, written and audio tokens are taken out so that no token counts twice.
  const inside = portions(prompt ?? 0, [
    tokens(promptDetails['cached_tokens']) ?? tokens(wire['prompt_cache_hit_tokens']) ?? 0,
    tokens(promptDetails['cache_write_tokens']) ?? 0,
    tokens(promptDetails['audio_tokens']) ?? 0,
  ]);
  const outside = portions(completion ?? 0, [tokens(completionDetails['audio_tokens']) ?? 0]);
  return {
    input: inside.rest,
    cacheRead: inside.parts[0]!,
    cacheWrite5m: inside.parts[1]!,
    cacheWrite1h: 0,
    output: outside.rest,
    audioInput: inside.parts[2]!,
    audioOutput: outside.parts[0]!,
    image: 0,
    reasoning: Math.min(outside.rest, tokens(completionDetails['reasoning_tokens']) ?? 0),
  };
}

/** OpenRouter's own price of the call, US dollars, as nano-dollars. */
export function toCostNanoUsd(wire: unknown): bigint | undefined {
  const cost = isObject(wire) ? wire['cost'] : undefined;
  return typeof cost === 'number' && cost >= 0 && cost < 1e6 ? BigInt(Math.round(cost * 1e9)) : undefined;
}

/** Parts of a whole; a server whose parts exceed its whole is believed about the whole. */
function portions(whole: number, parts: readonly number[]): { rest: number; parts: number[] } {
  let rest = whole;
  const kept = parts.map((part) => {
    const taken = Math.min(part, rest);
    rest -= taken;
    return taken;
  });
  return { rest, parts: kept };
}

function tokens(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? Math.min(Math.trunc(value), 2_147_483_647) : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
