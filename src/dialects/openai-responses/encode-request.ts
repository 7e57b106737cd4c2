import type { Conversation, Message, OutputFormat, ReasoningWish, Settings, Tool, ToolChoice } from '../../core/conversation.js';
import type { UpstreamTerms } from '../dialect.js';
import { effortOfBudget } from '../reasoning-effort.js';
import { encodeMessages } from './encode-items.js';
import { compact } from './wire-values.js';

/** The service refuses a longer name of an end user; the beginning of one tells users apart as well. */
const MAX_END_USER = 64;
const PROOFS = 'reasoning.encrypted_content';
const LOGPROBS = 'message.output_text.logprobs';

/**
 * Writes a conversation as a Responses body. Nothing is kept at the provider unless the client has asked for it, and the
 * proofs of thoughts are asked for, without which they could not be sent back.
 */
export function encodeResponsesRequest(conversation: Conversation, terms: UpstreamTerms): Record<string, unknown> {
  const { tools, toolChoice, parallelTools, settings } = conversation;
  const { instructions, input } = splitInstructions(conversation.messages);
  const include = [...(wantsProofs(conversation) ? [PROOFS] : []), ...(settings.logprobs === undefined ? [] : [LOGPROBS])];
  return compact({
    model: terms.model,
    instructions,
    input: encodeMessages(input),
    stream: terms.stream,
    store: settings.store === true,
    include: include.length > 0 ? include : undefined,
    tools: tools.length > 0 ? tools.map(encodeTool) : undefined,
    tool_choice: toolChoice && encodeToolChoice(toolChoice, tools),
    parallel_tool_calls: tools.length > 0 ? parallelTools : undefined,
    text: encodeText(conversation.output, settings.verbosity),
    reasoning: encodeReasoning(conversation.reasoning),
    ...encodeSettings(settings),
  });
}

/** A system message of one text that begins the conversation is its instructions, unless it is all there is. */
function splitInstructions(messages: readonly Message[]): { instructions: string | undefined; input: readonly Message[] } {
  const [first, ...rest] = messages;
  const isPlain = first?.role === 'system' && first.parts.length === 1 && first.parts[0]!.text !== '' && rest.length > 0;
  return isPlain ? { instructions: first.parts[0]!.text, input: rest } : { instructions: undefined, input: messages };
}

function wantsProofs({ reasoning, messages }: Conversation): boolean {
  if (reasoning?.off) return false;
  const isThinking = (message: Message): boolean => message.role === 'assistant' && message.parts.some(({ kind }) => kind === 'reasoning');
  return reasoning !== undefined || messages.some(isThinking);
}

/** The service takes an absent `strict` for true and then refuses many a schema; everywhere else absent is false. */
function encodeTool({ name, description, parameters, strict, isCustom, format }: Tool): Record<string, unknown> {
  if (isCustom) return compact({ type: 'custom', name, description, format });
  return compact({ type: 'function', name, description, parameters: parameters ?? null, strict: strict ?? false });
}

function encodeToolChoice(choice: ToolChoice, tools: readonly Tool[]): unknown {
  switch (choice.kind) {
    case 'named':
      return { type: choice.isCustom ? 'custom' : 'function', name: choice.name };
    case 'allowed':
      return {
        type: 'allowed_tools',
        mode: choice.mode,
        tools: choice.names.map((name) => ({ type: tools.find((tool) => tool.name === name)?.isCustom ? 'custom' : 'function', name })),
      };
    case 'auto':
    case 'none':
    case 'required':
      return choice.kind;
    default:
      return choice satisfies never;
  }
}

function encodeText(output: OutputFormat | undefined, verbosity: string | undefined): unknown {
  if (!output && verbosity === undefined) return undefined;
  return compact({ format: output && encodeFormat(output), verbosity });
}

function encodeFormat(output: OutputFormat): unknown {
  if (output.kind === 'json') return { type: 'json_object' };
  const { name = 'answer', description, schema, strict } = output;
  return compact({ type: 'json_schema', name, description, schema, strict });
}

function encodeReasoning(wish: ReasoningWish | undefined): unknown {
  if (!wish) return undefined;
  const effort = wish.off ? 'none' : (wish.effort ?? (wish.budgetTokens === undefined ? undefined : effortOfBudget(wish.budgetTokens)));
  const summary = summaryOf(wish.summary);
  return effort === undefined && summary === undefined ? undefined : compact({ effort, summary });
}

const SUMMARIES = new Set(['auto', 'concise', 'detailed']);

/** Another dialect's word for showing thoughts at all is `auto`; its word for hiding them is no summary. */
function summaryOf(summary: string | undefined): string | undefined {
  if (summary === undefined || SUMMARIES.has(summary)) return summary;
  return summary === 'omitted' ? undefined : 'auto';
}

function encodeSettings(settings: Settings): Record<string, unknown> {
  return {
    max_output_tokens: settings.maxTokens,
    temperature: settings.temperature,
    top_p: settings.topP,
    top_logprobs: settings.logprobs,
    metadata: settings.metadata,
    safety_identifier: settings.endUser?.slice(0, MAX_END_USER),
    prompt_cache_key: settings.promptCacheKey,
    service_tier: settings.serviceTier,
  };
}
