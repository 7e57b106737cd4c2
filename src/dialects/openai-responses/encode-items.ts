import type {
  AssistantPart,
  DocumentPart,
  ImagePart,
  Message,
  ReasoningPart,
  Source,
  TextPart,
  ToolCall,
  ToolResult,
  UserPart,
} from '../../core/conversation.js';

type Item = Record<string, unknown>;

/** Writes messages as input items: a turn of the model as one item for each thing that it said, a tool message as one item for each result. */
export function encodeMessages(messages: readonly Message[]): Item[] {
  return messages.flatMap((message): Item[] => {
    switch (message.role) {
      case 'assistant':
        return encodeAssistant(message.parts);
      case 'tool':
        return message.results.map(encodeResult);
      case 'user':
      case 'system':
      case 'developer':
        return [{ type: 'message', role: message.role, content: encodeContent(message.parts) }];
      default:
        return message satisfies never;
    }
  });
}

/** One text is a string, which every server understands. */
function encodeContent(parts: readonly UserPart[]): string | Item[] {
  return parts.length === 1 && parts[0]!.kind === 'text' ? parts[0]!.text : parts.map(encodeUserPart);
}

function encodeUserPart(part: UserPart): Item {
  switch (part.kind) {
    case 'text':
      return { type: 'input_text', text: part.text };
    case 'image':
      return encodeImage(part);
    case 'document':
      return encodeDocument(part);
    case 'audio':
      return { type: 'input_audio', input_audio: { data: part.data, format: part.format } };
    default:
      return part satisfies never;
  }
}

function encodeImage({ source, detail = 'auto' }: ImagePart): Item {
  return { type: 'input_image', ...(source.kind === 'file' ? { file_id: source.id } : { image_url: addressOf(source) }), detail };
}

function encodeDocument({ source, title }: DocumentPart): Item {
  switch (source.kind) {
    case 'text':
      return { type: 'input_text', text: title === undefined ? source.text : `${title}\n\n${source.text}` };
    case 'base64':
      return { type: 'input_file', filename: title ?? fileName(source.mediaType), file_data: addressOf(source) };
    case 'url':
      return { type: 'input_file', file_url: source.url };
    case 'file':
      return { type: 'input_file', file_id: source.id };
    default:
      return source satisfies never;
  }
}

/** Bytes in the body are refused without a name; its ending tells how to read them. */
function fileName(mediaType: string): string {
  return `document.${/^[a-z]+\/([a-z0-9]+)$/.exec(mediaType)?.[1]?.replace('plain', 'txt') ?? 'bin'}`;
}

function addressOf(source: Exclude<Source, { kind: 'file' }>): string {
  return source.kind === 'url' ? source.url : `data:${source.mediaType};base64,${source.data}`;
}

function encodeAssistant(parts: readonly AssistantPart[]): Item[] {
  const items: Item[] = [];
  let spoken: SpokenPart[] = [];
  const close = (): void => {
    if (spoken.length > 0) items.push({ type: 'message', role: 'assistant', content: encodeSpoken(spoken) });
    spoken = [];
  };
  for (const part of parts) {
    if (part.kind === 'text' || part.kind === 'refusal') spoken.push(part);
    else {
      close();
      items.push(...(part.kind === 'tool_call' ? [encodeCall(part)] : encodeReasoning(part)));
    }
  }
  close();
  return items;
}

type SpokenPart = TextPart | Extract<AssistantPart, { kind: 'refusal' }>;

function encodeSpoken(parts: readonly SpokenPart[]): string | Item[] {
  if (parts.length === 1 && parts[0]!.kind === 'text') return parts[0]!.text;
  return parts.map((part) =>
    part.kind === 'text' ? { type: 'output_text', text: part.text, annotations: [] } : { type: 'refusal', refusal: part.text },
  );
}

function encodeCall({ id, name, arguments: text, isCustom }: ToolCall): Item {
  if (isCustom) return { type: 'custom_tool_call', call_id: id, name, input: text };
  return { type: 'function_call', call_id: id, name, arguments: text };
}

/** A thought without OpenAI's own proof is refused, so only those with one are sent back. */
function encodeReasoning({ text, proof }: ReasoningPart): Item[] {
  if (proof?.maker !== 'openai') return [];
  const summary = text === '' ? [] : [{ type: 'summary_text', text }];
  return [{ type: 'reasoning', ...(proof.id === undefined ? {} : { id: proof.id }), summary, encrypted_content: proof.value }];
}

/** There is no mark for an error, so its text says that it is one. */
const ERROR_PREFIX = 'Error: ';

function encodeResult({ callId, parts, isError, isCustom }: ToolResult): Item {
  const type = isCustom ? 'custom_tool_call_output' : 'function_call_output';
  const said: readonly UserPart[] = isError ? asError(parts) : parts;
  return { type, call_id: callId, output: said.length === 0 ? '' : encodeContent(said) };
}

function asError(parts: readonly UserPart[]): UserPart[] {
  const [first, ...rest] = parts;
  if (first?.kind === 'text') return [{ kind: 'text', text: ERROR_PREFIX + first.text }, ...rest];
  return [{ kind: 'text', text: ERROR_PREFIX.trimEnd() }, ...parts];
}
