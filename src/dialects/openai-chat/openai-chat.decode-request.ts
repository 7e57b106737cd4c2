import type { Conversation, OutputFormat, ReasoningWish } from '../../core/conversation.js';
import { FeatureUse } from '../../core/features.js';
import { decodeMessages } from './openai-chat.decode-messages.js';
import { decodeSettings, SETTING_KEYS } from './openai-chat.decode-settings.js';
import { decodeTools } from './openai-chat.decode-tools.js';
import { isObject, listOf, noteUnknown, objectOf, textOf, type WireObject } from './wire-value.js';

/**
 * Reads a Chat Completions body that its schema accepted. `null` is absent, and so is a default that is spelled out, so that
 * equal requests are equal conversations. What it cannot say in a conversation it notes by the field's path.
 */
export function decodeRequest(body: unknown): Conversation {
  const wire = objectOf(body);
  const uses = new FeatureUse();
  const conversation = {
    messages: decodeMessages(listOf(wire['messages']), uses),
    ...decodeTools(wire, uses),
    output: decodeOutput(wire['response_format'], uses),
    reasoning: decodeReasoning(wire, uses),
    settings: decodeSettings(wire, uses),
    uses,
  };
  if (objectOf(wire['stream_options'])['include_obfuscation'] === true) uses.note('obfuscation', 'stream_options.include_obfuscation');
  noteUnknown(objectOf(wire['stream_options']), STREAM_KEYS, 'stream_options', uses);
  noteUnknown(wire, KNOWN_KEYS, '', uses);
  return conversation;
}

function decodeOutput(wire: unknown, uses: FeatureUse): OutputFormat | undefined {
  if (!isObject(wire) || wire['type'] === 'text') return undefined;
  noteUnknown(wire, FORMAT_KEYS, 'response_format', uses);
  if (wire['type'] === 'json_object') {
    uses.note('output.json', 'response_format');
    return { kind: 'json' };
  }
  if (wire['type'] !== 'json_schema') {
    // A form of the answer that would be missed, such as a grammar.
    uses.note('content.unknown', 'response_format');
    return undefined;
  }
  uses.note('output.schema', 'response_format');
  const format = objectOf(wire['json_schema']);
  noteUnknown(format, SCHEMA_KEYS, 'response_format.json_schema', uses);
  const name = textOf(format['name']);
  const description = textOf(format['description']);
  return {
    kind: 'schema',
    schema: objectOf(format['schema']),
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
    ...(format['strict'] === true ? { strict: true } : {}),
  };
}

/** OpenAI's `reasoning_effort`, OpenRouter's `reasoning`, and the `thinking` that DeepSeek and others took from Anthropic. */
function decodeReasoning(wire: WireObject, uses: FeatureUse): ReasoningWish | undefined {
  for (const key of ['reasoning', 'thinking']) if (wire[key] != null && !isObject(wire[key])) uses.note('unknown', key);
  const reasoning = objectOf(wire['reasoning']);
  const thinking = objectOf(wire['thinking']);
  noteUnknown(reasoning, REASONING_KEYS, 'reasoning', uses);
  noteUnknown(thinking, THINKING_KEYS, 'thinking', uses);
  const effort = firstSaid('string', ['reasoning_effort', wire['reasoning_effort']], ['reasoning.effort', reasoning['effort']]);
  const off = offField(effort, reasoning, thinking);
  if (off !== undefined) {
    uses.note('reasoning.off', off);
    return { off: true };
  }
  const budget = firstSaid(
    'number',
    ['reasoning.max_tokens', reasoning['max_tokens']],
    ['thinking.budget_tokens', thinking['budget_tokens']],
  );
  if (effort) uses.note('reasoning.effort', effort[0]);
  if (budget) uses.note('reasoning.budget', budget[0]);
  if (!effort && !budget && reasoning['enabled'] !== true && thinking['type'] == null) return undefined;
  return { ...(effort && { effort: effort[1] as string }), ...(budget && { budgetTokens: budget[1] as number }) };
}

type Said = readonly [field: string, value: unknown];

function firstSaid(type: 'string' | 'number', ...fields: readonly Said[]): Said | undefined {
  return fields.find(([, value]) => typeof value === type && value !== '');
}

/** The field that forbids reasoning. */
function offField(effort: Said | undefined, reasoning: WireObject, thinking: WireObject): string | undefined {
  if (effort?.[1] === 'none') return effort[0];
  if (reasoning['enabled'] === false) return 'reasoning.enabled';
  return thinking['type'] === 'disabled' ? 'thinking' : undefined;
}

const STREAM_KEYS = new Set(['include_usage', 'include_obfuscation']);
const FORMAT_KEYS = new Set(['type', 'json_schema']);
const SCHEMA_KEYS = new Set(['name', 'description', 'schema', 'strict']);
const REASONING_KEYS = new Set(['effort', 'max_tokens', 'enabled']);
const THINKING_KEYS = new Set(['type', 'budget_tokens']);
const KNOWN_KEYS = new Set([
  'model',
  'provider',
  'clamp',
  'messages',
  'stream',
  'stream_options',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'functions',
  'function_call',
  'response_format',
  'reasoning_effort',
  'reasoning',
  'thinking',
  ...SETTING_KEYS,
]);
