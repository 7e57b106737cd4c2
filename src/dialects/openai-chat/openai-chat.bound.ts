import type { ModelRequest } from '../../core/call.js';
import {
  concernsOf,
  type FieldTable,
  neutral,
  onlyWith,
  OPENROUTER_FIELDS,
  REASONS,
  refused,
  serviceTier,
} from '../billing/field-table.js';
import { countOf, isObject, type JsonObject, listOf, objectOf } from '../billing/json.js';
import { LEAST_ANSWER, type PriceBearing } from '../billing/price-bearing.js';
import { type PartKind, PromptReader, unknownParts } from '../billing/prompt-reader.js';

/** Those that run at the client; all others are charged apart. */
const OWN_TOOLS: ReadonlySet<unknown> = new Set(['function', 'custom']);

/**
 * What each field of a body does to its price. Sources: OpenAI's published `CreateChatCompletionRequest`, and the reference pages of
 * DeepSeek, OpenRouter, Mistral, xAI and vLLM for what they add to it.
 */
const FIELDS: FieldTable = new Map([
  ...OPENROUTER_FIELDS,
  ...neutral('model', 'clamp', 'messages', 'stream', 'stream_options'),
  // These raise the bound on the answer.
  ...neutral('max_tokens', 'max_completion_tokens', 'n', 'best_of', 'prediction', 'audio'),
  ...neutral('temperature', 'top_p', 'top_k', 'top_a', 'min_p', 'typical_p', 'repetition_penalty', 'frequency_penalty'),
  ...neutral('presence_penalty', 'logit_bias', 'seed', 'random_seed', 'stop', 'logprobs', 'top_logprobs'),
  ...neutral('tool_choice', 'parallel_tool_calls', 'functions', 'function_call', 'response_format', 'verbosity'),
  ...neutral('reasoning_effort', 'reasoning', 'include_reasoning', 'reasoning_format', 'thinking', 'enable_thinking', 'safe_prompt'),
  ...neutral('store', 'metadata', 'user', 'safety_identifier', 'moderation'),
  // What is written to the cache is bounded at its price whatever these say.
  ...neutral('prompt_cache_key', 'prompt_cache_retention', 'prompt_cache_options', 'cache_control'),
  ['service_tier', serviceTier],
  ['modalities', (value) => (listOf(value).every((kind) => kind === 'text' || kind === 'audio') ? undefined : REASONS.media)],
  ['tools', (value) => (listOf(value).every((tool) => OWN_TOOLS.has(objectOf(tool)['type'])) ? undefined : REASONS.hosted)],
  ['web_search_options', refused(REASONS.hosted)],
  ['search_parameters', refused(REASONS.hosted)],
  ['enable_search', onlyWith(REASONS.hosted, false)],
  ['speed', onlyWith(REASONS.dearer, 'standard')],
]);

const PARTS: ReadonlyMap<string, PartKind> = new Map([
  ['text', 'text'],
  ['refusal', 'text'],
  ['thinking', 'text'],
  ['image_url', 'image'],
  ['input_audio', 'audio'],
  ['file', 'document'],
]);

/** All of a Chat Completions body that its price can depend on. */
export function bearingOf({ parsed, choices }: ModelRequest): PriceBearing {
  const body = objectOf(parsed);
  const reader = new PromptReader(PARTS);
  const messages = listOf(body['messages']);
  reader.read(messages);
  for (const described of ['tools', 'functions', 'response_format'] as const) reader.readVerbatim(body[described]);
  markedTools(body, reader);
  reader.mark(body['cache_control']);
  return {
    prompt: reader.reading(),
    generates: true,
    limit: countOf(body['max_completion_tokens'] ?? body['max_tokens']),
    mayClamp: body['clamp'] === true,
    leastAnswer: LEAST_ANSWER + thinkingOf(body),
    answers: Math.max(choices, countOf(body['best_of']) ?? 1),
    predictedBytes: predictedBytes(body['prediction']),
    speaks: listOf(body['modalities']).includes('audio') || body['audio'] != null,
    messages: messages.length,
    tools: listOf(body['tools']).length + listOf(body['functions']).length,
    hasSchema: isObject(body['response_format']),
    builtInToolTokens: 0,
    // The sound of an earlier answer, by its id.
    keptPrompt: messages.some((message) => isObject(objectOf(message)['audio'])) ? 'messages' : undefined,
    concerns: [...concernsOf(body, FIELDS), ...unknownParts(reader, 'messages')],
  };
}

/** Where tools are marked for the cache, the mark stands inside of what is read as JSON. */
function markedTools(body: JsonObject, reader: PromptReader): void {
  for (const tool of listOf(body['tools'])) {
    const { cache_control, prompt_cache_breakpoint } = objectOf(tool);
    reader.mark(cache_control);
    reader.mark(prompt_cache_breakpoint);
  }
}

/** A budget of thinking that the answer's limit must be above, as OpenRouter and those who took `thinking` from Anthropic have it. */
function thinkingOf(body: JsonObject): number {
  return countOf(objectOf(body['reasoning'])['max_tokens']) ?? countOf(objectOf(body['thinking'])['budget_tokens']) ?? 0;
}

function predictedBytes(prediction: unknown): number {
  const reader = new PromptReader(PARTS);
  reader.read(objectOf(prediction)['content']);
  return reader.texts.reduce((bytes, text) => bytes + Buffer.byteLength(text), 0);
}
