import type { AssistantPart, Conversation, Message, Settings } from '../core/conversation.js';
import type { Feature } from '../core/features.js';

/** The settings that a model may refuse although its dialect has them. */
const SETTINGS: Readonly<Partial<Record<Feature, keyof Settings>>> = {
  temperature: 'temperature',
  'temperature.above_1': 'temperature',
  top_p: 'topP',
  top_k: 'topK',
  frequency_penalty: 'frequencyPenalty',
  presence_penalty: 'presencePenalty',
  logit_bias: 'logitBias',
  seed: 'seed',
  verbosity: 'verbosity',
};

/** The conversation without the settings and thoughts that a target lacks; each was named as dropped before (`checkCarriage`). */
export function withdraw(conversation: Conversation, lacks: ReadonlySet<Feature>): Conversation {
  if (lacks.size === 0) return conversation;
  const withdrawn = new Set([...lacks].map((feature) => SETTINGS[feature]));
  const kept = Object.entries(conversation.settings).filter(([name]) => !withdrawn.has(name as keyof Settings));
  const messages = THOUGHTS.some((feature) => lacks.has(feature))
    ? conversation.messages.map((message) => withoutThoughts(message, lacks))
    : conversation.messages;
  return { ...conversation, messages, settings: Object.fromEntries(kept) };
}

const THOUGHTS = ['reasoning.history', 'reasoning.anthropic', 'reasoning.openai'] as const;

function withoutThoughts(message: Message, lacks: ReadonlySet<Feature>): Message {
  if (message.role !== 'assistant') return message;
  return { ...message, parts: message.parts.filter((part) => part.kind !== 'reasoning' || !lacks.has(thoughtOf(part))) };
}

function thoughtOf({ proof }: Extract<AssistantPart, { kind: 'reasoning' }>): Feature {
  return proof ? `reasoning.${proof.maker}` : 'reasoning.history';
}
