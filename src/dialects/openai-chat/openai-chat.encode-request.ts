import type { Conversation, OutputFormat, ReasoningWish, Settings, Tool, ToolChoice } from '../../core/conversation.js';
import type { UpstreamTerms } from '../dialect.js';
import { effortOfBudget } from '../reasoning-effort.js';
import { encodeMessages } from './openai-chat.encode-messages.js';

const MAX_STOPS = 4;
/** The name of a schema must be said here, and in some dialects cannot. */
const DEFAULT_SCHEMA_NAME = 'answer';

/**
 * A conversation as the body of a Chat Completions call. A budget of reasoning becomes a word: `low` below 4,096 tokens,
 * `medium` below 16,384, else `high`; no reasoning is `none`.
 */
export function encodeRequest(conversation: Conversation, terms: UpstreamTerms): Record<string, unknown> {
  const { settings } = conversation;
  return {
    model: terms.model,
    messages: encodeMessages(conversation.messages),
    [terms.maxTokensField]: settings.maxTokens,
    ...encodeSettings(settings),
    ...encodeTools(conversation),
    response_format: conversation.output && encodeOutput(conversation.output),
    reasoning_effort: conversation.reasoning && effortOf(conversation.reasoning),
    stream: terms.stream,
    stream_options: terms.stream && terms.askUsage ? { include_usage: true } : undefined,
  };
}

function encodeSettings(settings: Settings): Record<string, unknown> {
  return {
    temperature: settings.temperature,
    top_p: settings.topP,
    frequency_penalty: settings.frequencyPenalty,
    presence_penalty: settings.presencePenalty,
    logit_bias: settings.logitBias,
    seed: settings.seed,
    stop: settings.stop?.slice(0, MAX_STOPS),
    n: settings.choices,
    logprobs: settings.logprobs === undefined ? undefined : true,
    top_logprobs: settings.logprobs === 0 ? undefined : settings.logprobs,
    verbosity: settings.verbosity,
    // Anthropic's word for the tier without priority.
    service_tier: settings.serviceTier === 'standard_only' ? 'default' : settings.serviceTier,
    metadata: settings.metadata,
    user: settings.endUser,
    prompt_cache_key: settings.promptCacheKey,
    store: settings.store,
  };
}

/** What is said of tools is refused where there are none. */
function encodeTools({ tools, toolChoice, parallelTools }: Conversation): Record<string, unknown> {
  if (tools.length === 0) return {};
  return {
    tools: tools.map(encodeTool),
    tool_choice: toolChoice && encodeToolChoice(toolChoice, tools),
    parallel_tool_calls: parallelTools,
  };
}

function encodeTool({ name, description, parameters, strict, isCustom, format }: Tool): object {
  if (isCustom) return { type: 'custom', custom: { name, description, format: encodeFormat(format) } };
  return { type: 'function', function: { name, description, parameters, strict: strict || undefined } };
}

function encodeFormat(format: unknown): unknown {
  const { type, ...grammar } = (format ?? {}) as Record<string, unknown>;
  return type === 'grammar' ? { type, grammar } : format;
}

function encodeToolChoice(choice: ToolChoice, tools: readonly Tool[]): unknown {
  switch (choice.kind) {
    case 'named':
      return choice.isCustom ? customRef(choice.name) : functionRef(choice.name);
    case 'allowed': {
      const custom = new Set(tools.filter((tool) => tool.isCustom).map((tool) => tool.name));
      const refs = choice.names.map((name) => (custom.has(name) ? customRef(name) : functionRef(name)));
      return { type: 'allowed_tools', allowed_tools: { mode: choice.mode, tools: refs } };
    }
    default:
      return choice.kind;
  }
}

function functionRef(name: string): object {
  return { type: 'function', function: { name } };
}

function customRef(name: string): object {
  return { type: 'custom', custom: { name } };
}

function encodeOutput(output: OutputFormat): object {
  if (output.kind === 'json') return { type: 'json_object' };
  const { name = DEFAULT_SCHEMA_NAME, description, schema, strict } = output;
  return { type: 'json_schema', json_schema: { name, description, schema, strict: strict || undefined } };
}

function effortOf({ off, effort, budgetTokens }: ReasoningWish): string | undefined {
  if (off) return 'none';
  return effort ?? (budgetTokens === undefined ? undefined : effortOfBudget(budgetTokens));
}
