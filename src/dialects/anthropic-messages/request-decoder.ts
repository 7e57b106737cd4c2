import type { Conversation, OutputFormat, ReasoningWish, Settings, Tool, ToolChoice } from '../../core/conversation.js';
import { type Feature, FeatureUse } from '../../core/features.js';
import { noteUnknownFields } from './media-decoder.js';
import { cacheOf, decodeMessages } from './message-decoder.js';
import type { WireFormat, WireRequest, WireTool } from './wire-types.js';

/** Fields that only their provider can make sense of. A thread comes first: without its history nothing else matters. */
const OF_THE_PROVIDER: readonly (readonly [string, Feature])[] = [
  ['thread', 'state.thread'],
  ['container', 'state.container'],
  ['mcp_servers', 'state.mcp_servers'],
  ['context_management', 'context_management'],
  ['speed', 'speed'],
  ['inference_geo', 'speed'],
];
const OF_THE_GATEWAY = ['model', 'provider', 'clamp', 'stream', 'max_tokens'];
const OF_THE_CONVERSATION = ['messages', 'system', 'tools', 'tool_choice', 'thinking', 'output_config', 'output_format', 'cache_control'];
const SETTINGS = ['temperature', 'top_p', 'top_k', 'stop_sequences', 'metadata', 'service_tier'];
const KNOWN = new Set([...OF_THE_PROVIDER.map(([field]) => field), ...OF_THE_GATEWAY, ...OF_THE_CONVERSATION, ...SETTINGS]);
const CHOICE_FIELDS = new Set(['type', 'name', 'disable_parallel_tool_use']);
const THINKING_FIELDS = new Set(['type', 'budget_tokens', 'display']);
const FORMAT_FIELDS = new Set(['type', 'schema']);
const TOOL_FIELDS = new Set(['type', 'name', 'description', 'input_schema', 'strict', 'cache_control']);
const MANY_STOPS = 4;
/** A known field with a value that the gateway does not know: no mere hint, for it would be missed in the answer. */
const NOT_UNDERSTOOD: Feature = 'content.unknown';

/** A Messages body that the schema accepted, as a conversation; what it uses is noted under Anthropic's names of the fields. */
export function decodeRequest(body: unknown): Conversation {
  const request = body as WireRequest;
  const uses = new FeatureUse();
  noteFields(request, uses);
  return {
    messages: decodeMessages(request, uses),
    tools: decodeTools(request, uses),
    toolChoice: decodeToolChoice(request, uses),
    parallelTools: decodeParallel(request, uses),
    output: decodeOutput(request, uses),
    reasoning: decodeReasoning(request, uses),
    settings: decodeSettings(request, uses),
    uses,
  };
}

function noteFields(request: WireRequest, uses: FeatureUse): void {
  const fields = request as unknown as Readonly<Record<string, unknown>>;
  for (const [field, feature] of OF_THE_PROVIDER) if (fields[field] != null) uses.note(feature, field);
  for (const field of Object.keys(fields)) if (!KNOWN.has(field) && fields[field] != null) uses.note('unknown', field);
  if (request.cache_control != null) uses.note('cache_control', 'cache_control');
  for (const field of Object.keys(request.metadata ?? {})) if (field !== 'user_id') uses.note('unknown', `metadata.${field}`);
  for (const field of Object.keys(request.output_config ?? {})) {
    if (field !== 'effort' && field !== 'format') uses.note('unknown', `output_config.${field}`);
  }
}

function decodeTools({ tools, tool_choice }: WireRequest, uses: FeatureUse): Tool[] {
  const own: Tool[] = [];
  (tools ?? []).forEach((tool, i) => {
    const path = `tools[${i}]`;
    if (tool.type != null && tool.type !== 'custom') {
      const isForced = tool_choice?.type === 'any' || (tool_choice?.type === 'tool' && tool_choice.name === tool.name);
      uses.note(isForced ? 'tools.hosted_forced' : 'tools.hosted', path);
      return;
    }
    own.push(decodeTool(tool, path, uses));
  });
  return own;
}

function decodeTool(tool: WireTool, path: string, uses: FeatureUse): Tool {
  if (tool.strict === true) uses.note('tools.strict', `${path}.strict`);
  for (const field of Object.keys(tool)) if (!TOOL_FIELDS.has(field)) uses.note('tools.options', `${path}.${field}`);
  return {
    name: tool.name,
    ...(tool.description == null ? {} : { description: tool.description }),
    ...(takesNothing(tool.input_schema) ? {} : { parameters: tool.input_schema }),
    ...(tool.strict == null ? {} : { strict: tool.strict }),
    ...cacheOf(tool, path, uses),
  };
}

