/** The parts of a Chat Completions request that the pretend model looks at. */
export interface EchoRequest {
  readonly model: string;
  readonly messages: readonly { readonly role: string; readonly content?: unknown }[];
  readonly n?: number | null;
  readonly max_tokens?: number | null;
  readonly max_completion_tokens?: number | null;
  readonly tools?: readonly { readonly function?: { readonly name: string; readonly parameters?: unknown } }[] | null;
  readonly tool_choice?: unknown;
  readonly response_format?: { readonly type: string; readonly json_schema?: { readonly schema?: unknown } } | null;
}

export interface EchoAnswer {
  readonly text: string | null;
  readonly toolCalls: readonly { readonly id: string; readonly name: string; readonly arguments: string }[];
  readonly finishReason: 'stop' | 'length' | 'tool_calls';
  readonly promptTokens: number;
  readonly completionTokens: number;
}

/**
 * What the pretend model says: the same request always gets the same answer. It repeats the last message, calls the first
 * tool it is offered with arguments that fit its schema, and fills in a JSON schema. A word is a token.
 */
export function echoAnswer(request: EchoRequest): EchoAnswer {
  const last = request.messages.at(-1);
  const promptTokens = request.messages.reduce((sum, message) => sum + wordsOf(textOf(message.content)).length + 3, 0);
  const tool = last?.role === 'user' ? toolToCall(request) : undefined;
  if (tool) {
    const call = { id: 'call_echo_1', name: tool.name, arguments: JSON.stringify(exampleOf(tool.parameters)) };
    const completionTokens = wordsOf(call.arguments).length + 1;
    return { text: null, toolCalls: [call], finishReason: 'tool_calls', promptTokens, completionTokens };
  }
  const words = wordsOf(sayingOf(request, textOf(last?.content)));
  const limit = request.max_completion_tokens ?? request.max_tokens ?? Infinity;
  const said = words.slice(0, limit);
  return {
    text: said.join(''),
    toolCalls: [],
    finishReason: said.length < words.length ? 'length' : 'stop',
    promptTokens,
    completionTokens: said.length,
  };
}

/** A text cut into words, each with the space before it: joined again they are the text. */
export function wordsOf(text: string): string[] {
  return text.match(/\s*\S+|\s+$/g) ?? [];
}

function sayingOf(request: EchoRequest, text: string): string {
  if (request.response_format?.type === 'json_schema') return JSON.stringify(exampleOf(request.response_format.json_schema?.schema));
  if (request.response_format?.type === 'json_object') return JSON.stringify({ echo: text });
  return text === '' ? 'Say something, and I will say it again.' : text;
}

function toolToCall(request: EchoRequest): { name: string; parameters?: unknown } | undefined {
  if (request.tool_choice === 'none') return undefined;
  const named = (request.tool_choice as { function?: { name?: string } } | undefined)?.function?.name;
  const functions = (request.tools ?? []).flatMap((tool) => (tool.function ? [tool.function] : []));
  return functions.find((one) => one.name === named) ?? functions[0];
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part: { text?: unknown }) => (typeof part.text === 'string' ? part.text : '')).join('');
}

/** The smallest value that a JSON schema accepts, as far as its usual words go. */
function exampleOf(schema: unknown): unknown {
  if (typeof schema !== 'object' || schema === null) return {};
  const { type, properties, items, enum: choices, const: only, anyOf } = schema as Record<string, unknown>;
  if (only !== undefined) return only;
  if (Array.isArray(choices)) return choices[0];
  if (Array.isArray(anyOf)) return exampleOf(anyOf[0]);
  switch (Array.isArray(type) ? type[0] : type) {
    case 'string':
      return 'echo';
    case 'integer':
    case 'number':
      return 1;
    case 'boolean':
      return true;
    case 'null':
      return null;
    case 'array':
      return items === undefined ? [] : [exampleOf(items)];
    default:
      return Object.fromEntries(Object.entries(properties ?? {}).map(([name, value]) => [name, exampleOf(value)]));
  }
}
