import type { AssistantPart, Message, TextPart, ToolResult, UserPart } from '../../core/conversation.js';
import type { FeatureUse } from '../../core/features.js';
import { toMediaType } from './image-type.js';
import type { OllamaMessage } from './ollama.wire.js';

/** A call that no result has answered yet. */
interface OpenCall {
  readonly id: string;
  readonly name: string;
}

/** Reads the messages of one request. Calls and results that come without ids get some, by the order in which they stand. */
export class MessageReader {
  private open: OpenCall[] = [];
  private madeIds = 0;

  constructor(private readonly uses: FeatureUse) {}

  read(wire: readonly OllamaMessage[]): Message[] {
    const messages: Message[] = [];
    let results: ToolResult[] | undefined;
    wire.forEach((message, index) => {
      const field = `messages[${index}]`;
      if (message.role !== 'tool') {
        results = undefined;
        messages.push(this.readMessage(message, field));
        return;
      }
      const result = this.readResult(message, field);
      if (results) results.push(result);
      else messages.push({ role: 'tool', results: (results = [result]) });
    });
    return messages;
  }

  private readMessage(message: OllamaMessage, field: string): Message {
    switch (message.role) {
      case 'assistant':
        return { role: 'assistant', parts: this.readAssistant(message, field) };
      case 'system':
        return { role: 'system', parts: textParts(message.content) };
      default:
        return { role: 'user', parts: this.readContent(message, field) };
    }
  }

  private readContent({ content, images = [] }: OllamaMessage, field: string): UserPart[] {
    images.forEach((_, index) => this.uses.note('image.base64', `${field}.images[${index}]`));
    return [...images.map(toImage), ...textParts(content)];
  }

  private readAssistant({ content, thinking = '', tool_calls = [] }: OllamaMessage, field: string): AssistantPart[] {
    if (thinking !== '') this.uses.note('reasoning.history', `${field}.thinking`);
    const calls = tool_calls.map(({ id, function: { name, arguments: members = {} } }) => ({
      kind: 'tool_call' as const,
      id: id ?? this.makeId(),
      name,
      arguments: JSON.stringify(members),
    }));
    this.open = calls.map(({ id, name }) => ({ id, name }));
    return [...(thinking === '' ? [] : [{ kind: 'reasoning' as const, text: thinking }]), ...textParts(content), ...calls];
  }

  private readResult(message: OllamaMessage, field: string): ToolResult {
    if (message.images?.length) this.uses.note('tool_result.image', `${field}.images`);
    return { callId: this.answeredId(message), parts: this.readContent(message, field) };
  }

  /** Without an id a result answers the first open call of its tool; without a tool, too, the first open call. */
  private answeredId({ tool_call_id: id, tool_name: name }: OllamaMessage): string {
    const answered = this.open.findIndex((call) => (id === undefined ? name === undefined || call.name === name : call.id === id));
    const [call] = answered < 0 ? [] : this.open.splice(answered, 1);
    return id ?? call?.id ?? this.makeId();
  }

  private makeId(): string {
    return `call_${this.madeIds++}`;
  }
}

function textParts(text = ''): TextPart[] {
  return text === '' ? [] : [{ kind: 'text', text }];
}

function toImage(data: string): UserPart {
  return { kind: 'image', source: { kind: 'base64', mediaType: toMediaType(data), data } };
}