/** Anthropic demands a schema also of a tool without arguments; this is how such a one is written. */
function takesNothing(schema: Readonly<Record<string, unknown>>): boolean {
  const { type, properties } = schema;
  const isEmpty = typeof properties === 'object' && properties !== null && Object.keys(properties).length === 0;
  return type === 'object' && isEmpty && Object.keys(schema).length === 2;
}

function decodeToolChoice({ tool_choice }: WireRequest, uses: FeatureUse): ToolChoice | undefined {
  if (tool_choice) noteUnknownFields(tool_choice, CHOICE_FIELDS, 'tool_choice', uses);
  switch (tool_choice?.type) {
    case undefined:
    case 'auto':
      return undefined;
    case 'none':
      return { kind: 'none' };
    case 'any':
      uses.note('tool_choice.required', 'tool_choice');
      return { kind: 'required' };
    case 'tool':
      uses.note('tool_choice.named', 'tool_choice');
      return { kind: 'named', name: tool_choice.name ?? '' };
    default:
      uses.note(NOT_UNDERSTOOD, 'tool_choice.type');
      return undefined;
  }
}

function decodeParallel({ tool_choice }: WireRequest, uses: FeatureUse): false | undefined {
  if (tool_choice?.disable_parallel_tool_use !== true || tool_choice.type === 'none') return undefined;
  uses.note('parallel_tools.off', 'tool_choice.disable_parallel_tool_use');
  return false;
}

function decodeOutput(request: WireRequest, uses: FeatureUse): OutputFormat | undefined {
  const isOld = request.output_config?.format == null;
  const format = request.output_config?.format ?? (request as { output_format?: WireFormat | null }).output_format;
  if (format == null) return undefined;
  const path = isOld ? 'output_format' : 'output_config.format';
  if (format.type !== 'json_schema' || format.schema == null) {
    uses.note(NOT_UNDERSTOOD, path);
    return undefined;
  }
  uses.note('output.schema', path);
  noteUnknownFields(format, FORMAT_FIELDS, path, uses);
  return { kind: 'schema', schema: format.schema };
}

function decodeReasoning({ thinking, output_config }: WireRequest, uses: FeatureUse): ReasoningWish | undefined {
  const effort = output_config?.effort ?? undefined;
  if (thinking == null && effort === undefined) return undefined;
  const type = thinking?.type;
  if (thinking) noteUnknownFields(thinking, THINKING_FIELDS, 'thinking', uses);
  if (type === 'disabled') uses.note('reasoning.off', 'thinking');
  else if (type !== undefined && type !== 'enabled' && type !== 'adaptive') uses.note('unknown', 'thinking.type');
  if (effort !== undefined) uses.note('reasoning.effort', 'output_config.effort');
  const budgetTokens = type === 'enabled' ? (thinking?.budget_tokens ?? undefined) : undefined;
  if (budgetTokens !== undefined) uses.note('reasoning.budget', 'thinking.budget_tokens');
  const summary = thinking?.display ?? undefined;
  if (summary !== undefined) uses.note('reasoning.summary', 'thinking.display');
  return {
    ...(type === 'disabled' ? { off: true } : {}),
    ...(effort === undefined ? {} : { effort }),
    ...(budgetTokens === undefined ? {} : { budgetTokens }),
    ...(summary === undefined ? {} : { summary }),
  };
}

function decodeSettings(request: WireRequest, uses: FeatureUse): Settings {
  const { temperature, top_p, top_k, service_tier } = request;
  const stop = request.stop_sequences ?? [];
  const endUser = request.metadata?.user_id ?? undefined;
  if (temperature != null) uses.note('temperature', 'temperature');
  if (top_p != null) uses.note('top_p', 'top_p');
  if (top_k != null) uses.note('top_k', 'top_k');
  if (service_tier != null) uses.note('service_tier', 'service_tier');
  if (stop.length > 0) uses.note('stop', 'stop_sequences');
  if (stop.length > MANY_STOPS) uses.note('stop.many', 'stop_sequences');
  if (endUser !== undefined) uses.note('end_user', 'metadata.user_id');
  return {
    maxTokens: request.max_tokens,
    ...(temperature == null ? {} : { temperature }),
    ...(top_p == null ? {} : { topP: top_p }),
    ...(top_k == null ? {} : { topK: top_k }),
    ...(stop.length === 0 ? {} : { stop }),
    ...(service_tier == null ? {} : { serviceTier: SERVICE_TIERS.get(service_tier) ?? service_tier }),
    ...(endUser === undefined ? {} : { endUser }),
  };
}

/** Anthropic's names of tiers that others call something else. */
const SERVICE_TIERS: ReadonlyMap<string, string> = new Map([['standard_only', 'default']]);
