import type { AssistantPart, Message, ToolCall, ToolResult, UserPart } from '../../core/conversation.js';
import { encodeUserPart, joinedTexts } from './openai-chat.encode-parts.js';
import { toProviderDetails } from './reasoning-details.js';
import { toWireCallId } from './tool-call-id.js';

type WireMessage = Record<string, unknown>;

/**
 * The messages of a conversation as Chat Completions want them: `developer` as `system`, which every server knows, texts of
 * one message as one string, which some demand, and each tool result as a message of its own right after its call.
 */
export function encodeMessages(messages: readonly Message[]): WireMessage[] {
  const encoder = new MessagesEncoder();
  for (const message of messages) encoder.add(message);
  return encoder.finish();
}

class MessagesEncoder {
  private readonly out: WireMessage[] = [];
  /** Where the next tool result goes: after its call and the results before it, and before all else of that turn. */
  private resultsEnd = 0;
  /** Images and documents of tool results, which only a user's message can hold. */
  private attachments: UserPart[] = [];

  add(message: Message): void {
    switch (message.role) {
      case 'system':
      case 'developer':
        this.out.push({ role: 'system', content: joinedTexts(message.parts), name: message.name });
        break;
      case 'user':
        this.out.push(userMessage([...this.takeAttachments(), ...message.parts], message.name));
        break;
      case 'assistant':
        this.flushAttachments();
        this.out.push(assistantMessage(message.parts, message.name));
        this.resultsEnd = this.out.length;
        break;
      case 'tool':
        for (const result of message.results) this.addResult(result);
        break;
      default:
        message satisfies never;
    }
  }

  finish(): WireMessage[] {
    this.flushAttachments();
    return this.out;
  }

  private addResult({ callId, parts, isError }: ToolResult): void {
    const id = toWireCallId(callId);
    const texts = parts.filter((part) => part.kind === 'text');
    const others = parts.filter((part) => part.kind !== 'text');
    const text = joinedTexts(texts);
    const content = isError ? `Error: ${text}` : text;
    this.out.splice(this.resultsEnd, 0, { role: 'tool', tool_call_id: id, content });
    this.resultsEnd++;
    if (others.length > 0) this.attachments.push({ kind: 'text', text: `Result of the tool call ${id}:` }, ...others);
  }

  private takeAttachments(): UserPart[] {
    const { attachments } = this;
    this.attachments = [];
    return attachments;
  }

  private flushAttachments(): void {
    if (this.attachments.length > 0) this.out.push(userMessage(this.takeAttachments(), undefined));
  }
}

function userMessage(parts: readonly UserPart[], name: string | undefined): WireMessage {
  const isText = parts.every((part) => part.kind === 'text');
  return { role: 'user', content: isText ? joinedTexts(parts) : parts.map(encodeUserPart), name };
}

function assistantMessage(parts: readonly AssistantPart[], name: string | undefined): WireMessage {
  // What OpenAI encrypted is named as left out, and so is its summary: its own Chat Completions take neither back.
  const thoughts = parts.filter((part) => part.kind === 'reasoning').filter(({ proof }) => proof?.maker !== 'openai');
  const calls = parts.filter((part) => part.kind === 'tool_call');
  // An answer is one text to who reads it, in however many pieces it came.
  const text = joined(parts, 'text');
  const refusal = joined(parts, 'refusal');
  const thought = thoughts
    .map((part) => part.text)
    .filter((one) => one !== '')
    .join('\n');
  const isSilent = text === '' && (calls.length > 0 || refusal !== '');
  return {
    role: 'assistant',
    content: isSilent ? null : text,
    refusal: refusal === '' ? undefined : refusal,
    reasoning_content: thought === '' ? undefined : thought,
    reasoning_details: thoughts.some((part) => part.proof?.maker === 'anthropic') ? thoughts.flatMap(toProviderDetails) : undefined,
    tool_calls: calls.length > 0 ? calls.map(encodeToolCall) : undefined,
    name,
  };
}

function joined(parts: readonly AssistantPart[], kind: 'text' | 'refusal'): string {
  let text = '';
  for (const part of parts) if (part.kind === kind) text += part.text;
  return text;
}

function encodeToolCall(call: ToolCall): object {
  const id = toWireCallId(call.id);
  if (call.isCustom) return { id, type: 'custom', custom: { name: call.name, input: call.arguments } };
  return { id, type: 'function', function: { name: call.name, arguments: call.arguments } };
}
