import type { Conversation, ReasoningWish, Settings, Tool, ToolChoice } from '../../core/conversation.js';
import type { Feature } from '../../core/features.js';
import type { UpstreamTerms } from '../dialect.js';
import { cacheControl, encodeMessages } from './message-encoder.js';
import type { WireRequest, WireTool, WireToolChoice } from './wire-types.js';

/** Anthropic thinks with at least this many tokens, or not at all. */
const MIN_BUDGET = 1024;
const NO_ARGUMENTS = { type: 'object', properties: {} };

/**
 * Anthropic's own contradictions: with a thinking budget it takes no sampling settings; where a tool must be called, or the
 * answer is to be short, it does not think; a stop of white space alone it refuses.
 */
export function lacksBeside(conversation: Conversation, terms: UpstreamTerms): ReadonlySet<Feature> {
  const { settings, reasoning } = conversation;
  const wishes = reasoning?.budgetTokens !== undefined && reasoning.off !== true;
  const thinking = encodeThinking(reasoning, settings.maxTokens ?? terms.defaultMaxTokens, mustCallTool(conversation));
  const lacks = new Set<Feature>();
  if (thinking?.type === 'enabled') for (const feature of SAMPLING) lacks.add(feature);
  if (wishes && thinking === undefined) lacks.add('reasoning.budget');
  if (settings.stop?.some(isBlank)) lacks.add('stop');
  return lacks;
}

const SAMPLING = ['temperature', 'temperature.above_1', 'top_p', 'top_k'] as const;

/** A conversation as a Messages body, without what it lacks beside other things. */
export function encodeRequest(conversation: Conversation, terms: UpstreamTerms): Record<string, unknown> {
  const { settings, reasoning, output } = conversation;
  const maxTokens = settings.maxTokens ?? terms.defaultMaxTokens;
  const tools = encodeTools(conversation);
  const toolChoice = tools.length === 0 ? undefined : encodeToolChoice(conversation);
  const thinking = encodeThinking(reasoning, maxTokens, mustCallTool(conversation));
  const outputConfig = {
    ...(reasoning?.effort === undefined ? {} : { effort: reasoning.effort === 'minimal' ? 'low' : reasoning.effort }),
    ...(output?.kind === 'schema' ? { format: { type: 'json_schema', schema: output.schema } } : {}),
  };
  const request: WireRequest = {
    model: terms.model,
    max_tokens: maxTokens,
    ...encodeMessages(conversation.messages),
    ...(tools.length === 0 ? {} : { tools }),
    ...(toolChoice ? { tool_choice: toolChoice } : {}),
    ...(thinking ? { thinking } : {}),
    ...(Object.keys(outputConfig).length === 0 ? {} : { output_config: outputConfig }),
    ...(thinking?.type === 'enabled' ? {} : encodeSampling(settings)),
    ...encodeStop(settings),
    ...(settings.endUser === undefined ? {} : { metadata: { user_id: settings.endUser } }),
    ...(terms.stream ? { stream: true } : {}),
  };
  return { ...request };
}

function mustCallTool(conversation: Conversation): boolean {
  return conversation.tools.length > 0 && wireChoice(conversation.toolChoice) !== undefined;
}

function encodeTools({ tools, toolChoice }: Conversation): WireTool[] {
  const allowed = toolChoice?.kind === 'allowed' ? new Set(toolChoice.names) : undefined;
  return tools.filter(({ name }) => !allowed || allowed.has(name)).map(encodeTool);
}

function encodeTool({ name, description, parameters, strict, cache }: Tool): WireTool {
  return {
    name,
    ...(description === undefined ? {} : { description }),
    input_schema: parameters ? { type: 'object', ...parameters } : NO_ARGUMENTS,
    ...(strict === undefined ? {} : { strict }),
    ...cacheControl(cache),
  };
}

function encodeToolChoice({ toolChoice, parallelTools }: Conversation): WireToolChoice | undefined {
  if (toolChoice?.kind === 'none') return { type: 'none' };
  const single = parallelTools === false ? { disable_parallel_tool_use: true } : {};
  const choice = wireChoice(toolChoice);
  if (choice) return { ...choice, ...single };
  return parallelTools === false ? { type: 'auto', ...single } : undefined;
}

function wireChoice(choice: ToolChoice | undefined): WireToolChoice | undefined {
  if (choice?.kind === 'named') return { type: 'tool', name: choice.name };
  const isRequired = choice?.kind === 'required' || (choice?.kind === 'allowed' && choice.mode === 'required');
  return isRequired ? { type: 'any' } : undefined;
}

function encodeThinking(wish: ReasoningWish | undefined, maxTokens: number, mustCall: boolean): WireRequest['thinking'] | undefined {
  if (!wish) return undefined;
  if (wish.off === true) return { type: 'disabled' };
  if (mustCall) return undefined;
  const display = wish.summary === 'summarized' || wish.summary === 'omitted' ? { display: wish.summary } : {};
  if (wish.budgetTokens !== undefined) {
    const budget = Math.min(Math.max(wish.budgetTokens, MIN_BUDGET), maxTokens - 1);
    return budget < MIN_BUDGET ? undefined : { type: 'enabled', budget_tokens: budget, ...display };
  }
  // A wish for OpenAI's summaries alone, as Codex sends it, turns on no thinking: not every model has the adaptive kind.
  const isAdaptive = display.display !== undefined || (wish.effort === undefined && wish.summary === undefined);
  return isAdaptive ? { type: 'adaptive', ...display } : undefined;
}

/** Anthropic's temperature ends at 1; one above it is a hint that goes unheard. */
function encodeSampling({ temperature, topP, topK }: Settings): Pick<WireRequest, 'temperature' | 'top_p' | 'top_k'> {
  return {
    ...(temperature === undefined || temperature > 1 ? {} : { temperature }),
    ...(topP === undefined ? {} : { top_p: topP }),
    ...(topK === undefined ? {} : { top_k: topK }),
  };
}

function isBlank(text: string): boolean {
  return text.trim() === '';
}

function encodeStop({ stop }: Settings): Pick<WireRequest, 'stop_sequences'> {
  const kept = stop?.filter((text) => !isBlank(text)) ?? [];
  return kept.length === 0 ? {} : { stop_sequences: kept };
}
