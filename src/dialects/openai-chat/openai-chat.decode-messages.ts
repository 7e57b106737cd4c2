import type { AssistantPart, Message, ToolCall, ToolResult } from '../../core/conversation.js';
import type { FeatureUse } from '../../core/features.js';
import { cacheMark, decodeAssistantTexts, decodeTextParts, decodeUserParts } from './openai-chat.decode-parts.js';
import { decodeThoughts } from './openai-chat.decode-reasoning.js';
import { isObject, listOf, noteUnknown, objectOf, textOf, type WireObject } from './wire-value.js';

/** The messages of a body in order; a run of `tool` messages becomes one message of results. */
export function decodeMessages(wire: readonly unknown[], uses: FeatureUse): Message[] {
  const decoder = new MessagesDecoder(uses);
  for (const [index, message] of wire.entries()) decoder.add(objectOf(message), `messages[${index}]`);
  return decoder.messages;
}

class MessagesDecoder {
  readonly messages: Message[] = [];
  private results: ToolResult[] | undefined;
  /** The custom tools' calls by id: a result does not say of which kind its call was. */
  private readonly customCalls = new Set<string>();
  /** The ids given to calls of the deprecated `function_call`, which have none, by the function's name. */
  private readonly functionCalls = new Map<string, string>();

  constructor(private readonly uses: FeatureUse) {}

  add(wire: WireObject, path: string): void {
    const role = wire['role'];
    if (role === 'tool' || role === 'function') this.addResult(wire, path, role === 'tool');
    else {
      this.results = undefined;
      if (role === 'assistant') this.addAssistant(wire, path);
      else this.addPrompt(wire, path, role as 'system' | 'developer' | 'user');
    }
  }

  private addPrompt(wire: WireObject, path: string, role: 'system' | 'developer' | 'user'): void {
    noteUnknown(wire, PROMPT_KEYS, path, this.uses);
    const name = this.nameOf(wire, path);
    const at = `${path}.content`;
    if (role === 'user') {
      this.messages.push({ role, parts: this.marked(decodeUserParts(wire['content'], at, this.uses), wire, path), ...name });
    } else {
      this.messages.push({ role, parts: this.marked(decodeTextParts(wire['content'], at, this.uses), wire, path), ...name });
    }
  }

  /** A mark on a message means its last part. */
  private marked<Part extends { readonly kind: string }>(parts: Part[], wire: WireObject, path: string): Part[] {
    const mark = cacheMark(wire, path, this.uses);
    const last = parts.at(-1);
    if (mark.cache === undefined || last === undefined || last.kind === 'audio') return parts;
    return [...parts.slice(0, -1), { ...last, ...mark }];
  }

  private addAssistant(wire: WireObject, path: string): void {
    const { uses } = this;
    noteUnknown(wire, ASSISTANT_KEYS, path, uses);
    const parts: AssistantPart[] = decodeThoughts(wire, path, uses);
    parts.push(...this.marked(decodeAssistantTexts(wire['content'], `${path}.content`, uses), wire, path));
    const refusal = textOf(wire['refusal']);
    if (refusal !== undefined) {
      uses.note('refusal.history', `${path}.refusal`);
      parts.push({ kind: 'refusal', text: refusal });
    }
    for (const [index, call] of listOf(wire['tool_calls']).entries()) {
      const part = this.toolCall(objectOf(call), `${path}.tool_calls[${index}]`);
      if (part) parts.push(part);
    }
    if (isObject(wire['function_call'])) parts.push(this.functionCall(wire['function_call'], path));
    if (listOf(wire['annotations']).length > 0) uses.note('text.citations', `${path}.annotations`);
    // A reference to sound that only its provider has kept.
    if (wire['audio'] != null) uses.note('content.unknown', `${path}.audio`);
    this.messages.push({ role: 'assistant', parts, ...this.nameOf(wire, path) });
  }

  private toolCall(call: WireObject, path: string): ToolCall | undefined {
    const id = typeof call['id'] === 'string' ? call['id'] : '';
    const custom = objectOf(call['custom']);
    const name = textOf(custom['name']);
    if (call['type'] === 'custom' && name !== undefined && typeof custom['input'] === 'string') {
      this.uses.note('tools.custom', path);
      this.customCalls.add(id);
      return { kind: 'tool_call', id, name, arguments: custom['input'], isCustom: true };
    }
    const named = objectOf(call['function']);
    if (typeof named['name'] === 'string') return { kind: 'tool_call', id, name: named['name'], arguments: argumentsOf(named) };
    this.uses.note('content.unknown', path);
    return undefined;
  }

  private functionCall(call: WireObject, path: string): ToolCall {
    const name = textOf(call['name']) ?? '';
    const id = `call_${path.replaceAll(/\D/g, '')}_${name}`;
    this.functionCalls.set(name, id);
    return { kind: 'tool_call', id, name, arguments: argumentsOf(call) };
  }

  private addResult(wire: WireObject, path: string, isTool: boolean): void {
    noteUnknown(wire, RESULT_KEYS, path, this.uses);
    const callId = isTool ? (textOf(wire['tool_call_id']) ?? '') : this.functionCalls.get(textOf(wire['name']) ?? '');
    if (callId === undefined) {
      // A function's result that answers no call is a message that no other dialect has.
      this.uses.note('content.unknown', path);
      return;
    }
    if (!this.results) {
      this.results = [];
      this.messages.push({ role: 'tool', results: this.results });
    }
    this.results.push({
      callId,
      parts: decodeTextParts(wire['content'], `${path}.content`, this.uses),
      ...(this.customCalls.has(callId) ? { isCustom: true } : {}),
      ...cacheMark(wire, path, this.uses),
    });
  }

  private nameOf(wire: WireObject, path: string): { name?: string } {
    const name = textOf(wire['name']);
    if (name === undefined) return NO_NAME;
    this.uses.note('message.name', `${path}.name`);
    return { name };
  }
}

/** A call without arguments is written as an empty text by some. */
function argumentsOf(call: WireObject): string {
  return textOf(call['arguments']) ?? '{}';
}

const NO_NAME = {};
const MARKS = ['cache_control', 'prompt_cache_breakpoint'];
const PROMPT_KEYS = new Set(['role', 'content', 'name', ...MARKS]);
const ASSISTANT_KEYS = new Set([
  ...PROMPT_KEYS,
  'refusal',
  'tool_calls',
  'function_call',
  'annotations',
  'audio',
  'reasoning_content',
  'reasoning',
  'reasoning_details',
]);
/** A result's `name` repeats that of its call. */
const RESULT_KEYS = new Set([...PROMPT_KEYS, 'tool_call_id']);
