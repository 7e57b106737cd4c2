import type { Conversation, OutputFormat, ReasoningWish, Settings } from '../../core/conversation.js';
import { type Feature, FeatureUse } from '../../core/features.js';
import { decodeMessages } from './decode-items.js';
import { decodeToolChoice, decodeTools } from './decode-tools.js';
import { compact, isObject, listOf, noteUnknown, numberOf, stringOf, type WireObject } from './wire-values.js';

/** Fields that are read into the conversation, or say nothing that a translation could lose. */
const READ = new Set(
  (
    'model clamp input instructions stream stream_options tools tool_choice parallel_tool_calls text reasoning max_output_tokens temperature ' +
    'top_p top_logprobs include store truncation service_tier metadata user safety_identifier prompt_cache_key background'
  ).split(' '),
);

/** Fields that are noted and not read: their presence is all that there is to say of them. */
const NOTED: Readonly<Record<string, Feature>> = {
  previous_response_id: 'state.previous_response',
  conversation: 'state.conversation',
  prompt: 'state.prompt',
  max_tool_calls: 'max_tool_calls',
  context_management: 'context_management',
  moderation: 'moderation',
};

/** Asked for by everyone who keeps the history: answers of this gateway always carry the proofs of their thoughts. */
const PROOFS = 'reasoning.encrypted_content';
const FORMAT_KEYS = new Set(['type', 'name', 'description', 'schema', 'strict']);
const LOGPROBS = 'message.output_text.logprobs';

/** Reads a Responses body that the schema accepts. It refuses nothing: what the body uses is noted with its field. */
export function decodeResponsesRequest(body: unknown): Conversation {
  const wire = isObject(body) ? body : {};
  const uses = new FeatureUse();
  const messages = decodeMessages(wire, uses);
  const tools = decodeTools(wire, uses);
  const conversation = {
    messages,
    tools,
    toolChoice: decodeToolChoice(wire, tools, uses),
    parallelTools: decodeParallelTools(wire, uses),
    output: decodeOutput(wire, uses),
    reasoning: decodeReasoning(wire, uses),
    settings: decodeSettings(wire, uses),
    uses,
  };
  noteRest(wire, uses);
  return conversation;
}

function decodeParallelTools(body: WireObject, uses: FeatureUse): boolean | undefined {
  const parallel = body['parallel_tool_calls'];
  if (parallel === false) uses.note('parallel_tools.off', 'parallel_tool_calls');
  return typeof parallel === 'boolean' ? parallel : undefined;
}

function decodeOutput(body: WireObject, uses: FeatureUse): OutputFormat | undefined {
  const text = isObject(body['text']) ? body['text'] : {};
  noteUnknown(text, new Set(['format', 'verbosity']), 'text', uses);
  const format = isObject(text['format']) ? text['format'] : {};
  noteUnknown(format, FORMAT_KEYS, 'text.format', uses);
  switch (format['type'] ?? 'text') {
    case 'text':
      return undefined;
    case 'json_object':
      uses.note('output.json', 'text.format');
      return { kind: 'json' };
    case 'json_schema':
      uses.note('output.schema', 'text.format');
      return compact<OutputFormat>({
        kind: 'schema',
        name: stringOf(format['name']),
        description: stringOf(format['description']),
        schema: isObject(format['schema']) ? format['schema'] : {},
        strict: typeof format['strict'] === 'boolean' ? format['strict'] : undefined,
      });
    default:
      uses.note('content.unknown', 'text.format');
      return undefined;
  }
}

function decodeReasoning(body: WireObject, uses: FeatureUse): ReasoningWish | undefined {
  if (!isObject(body['reasoning'])) return undefined;
  const wish = body['reasoning'];
  noteUnknown(wish, new Set(['effort', 'summary', 'generate_summary']), 'reasoning', uses);
  const effort = stringOf(wish['effort']);
  const summary = stringOf(wish['summary']) ?? stringOf(wish['generate_summary']);
  if (effort !== undefined) uses.note(effort === 'none' ? 'reasoning.off' : 'reasoning.effort', 'reasoning.effort');
  if (summary !== undefined) uses.note('reasoning.summary', 'reasoning.summary');
  if (effort === undefined && summary === undefined) return undefined;
  return compact<ReasoningWish>(effort === 'none' ? { off: true, summary } : { effort, summary });
}

function decodeSettings(body: WireObject, uses: FeatureUse): Settings {
  const text = isObject(body['text']) ? body['text'] : {};
  const settings = compact<Settings>({
    maxTokens: numberOf(body['max_output_tokens']),
    temperature: numberOf(body['temperature']),
    topP: numberOf(body['top_p']),
    logprobs: decodeLogprobs(body, uses),
    verbosity: stringOf(text['verbosity']),
    serviceTier: body['service_tier'] === 'auto' ? undefined : stringOf(body['service_tier']),
    metadata: decodeMetadata(body),
    endUser: stringOf(body['safety_identifier']) ?? stringOf(body['user']),
    promptCacheKey: stringOf(body['prompt_cache_key']),
    store: body['store'] === true ? true : undefined,
  });
  noteSettings(settings, body, uses);
  return settings;
}

function noteSettings(settings: Settings, body: WireObject, uses: FeatureUse): void {
  const { temperature } = settings;
  if (temperature !== undefined) uses.note('temperature', 'temperature');
  if (temperature !== undefined && temperature > 1) uses.note('temperature.above_1', 'temperature');
  if (settings.topP !== undefined) uses.note('top_p', 'top_p');
  if (settings.verbosity !== undefined) uses.note('verbosity', 'text.verbosity');
  if (settings.serviceTier !== undefined) uses.note('service_tier', 'service_tier');
  if (settings.metadata !== undefined) uses.note('metadata', 'metadata');
  if (settings.endUser !== undefined) uses.note('end_user', body['safety_identifier'] == null ? 'user' : 'safety_identifier');
  if (settings.promptCacheKey !== undefined) uses.note('prompt_cache', 'prompt_cache_key');
  if (settings.store) uses.note('store', 'store');
}

function decodeLogprobs(body: WireObject, uses: FeatureUse): number | undefined {
  const alternatives = numberOf(body['top_logprobs']) ?? 0;
  const include = listOf(body['include']);
  const index = include.indexOf(LOGPROBS);
  if (index < 0 && alternatives === 0) return undefined;
  uses.note('logprobs', index < 0 ? 'top_logprobs' : `include[${index}]`);
  return alternatives;
}

function decodeMetadata(body: WireObject): Settings['metadata'] {
  const metadata = body['metadata'];
  return isObject(metadata) && Object.keys(metadata).length > 0 ? (metadata as Record<string, string>) : undefined;
}

function noteRest(body: WireObject, uses: FeatureUse): void {
  if (body['background'] === true) uses.note('state.background', 'background');
  if (body['truncation'] != null && body['truncation'] !== 'disabled') uses.note('truncation', 'truncation');
  const stream = isObject(body['stream_options']) ? body['stream_options'] : {};
  if (stream['include_obfuscation'] === true) uses.note('obfuscation', 'stream_options.include_obfuscation');
  noteUnknown(stream, new Set(['include_obfuscation']), 'stream_options', uses);
  for (const [i, extra] of listOf(body['include']).entries()) {
    if (extra !== PROOFS && extra !== LOGPROBS) uses.note('include', `include[${i}]`);
  }
  for (const [key, value] of Object.entries(body)) {
    const isOurs = key === 'provider' && typeof value === 'string';
    if (value != null && !READ.has(key) && !isOurs) uses.note(Object.hasOwn(NOTED, key) ? NOTED[key]! : 'unknown', key);
  }
}
