import type { Conversation, Message, OutputFormat, Tool, ToolCall, ToolResult, UserPart } from '../../core/conversation.js';
import type { UpstreamTerms } from '../dialect.js';
import { toOptions } from './ollama.options.js';
import { toThink } from './ollama.think.js';
import type { OllamaMessage, OllamaTool, OllamaToolCall } from './ollama.wire.js';
import { toArguments } from './json-object.js';
import { withoutAbsent } from './without-absent.js';

/** A conversation as the body of `/api/chat`. */
export function encodeRequest(conversation: Conversation, { model, stream }: UpstreamTerms): Record<string, unknown> {
  const { messages, tools, toolChoice, output, reasoning, settings } = conversation;
  const mayCall = tools.length > 0 && toolChoice?.kind !== 'none';
  return withoutAbsent({
    model,
    messages: toMessages(messages),
    tools: mayCall ? tools.map(toTool) : undefined,
    format: toFormat(output),
    options: toOptions(settings),
    think: toThink(reasoning),
    logprobs: settings.logprobs === undefined ? undefined : true,
    top_logprobs: settings.logprobs === 0 ? undefined : settings.logprobs,
    // Absent means true to Ollama.
    stream,
  });
}

function toMessages(messages: readonly Message[]): OllamaMessage[] {
  const toolNames = new Map<string, string>();
  return messages.flatMap((message) => {
    switch (message.role) {
      case 'system':
      case 'developer':
        return { role: 'system', content: textOf(message.parts) };
      case 'user':
        return { role: 'user', ...toContent(message.parts) };
      case 'assistant':
        return toAssistant(message, toolNames);
      case 'tool':
        return message.results.map((result) => toToolMessage(result, toolNames));
    }
  });
}

function toContent(parts: readonly UserPart[]): Pick<OllamaMessage, 'content' | 'images'> {
  const images = parts.flatMap((part) => (part.kind === 'image' && part.source.kind === 'base64' ? [part.source.data] : []));
  return { content: textOf(parts), ...(images.length > 0 && { images }) };
}

/** Parts are apart from each other: a line end keeps the last word of one from becoming the first of the next. */
function textOf(parts: readonly UserPart[]): string {
  const texts = parts.flatMap((part) => {
    if (part.kind === 'text') return [part.text];
    return part.kind === 'document' && part.source.kind === 'text' ? [part.source.text] : [];
  });
  return texts.join('\n');
}

function toAssistant({ parts }: Extract<Message, { role: 'assistant' }>, toolNames: Map<string, string>): OllamaMessage {
  const calls = parts.flatMap((part) => (part.kind === 'tool_call' ? [part] : []));
  for (const call of calls) toolNames.set(call.id, call.name);
  const thinking = parts.flatMap((part) => (part.kind === 'reasoning' && part.text !== '' ? [part.text] : [])).join('\n');
  return {
    role: 'assistant',
    // What a model says is one text, however it was cut into parts.
    content: parts.map((part) => (part.kind === 'text' || part.kind === 'refusal' ? part.text : '')).join(''),
    ...(thinking !== '' && { thinking }),
    ...(calls.length > 0 && { tool_calls: calls.map(toToolCall) }),
  };
}

function toToolCall({ id, name, arguments: text }: ToolCall): OllamaToolCall {
  return { id, function: { name, arguments: toArguments(text) } };
}

function toToolMessage({ callId, parts, isError }: ToolResult, toolNames: ReadonlyMap<string, string>): OllamaMessage {
  const { content, images } = toContent(parts);
  return {
    role: 'tool',
    content: isError ? `Error: ${content}` : content,
    ...(images && { images }),
    // The templates of most models know a result by its tool, not by the id.
    tool_name: toolNames.get(callId),
    tool_call_id: callId,
  };
}

function toTool({ name, description, parameters }: Tool): OllamaTool {
  const schema = { type: 'object', properties: {}, ...parameters };
  return { type: 'function', function: { name, ...(description !== undefined && { description }), parameters: schema } };
}

function toFormat(output: OutputFormat | undefined): unknown {
  return output?.kind === 'schema' ? output.schema : output?.kind;
}
