import type { ChatDialectName } from '../core/call.js';
import type { Feature } from '../core/features.js';

/**
 * What becomes of a feature in a body of another dialect: `carried`; `hint`: it has no counterpart, and leaving it out does
 * not change what the answer means; `refused`: it has none, and would be missed.
 */
export type Carriage = 'carried' | 'hint' | 'refused';

type Row = Readonly<Record<ChatDialectName, Carriage>>;

const row = (chat: Carriage, responses: Carriage, messages: Carriage, ollama: Carriage): Row => ({
  'openai-chat': chat,
  'openai-responses': responses,
  'anthropic-messages': messages,
  ollama,
});

const [C, H, R] = ['carried', 'hint', 'refused'] as const;

/** The one place that knows what each dialect can say. Columns: Chat Completions, Responses, Messages, Ollama. */
export const CAPABILITIES: Readonly<Record<Feature, Row>> = {
  'message.name': row(C, H, H, H),
  'text.citations': row(H, H, H, H),
  'image.base64': row(C, C, C, C),
  'image.url': row(C, C, C, R),
  'image.file': row(R, C, C, R),
  'image.detail': row(C, C, H, H),
  'document.base64': row(C, C, C, R),
  'document.url': row(R, C, C, R),
  'document.text': row(C, C, C, C),
  'document.file': row(C, C, C, R),
  'document.options': row(H, H, C, H),
  'audio.input': row(C, R, R, R),
  'content.unknown': row(R, R, R, R),
  'refusal.history': row(C, C, C, C),
  'tool_result.error': row(C, C, C, C),
  'tool_result.image': row(C, C, C, C),
  'tool_result.document': row(C, C, C, R),
  'reasoning.history': row(C, H, H, C),
  'reasoning.anthropic': row(C, H, C, H),
  'reasoning.openai': row(H, C, H, H),
  cache_control: row(H, H, C, H),
  'tools.strict': row(C, C, C, H),
  'tools.options': row(H, H, H, H),
  'tools.custom': row(C, C, R, R),
  'tools.hosted': row(H, H, H, H),
  'tools.hosted_forced': row(R, R, R, R),
  'tool_choice.required': row(C, C, C, R),
  'tool_choice.named': row(C, C, C, R),
  'tool_choice.allowed': row(C, C, C, R),
  'parallel_tools.off': row(C, C, C, R),
  max_tool_calls: row(H, C, H, H),
  'output.json': row(C, C, R, C),
  'output.schema': row(C, C, C, C),
  'output.audio': row(C, R, R, R),
  verbosity: row(C, C, H, H),
  choices: row(C, R, R, R),
  logprobs: row(C, C, H, C),
  prediction: row(C, H, H, H),
  web_search: row(C, R, R, R),
  stop: row(C, R, C, C),
  'stop.many': row(R, R, C, C),
  temperature: row(C, C, C, C),
  'temperature.above_1': row(C, C, H, C),
  top_p: row(C, C, C, C),
  top_k: row(H, H, C, C),
  frequency_penalty: row(C, H, H, C),
  presence_penalty: row(C, H, H, C),
  logit_bias: row(C, H, H, H),
  seed: row(C, H, H, C),
  'reasoning.effort': row(C, C, C, C),
  'reasoning.budget': row(C, C, C, C),
  'reasoning.off': row(C, C, C, C),
  'reasoning.summary': row(H, C, H, H),
  service_tier: row(C, C, H, H),
  speed: row(H, H, C, H),
  metadata: row(C, C, H, H),
  end_user: row(C, C, C, H),
  store: row(C, C, H, H),
  prompt_cache: row(C, C, H, H),
  moderation: row(H, H, H, H),
  truncation: row(H, C, H, H),
  include: row(H, C, H, H),
  obfuscation: row(H, H, H, H),
  'state.previous_response': row(R, C, R, R),
  'state.conversation': row(R, C, R, R),
  'state.background': row(R, C, R, R),
  'state.prompt': row(R, C, R, R),
  'state.container': row(R, R, C, R),
  'state.thread': row(R, R, C, R),
  'state.mcp_servers': row(R, R, C, R),
  context_management: row(H, H, H, H),
  unknown: row(H, H, H, H),
};
