import type { AssistantPart, CacheMark, DocumentPart, Message, Source, ToolCall, ToolResult, UserPart } from '../../core/conversation.js';
import { toOwnThinking } from './thinking-proof.js';
import { toToolUseId } from './tool-use-id.js';
import type { CacheControl, WireBlock, WireDocumentSource, WireMessage, WireRequest, WireSource, WireText } from './wire-types.js';

/** Stands in front of a conversation that the assistant begins: Anthropic wants the user to, and no text may be empty. */
const OPENING: WireMessage = { role: 'user', content: '.' };

/** System prompt and messages as Anthropic wants them: one turn after the other, the results of a turn before its text. */
export function encodeMessages(messages: readonly Message[]): Pick<WireRequest, 'system' | 'messages'> {
  const system: WireText[] = [];
  const turns: Turn[] = [];
  for (const message of messages) {
    switch (message.role) {
      case 'system':
      case 'developer':
        system.push(...message.parts.flatMap(({ text, cache }) => textBlock(text, cache)));
        break;
      default:
        addTurn(turns, message);
    }
  }
  const wire = turns.map(({ role, results, blocks }) => ({ role, content: shortened([...results, ...blocks]) }));
  return {
    ...(system.length === 0 ? {} : { system: shortened(system) }),
    messages: wire[0]?.role === 'user' ? wire : [OPENING, ...wire],
  };
}

interface Turn {
  readonly role: 'user' | 'assistant';
  readonly results: WireBlock[];
  readonly blocks: WireBlock[];
}

function addTurn(turns: Turn[], message: Exclude<Message, { role: 'system' | 'developer' }>): void {
  const results = message.role === 'tool' ? message.results.map(encodeResult) : [];
  const blocks = message.role === 'tool' ? [] : encodeParts(message);
  if (results.length === 0 && blocks.length === 0) return;
  const role = message.role === 'assistant' ? 'assistant' : 'user';
  const last = turns.at(-1);
  if (last?.role !== role) return void turns.push({ role, results, blocks });
  last.results.push(...results);
  last.blocks.push(...blocks);
}

function encodeParts(message: Extract<Message, { role: 'user' | 'assistant' }>): WireBlock[] {
  return message.role === 'user' ? message.parts.flatMap(userBlocks) : message.parts.flatMap(assistantBlocks);
}

function userBlocks(part: UserPart): WireBlock[] {
  switch (part.kind) {
    case 'text':
      return textBlock(part.text, part.cache);
    case 'image':
      return [{ type: 'image', source: wireSource(part.source), ...cacheControl(part.cache) }];
    case 'document':
      return [documentBlock(part)];
    case 'audio':
      return [];
  }
}

function assistantBlocks(part: AssistantPart): WireBlock[] {
  switch (part.kind) {
    case 'text':
      return textBlock(part.text, part.cache);
    case 'refusal':
      return textBlock(part.text, undefined);
    case 'reasoning':
      return [toOwnThinking(part) ?? []].flat();
    case 'tool_call':
      return [
        { type: 'tool_use', id: toToolUseId(part.id), name: part.name, input: toolInput(part.arguments), ...cacheControl(part.cache) },
      ];
  }
}

/**
 * A tool's arguments as the object that Anthropic demands. What is no JSON object (a model may break off in the middle, and
 * custom tools take free text) is kept whole as `{"raw": text}`.
 */
export function toolInput(text: ToolCall['arguments']): Record<string, unknown> {
  if (text.trim() === '') return {};
  try {
    const input: unknown = JSON.parse(text);
    if (typeof input === 'object' && input !== null && !Array.isArray(input)) return input as Record<string, unknown>;
  } catch {
    // Kept below: whatever is no object is the same.
  }
  return { raw: text };
}

function encodeResult({ callId, parts, isError, cache }: ToolResult): WireBlock {
  const content = parts.flatMap(userBlocks);
  return {
    type: 'tool_result',
    tool_use_id: toToolUseId(callId),
    ...(content.length === 0 ? {} : { content: shortened(content) }),
    ...(isError === true ? { is_error: true } : {}),
    ...cacheControl(cache),
  };
}

function documentBlock({ source, title, context, citations, cache }: DocumentPart): WireBlock {
  const wire: WireDocumentSource =
    source.kind === 'text' ? { type: 'text', media_type: 'text/plain', data: source.text } : wireSource(source);
  return {
    type: 'document',
    source: wire,
    ...(title === undefined ? {} : { title }),
    ...(context === undefined ? {} : { context }),
    ...(citations === true ? { citations: { enabled: true } } : {}),
    ...cacheControl(cache),
  };
}

function wireSource(source: Source): WireSource {
  switch (source.kind) {
    case 'base64':
      return { type: 'base64', media_type: source.mediaType, data: source.data };
    case 'url':
      return { type: 'url', url: source.url };
    case 'file':
      return { type: 'file', file_id: source.id };
  }
}

/** A text that says nothing is refused, so it is left out. */
function textBlock(text: string, cache: CacheMark | undefined): WireText[] {
  return text.trim() === '' ? [] : [{ type: 'text', text, ...cacheControl(cache) }];
}

/** A text that stands alone as a string, which is shorthand for it. */
function shortened<Block extends WireBlock>(blocks: readonly Block[]): string | readonly Block[] {
  const only: WireBlock | undefined = blocks.length === 1 ? blocks[0] : undefined;
  return only?.type === 'text' && !only.cache_control ? only.text : blocks;
}

/** A cache mark as a member to spread; none where there is none. */
export function cacheControl(cache: CacheMark | undefined): { cache_control?: CacheControl } {
  return cache ? { cache_control: { type: 'ephemeral', ...cache } } : {};
}
