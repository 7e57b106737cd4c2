import { isObject } from './json-object.js';

/**
 * Probabilities of tokens as OpenAI words them, which is Ollama's wording with every member there: Ollama leaves out `bytes`
 * and `top_logprobs` where they are empty. What is no probability is left out.
 */
export function toLogprobs(wire: unknown): unknown[] {
  if (!Array.isArray(wire)) return [];
  return wire.filter(isObject).map((one) => ({ ...toToken(one), top_logprobs: listOf(one['top_logprobs']).map(toToken) }));
}

function toToken({ token, logprob, bytes }: Record<string, unknown>): Record<string, unknown> {
  return { token, logprob, bytes: bytes ?? (typeof token === 'string' ? [...Buffer.from(token)] : null) };
}

function listOf(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}
