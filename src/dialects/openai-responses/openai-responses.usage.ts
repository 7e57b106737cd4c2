import { inputTokensOf, outputTokensOf, type Usage } from '../../core/usage.js';
import { toTokens, Whole } from '../wire-usage.js';
import { isObject } from './wire-values.js';

/** Reads a Responses usage object; `undefined` if there is none to trust. The details stand inside the totals and are taken out of them. */
export function toUsage(wire: unknown): Usage | undefined {
  if (!isObject(wire)) return undefined;
  const input = toTokens(wire['input_tokens']);
  const output = toTokens(wire['output_tokens']);
  if (input === undefined && output === undefined) return undefined;
  const inside = isObject(wire['input_tokens_details']) ? wire['input_tokens_details'] : {};
  const outside = isObject(wire['output_tokens_details']) ? wire['output_tokens_details'] : {};
  const prompt = new Whole(input ?? 0);
  const answer = new Whole(output ?? 0);
  const cacheRead = prompt.take(inside['cached_tokens']);
  const cacheWrite5m = prompt.take(inside['cache_write_tokens']);
  const audioInput = prompt.take(inside['audio_tokens']);
  const audioOutput = answer.take(outside['audio_tokens']);
  return {
    input: prompt.rest,
    cacheRead,
    cacheWrite5m,
    cacheWrite1h: 0,
    output: answer.rest,
    audioInput,
    audioOutput,
    image: 0,
    reasoning: Math.min(answer.rest, toTokens(outside['reasoning_tokens']) ?? 0),
  };
}

/** The same in the words of the wire: totals, with their parts inside. */
export function toWireUsage(usage: Usage): Record<string, unknown> {
  const input = inputTokensOf(usage);
  const output = outputTokensOf(usage);
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: usage.cacheRead, cache_write_tokens: usage.cacheWrite5m + usage.cacheWrite1h },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: usage.reasoning },
    total_tokens: input + output,
  };
}
