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
import { isReference } from '../provider-items.js';

/** Tools that the client runs. OpenAI charges their descriptions, which are its own, as input. */
const CLIENT_TOOLS: ReadonlySet<unknown> = new Set(['local_shell', 'apply_patch', 'computer', 'computer_use_preview', 'computer-preview']);
/** For the description of such a tool, of which no length is published; Anthropic's longest have 735 tokens. */
const BUILT_IN_TOOL = 2_048;

/** What each field of a body does to its price. Source: OpenAI's published `CreateResponse`; OpenRouter's reference for what it adds. */
const FIELDS: FieldTable = new Map([
  ...OPENROUTER_FIELDS,
  ...neutral('model', 'clamp', 'input', 'instructions', 'stream', 'stream_options', 'max_output_tokens', 'max_tool_calls'),
  ...neutral('temperature', 'top_p', 'top_logprobs', 'tool_choice', 'parallel_tool_calls', 'text', 'include', 'truncation'),
  ...neutral('store', 'metadata', 'client_metadata', 'user', 'safety_identifier', 'moderation'),
  // What is written to the cache is bounded at its price whatever these say.
  ...neutral('prompt_cache_key', 'prompt_cache_retention', 'prompt_cache_options'),
  // What they stand for is bounded by the context window.
  ...neutral('previous_response_id', 'conversation'),
  ['service_tier', serviceTier],
  ['reasoning', (value) => ([undefined, null, 'standard'].includes(objectOf(value)['mode'] as null) ? undefined : REASONS.rerun)],
  ['tools', (value) => (listOf(value).every(isOwnTool) ? undefined : REASONS.hosted)],
  ['background', onlyWith(REASONS.later, false)],
  ['prompt', refused(REASONS.stored)],
  ['context_management', refused(REASONS.rerun)],
  ['speed', onlyWith(REASONS.dearer, 'standard')],
]);

const PARTS: ReadonlyMap<string, PartKind> = new Map<string, PartKind>([
  ...texts('message', 'input_text', 'output_text', 'text', 'refusal', 'summary_text', 'reasoning_text', 'reasoning', 'compaction'),
  ...texts('function_call', 'function_call_output', 'custom_tool_call', 'custom_tool_call_output', 'item_reference'),
  ...texts('local_shell_call', 'local_shell_call_output', 'shell_call', 'shell_call_output', 'apply_patch_call', 'apply_patch_call_output'),
  ...texts('computer_call', 'computer_call_output', 'web_search_call', 'file_search_call', 'code_interpreter_call', 'logs'),
  ...texts('mcp_list_tools', 'mcp_call', 'mcp_approval_request', 'mcp_approval_response', 'tool_search_call'),
  ['input_image', 'image'],
  ['computer_screenshot', 'image'],
  ['image_generation_call', 'image'],
  ['input_audio', 'audio'],
  ['input_file', 'document'],
  ['additional_tools', 'tools'],
  ['tool_search_output', 'tools'],
]);

function texts(...types: readonly string[]): readonly (readonly [string, PartKind])[] {
  return types.map((type) => [type, 'text'] as const);
}

/** All of a Responses body that its price can depend on. */
export function bearingOf({ parsed }: ModelRequest): PriceBearing {
  const body = objectOf(parsed);
  const reader = new PromptReader(PARTS);
  const items = listOf(body['input']);
  reader.read(body['instructions']);
  reader.read(body['input'], true);
  reader.readVerbatim(body['tools']);
  const format = objectOf(body['text'])['format'];
  reader.readVerbatim(format);
  const brought = reader.bringTools.flatMap((item) => listOf(item['tools']));
  const tools = [...listOf(body['tools']), ...brought];
  const concerns = [...concernsOf(body, FIELDS), ...unknownParts(reader, 'input')];
  if (!brought.every(isOwnTool)) concerns.push({ field: 'input', reason: REASONS.hosted, isCarried: false });
  return {
    prompt: reader.reading(),
    generates: true,
    limit: countOf(body['max_output_tokens']),
    mayClamp: body['clamp'] === true,
    leastAnswer: LEAST_ANSWER,
    answers: 1,
    predictedBytes: 0,
    speaks: false,
    messages: items.length + 1,
    tools: tools.length,
    hasSchema: isObject(format),
    builtInToolTokens: tools.filter((tool) => CLIENT_TOOLS.has(objectOf(tool)['type'])).length * BUILT_IN_TOOL,
    keptPrompt: keptPrompt(body, items),
    concerns,
  };
}

/** A tool of the client's own, or one that the client runs. */
function isOwnTool(tool: unknown): boolean {
  const { type, tools, execution, environment } = objectOf(tool);
  if (type === 'function' || type === 'custom' || CLIENT_TOOLS.has(type)) return true;
  if (type === 'namespace') return listOf(tools).every(isOwnTool);
  if (type === 'tool_search') return execution === 'client';
  return type === 'shell' && objectOf(environment)['type'] === 'local';
}

function keptPrompt(body: JsonObject, items: readonly unknown[]): string | undefined {
  if (body['previous_response_id'] != null) return 'previous_response_id';
  if (body['conversation'] != null) return 'conversation';
  return items.some((item) => isObject(item) && isReference(item)) ? 'input' : undefined;
}
