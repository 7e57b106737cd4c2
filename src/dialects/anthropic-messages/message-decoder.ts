import type { AssistantPart, CacheMark, Message, TextPart, ToolResult, UserPart } from '../../core/conversation.js';
import type { FeatureUse } from '../../core/features.js';
import { decodeMedia, noteUnknownFields } from './media-decoder.js';
import { fromRedacted, fromSignature } from './thinking-proof.js';
import type { CacheControl, WireBlock, WireMessage, WireRequest, WireText, WireToolResult } from './wire-types.js';

const FIELDS = {
  message: new Set(['role', 'content']),
  text: new Set(['type', 'text', 'citations', 'cache_control']),
  tool_result: new Set(['type', 'tool_use_id', 'content', 'is_error', 'cache_control']),
  tool_use: new Set(['type', 'id', 'name', 'input', 'cache_control']),
  thinking: new Set(['type', 'thinking', 'signature']),
  redacted_thinking: new Set(['type', 'data']),
};

/**
 * The system prompt and the messages in normal form: turns of one role are one, as Anthropic itself reads them, the results
 * of a user's turn stand before the rest of it as a `tool` message, and empty texts are left out.
 */
export function decodeMessages({ system, messages }: WireRequest, uses: FeatureUse): Message[] {
  const turns = new Turns();
  turns.addSystem(textParts(system ?? [], 'system', uses));
  messages.forEach((message, i) => {
    noteUnknownFields(message, FIELDS.message, `messages[${i}]`, uses);
    addMessage(turns, message, `messages[${i}].content`, uses);
  });
  return turns.finish();
}

function addMessage(turns: Turns, { role, content }: WireMessage, path: string, uses: FeatureUse): void {
  if (role === 'system') return turns.addSystem(textParts(content as string | readonly WireText[], path, uses));
  if (typeof content === 'string') {
    const part: TextPart = { kind: 'text', text: content };
    if (content === '') return;
    return role === 'user' ? turns.addUser([], [part]) : turns.addAssistant([part]);
  }
  if (role === 'assistant') {
    return turns.addAssistant(content.flatMap((block, i) => assistantPart(block, `${path}[${i}]`, uses) ?? []));
  }
  const results: ToolResult[] = [];
  const parts: UserPart[] = [];
  content.forEach((block, i) => {
    if (block.type === 'tool_result') return results.push(toolResult(block, `${path}[${i}]`, uses));
    const part = userPart(block, `${path}[${i}]`, uses);
    if (part) parts.push(part);
  });
  turns.addUser(results, parts);
}

/** Gathers what one side said in a row. */
class Turns {
  private readonly done: Message[] = [];
  private results: ToolResult[] = [];
  private user: UserPart[] = [];
  private assistant: AssistantPart[] = [];
  private system: TextPart[] = [];

  addSystem(parts: readonly TextPart[]): void {
    if (parts.length === 0) return;
    if (this.system.length === 0) this.flush();
    this.system.push(...parts);
  }

  addUser(results: readonly ToolResult[], parts: readonly UserPart[]): void {
    if (results.length === 0 && parts.length === 0) return;
    if (this.user.length === 0 && this.results.length === 0) this.flush();
    this.results.push(...results);
    this.user.push(...parts);
  }

  addAssistant(parts: readonly AssistantPart[]): void {
    if (parts.length === 0) return;
    if (this.assistant.length === 0) this.flush();
    this.assistant.push(...parts);
  }

  finish(): Message[] {
    this.flush();
    return this.done;
  }

  private flush(): void {
    if (this.system.length > 0) this.done.push({ role: 'system', parts: this.system });
    if (this.results.length > 0) this.done.push({ role: 'tool', results: this.results });
    if (this.user.length > 0) this.done.push({ role: 'user', parts: this.user });
    if (this.assistant.length > 0) this.done.push({ role: 'assistant', parts: this.assistant });
    [this.system, this.results, this.user, this.assistant] = [[], [], [], []];
  }
}

function textParts(content: string | readonly WireText[], path: string, uses: FeatureUse): TextPart[] {
  if (typeof content === 'string') return content === '' ? [] : [{ kind: 'text', text: content }];
  return content.flatMap((block, i) => textPart(block, `${path}[${i}]`, uses) ?? []);
}

function textPart(block: WireText, path: string, uses: FeatureUse): TextPart | undefined {
  noteUnknownFields(block, FIELDS.text, path, uses);
  if (block.citations != null && block.citations.length > 0) uses.note('text.citations', `${path}.citations`);
  const cache = cacheOf(block, path, uses);
  return block.text === '' ? undefined : { kind: 'text', text: block.text, ...cache };
}

function userPart(block: WireBlock, path: string, uses: FeatureUse): UserPart | undefined {
  switch (block.type) {
    case 'text':
      return textPart(block, path, uses);
    case 'image':
    case 'document': {
      const part = decodeMedia(block, path, uses);
      return part && { ...part, ...cacheOf(block, path, uses) };
    }
    default:
      uses.note('content.unknown', path);
      return undefined;
  }
}

function toolResult(block: WireToolResult, path: string, uses: FeatureUse): ToolResult {
  noteUnknownFields(block, FIELDS.tool_result, path, uses);
  if (block.is_error === true) uses.note('tool_result.error', `${path}.is_error`);
  const cache = cacheOf(block, path, uses);
  return {
    callId: block.tool_use_id,
    parts: resultParts(block.content ?? [], `${path}.content`, uses),
    ...(block.is_error === true ? { isError: true } : {}),
    ...cache,
  };
}

function resultParts(content: string | readonly WireBlock[], path: string, uses: FeatureUse): UserPart[] {
  if (typeof content === 'string') return content === '' ? [] : [{ kind: 'text', text: content }];
  return content.flatMap((block, i) => {
    if (block.type === 'image') uses.note('tool_result.image', `${path}[${i}]`);
    if (block.type === 'document') uses.note('tool_result.document', `${path}[${i}]`);
    return userPart(block, `${path}[${i}]`, uses) ?? [];
  });
}

function assistantPart(block: WireBlock, path: string, uses: FeatureUse): AssistantPart | undefined {
  switch (block.type) {
    case 'text':
      return textPart(block, path, uses);
    case 'tool_use': {
      noteUnknownFields(block, FIELDS.tool_use, path, uses);
      const { id, name, input } = block;
      return { kind: 'tool_call', id, name, arguments: JSON.stringify(input), ...cacheOf(block, path, uses) };
    }
    case 'thinking': {
      noteUnknownFields(block, FIELDS.thinking, path, uses);
      const proof = fromSignature(block.signature);
      if (block.thinking === '' && !proof) return undefined;
      uses.note(proof ? `reasoning.${proof.maker}` : 'reasoning.history', path);
      return { kind: 'reasoning', text: block.thinking, ...(proof ? { proof } : {}) };
    }
    case 'redacted_thinking': {
      noteUnknownFields(block, FIELDS.redacted_thinking, path, uses);
      const proof = fromRedacted(block.data);
      uses.note(`reasoning.${proof.maker}`, path);
      return { kind: 'reasoning', text: '', proof };
    }
    default:
      uses.note('content.unknown', path);
      return undefined;
  }
}

/** The cache mark of a block or a tool as a member to spread; none where there is none. */
export function cacheOf(
  { cache_control }: { readonly cache_control?: CacheControl | null },
  path: string,
  uses: FeatureUse,
): { cache?: CacheMark } {
  if (cache_control == null) return {};
  uses.note('cache_control', `${path}.cache_control`);
  const { ttl } = cache_control;
  return { cache: ttl === '5m' || ttl === '1h' ? { ttl } : {} };
}
