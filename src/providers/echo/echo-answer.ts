import type { Conversation, Message, Tool, ToolCall } from '../../core/conversation.js';
import { exampleOf } from './example-of.js';

/** What the pretend model says; a word is a token. */
export interface EchoAnswer {
  readonly text: string;
  readonly toolCall: ToolCall | undefined;
  readonly finish: 'stop' | 'stop_sequence' | 'length' | 'tool_calls';
  readonly stopSequence: string | undefined;
  readonly completionTokens: number;
}

/**
 * The same request always gets the same answer. The model repeats the last message, calls the first tool it is offered with
 * arguments that fit its schema, and fills in a JSON schema; it stops where it is told.
 */
export function echoAnswer(conversation: Conversation): EchoAnswer {
  const last = conversation.messages.at(-1);
  const tool = last?.role === 'user' ? findTool(conversation) : undefined;
  if (tool) return calling(tool, conversation);
  const { text, stopSequence } = cutAtStop(sayingOf(conversation, last ? textOf(last) : ''), conversation.settings.stop);
  const words = wordsOf(text);
  const said = words.slice(0, conversation.settings.maxTokens ?? Infinity);
  const isCut = said.length < words.length;
  return {
    text: said.join(''),
    toolCall: undefined,
    finish: isCut ? 'length' : stopSequence === undefined ? 'stop' : 'stop_sequence',
    stopSequence: isCut ? undefined : stopSequence,
    completionTokens: said.length,
  };
}

/** The words of a conversation, and three tokens a message for what stands around them. */
export function promptTokensOf({ messages }: Conversation): number {
  return messages.reduce((sum, message) => sum + wordsOf(textOf(message)).length + 3, 0);
}

/** A text cut into words, each with the space before it: joined again they are the text. */
export function wordsOf(text: string): string[] {
  return text.match(/\s*\S+|\s+$/g) ?? [];
}

function calling(tool: Tool, { messages }: Conversation): EchoAnswer {
  // Each call of a conversation has an id of its own.
  const before = messages.flatMap((message) =>
    message.role === 'assistant' ? message.parts.filter(({ kind }) => kind === 'tool_call') : [],
  );
  const toolCall: ToolCall = {
    kind: 'tool_call',
    id: `call_echo_${before.length + 1}`,
    name: tool.name,
    arguments: tool.isCustom ? 'echo' : JSON.stringify(exampleOf(tool.parameters)),
    ...(tool.isCustom && { isCustom: true }),
  };
  const completionTokens = wordsOf(toolCall.arguments).length + 1;
  return { text: '', toolCall, finish: 'tool_calls', stopSequence: undefined, completionTokens };
}

function findTool({ tools, toolChoice }: Conversation): Tool | undefined {
  switch (toolChoice?.kind) {
    case 'none':
      return undefined;
    case 'named':
      return tools.find(({ name }) => name === toolChoice.name) ?? tools[0];
    case 'allowed':
      return tools.find(({ name }) => toolChoice.names.includes(name));
    default:
      return tools[0];
  }
}

function sayingOf({ output }: Conversation, text: string): string {
  if (output?.kind === 'schema') return JSON.stringify(exampleOf(output.schema));
  if (output?.kind === 'json') return JSON.stringify({ echo: text });
  return text === '' ? 'Say something, and I will say it again.' : text;
}

function cutAtStop(text: string, stop: readonly string[] = []): { text: string; stopSequence?: string } {
  let cut: { text: string; stopSequence?: string } = { text };
  for (const sequence of stop) {
    const at = cut.text.indexOf(sequence);
    if (sequence !== '' && at >= 0) cut = { text: cut.text.slice(0, at), stopSequence: sequence };
  }
  return cut;
}

function textOf(message: Message): string {
  const parts = message.role === 'tool' ? message.results.flatMap((result) => result.parts) : message.parts;
  return parts.map((part) => (part.kind === 'text' ? part.text : '')).join('');
}
