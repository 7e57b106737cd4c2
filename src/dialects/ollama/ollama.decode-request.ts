import type { Conversation, OutputFormat, Tool } from '../../core/conversation.js';
import { FeatureUse } from '../../core/features.js';
import { MessageReader } from './message-reader.js';
import { readSettings } from './ollama.options.js';
import { readThink } from './ollama.think.js';
import type { OllamaChatRequest, OllamaTool } from './ollama.wire.js';

/** What a body of `/api/chat` says, and which features it uses. */
export function decodeRequest(body: unknown): Conversation {
  const request = body as OllamaChatRequest;
  const uses = new FeatureUse();
  for (const key of Object.keys(request)) {
    if (SIZING.has(key)) uses.note('truncation', key);
    else if (!KNOWN.has(key)) uses.note('unknown', key);
  }
  return {
    messages: new MessageReader(uses).read(request.messages ?? []),
    tools: (request.tools ?? []).flatMap((tool, index) => readTool(tool, `tools[${index}]`, uses)),
    toolChoice: undefined,
    parallelTools: undefined,
    output: readFormat(request.format, uses),
    reasoning: readThink(request.think, uses),
    settings: readSettings(request, uses),
    uses,
  };
}

const KNOWN = new Set(['model', 'messages', 'tools', 'format', 'options', 'stream', 'think', 'logprobs', 'top_logprobs']);
/** What becomes of a prompt that is too long. */
const SIZING = new Set(['truncate', 'shift']);

function readTool({ type, function: tool }: OllamaTool, field: string, uses: FeatureUse): Tool[] {
  if (type !== 'function') {
    uses.note('tools.hosted', field);
    return [];
  }
  const { name, description, parameters } = tool;
  return [{ name, ...(description !== undefined && { description }), ...(takesArguments(parameters) && { parameters }) }];
}

/** Ollama demands a schema even of a function that takes nothing. */
function takesArguments(schema: Tool['parameters']): boolean {
  if (schema === undefined) return false;
  const { type, properties, ...rest } = schema;
  return type !== 'object' || Object.keys(properties ?? {}).length > 0 || Object.keys(rest).length > 0;
}

function readFormat(format: unknown, uses: FeatureUse): OutputFormat | undefined {
  if (format === 'json') {
    uses.note('output.json', 'format');
    return { kind: 'json' };
  }
  if (typeof format !== 'object' || format === null) return undefined;
  uses.note('output.schema', 'format');
  return { kind: 'schema', schema: format as Record<string, unknown> };
}
