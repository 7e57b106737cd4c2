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
import { countOf, isObject, listOf, objectOf } from '../billing/json.js';
import { LEAST_ANSWER, type PriceBearing } from '../billing/price-bearing.js';
import { type PartKind, PromptReader, unknownParts } from '../billing/prompt-reader.js';

/** Tools of Anthropic's that the client runs. */
const CLIENT_TOOL = /^(?:bash|text_editor|computer|memory|computer_toolset|browser_toolset)_\d{8}$/;
/** More than any of them adds: 245 tokens `bash`, 700 `text_editor`, 735 and a system prompt of 499 `computer` (Anthropic, *Pricing*). */
const BUILT_IN_TOOL = 2_048;

/**
 * What each field of a body does to its price. Sources: Anthropic's Messages reference and SDK, the beta fields among them; its pages
 * on fast mode, on data residency (1.1 times the price in the US alone), on compaction and on fallbacks.
 */
const FIELDS: FieldTable = new Map([
  ...OPENROUTER_FIELDS,
  ...neutral('model', 'clamp', 'max_tokens', 'messages', 'system', 'stream', 'stop_sequences', 'temperature', 'top_p', 'top_k'),
  ...neutral('tool_choice', 'thinking', 'output_config', 'output_format', 'metadata', 'cache_control', 'diagnostics'),
  // A request to sum up is a request like any other: one answer, within `max_tokens`.
  ...neutral('compaction', 'user_profile_id'),
  // What it goes on from is bounded by the context window.
  ...neutral('thread'),
  ['service_tier', serviceTier],
  ['tools', (value) => (listOf(value).every(isOwnTool) ? undefined : REASONS.hosted)],
  ['speed', onlyWith(REASONS.dearer, 'standard')],
  ['inference_geo', onlyWith(REASONS.dearer, 'global')],
  ['workspace_id', refused(REASONS.dearer)],
  ['billing_policy', refused(REASONS.elsewhere)],
  ['fallbacks', refused(REASONS.elsewhere)],
  ['fallback_credit_token', refused(REASONS.elsewhere)],
  ['mcp_servers', refused(REASONS.hosted)],
  ['container', refused(REASONS.hosted)],
  ['context_management', (value) => (listOf(objectOf(value)['edits']).every(isClearing) ? undefined : REASONS.rerun)],
]);

const PARTS: ReadonlyMap<string, PartKind> = new Map<string, PartKind>([
  ...texts('text', 'search_result', 'thinking', 'redacted_thinking', 'tool_use', 'tool_result', 'tool_reference', 'tool_removal'),
  ...texts('server_tool_use', 'web_search_tool_result', 'web_search_result', 'web_search_tool_result_error', 'compaction', 'fallback'),
  ...texts('code_execution_tool_result', 'bash_code_execution_tool_result', 'text_editor_code_execution_tool_result'),
  ...texts('tool_search_tool_result', 'mcp_tool_use', 'mcp_tool_result', 'browser_state'),
  ['image', 'image'],
  ['document', 'document'],
  ['tool_addition', 'tools'],
]);

function texts(...types: readonly string[]): readonly (readonly [string, PartKind])[] {
  return types.map((type) => [type, 'text'] as const);
}

/** All of a Messages body that its price can depend on. */
export function bearingOf({ parsed }: ModelRequest): PriceBearing {
  const body = objectOf(parsed);
  const reader = new PromptReader(PARTS);
  const messages = listOf(body['messages']);
  reader.read(body['system'], true);
  reader.read(messages);
  reader.mark(body['cache_control']);
  reader.readVerbatim(body['tools']);
  for (const tool of listOf(body['tools'])) reader.mark(objectOf(tool)['cache_control']);
  const format = objectOf(body['output_config'])['format'] ?? body['output_format'];
  reader.readVerbatim(format);
  const brought = reader.bringTools.flatMap(({ tool }) => objectOf(tool)['definition'] ?? []);
  const tools = [...listOf(body['tools']), ...brought];
  const concerns = [...concernsOf(body, FIELDS), ...unknownParts(reader, 'messages')];
  if (!brought.every(isOwnTool)) concerns.push({ field: 'messages', reason: REASONS.hosted, isCarried: false });
  return {
    prompt: reader.reading(),
    generates: true,
    limit: countOf(body['max_tokens']),
    mayClamp: body['clamp'] === true,
    leastAnswer: LEAST_ANSWER + (countOf(objectOf(body['thinking'])['budget_tokens']) ?? 0),
    answers: 1,
    predictedBytes: 0,
    speaks: false,
    messages: messages.length + 1,
    tools: tools.length,
    hasSchema: isObject(format),
    builtInToolTokens: tools.filter(isBuiltIn).length * BUILT_IN_TOOL,
    keptPrompt: objectOf(body['thread'])['previous_message_id'] == null ? undefined : 'thread',
    concerns,
  };
}

/** A tool of the client's own, or one that the client runs; and called by the model itself, not by a program at the provider. */
function isOwnTool(tool: unknown): boolean {
  const { type, allowed_callers } = objectOf(tool);
  if (!listOf(allowed_callers).every((caller) => caller === 'direct')) return false;
  return type === undefined || type === null || type === 'custom' || isBuiltIn(tool);
}

function isBuiltIn(tool: unknown): boolean {
  const { type } = objectOf(tool);
  return typeof type === 'string' && CLIENT_TOOL.test(type);
}

/** Clearing makes a prompt shorter; compacting runs the model another time. */
function isClearing(edit: unknown): boolean {
  const { type } = objectOf(edit);
  return typeof type === 'string' && type.startsWith('clear_');
}
