/** Tokens that a chat format adds around each message, as OpenAI documents for its own models. */
export const TOKENS_PER_MESSAGE = 3;

/** The text of a Chat Completions body that a model reads, and what its form adds: for our own count of a prompt. */
export function promptOf(body: unknown): { texts: string[]; extraTokens: number } {
  const { messages = [], tools, functions } = (body ?? {}) as { messages?: unknown[]; tools?: unknown; functions?: unknown };
  const texts = messages.flatMap((message) => textsOf(message));
  for (const declared of [tools, functions]) if (declared != null) texts.push(JSON.stringify(declared));
  return { texts, extraTokens: (messages.length + 1) * TOKENS_PER_MESSAGE };
}

/** The strings of a message; bytes of images, audio and files are no text, and neither are proofs of thoughts. */
function textsOf(value: unknown, key = ''): string[] {
  if (typeof value === 'string') return NOT_TEXT.has(key) ? [] : [value];
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((inner) => textsOf(inner, key));
  return Object.entries(value).flatMap(([name, inner]) => (NOT_TEXT.has(name) || isRepeated(name, value) ? [] : textsOf(inner, name)));
}

/** OpenRouter's details of a thought stand beside its text and say it again. */
function isRepeated(name: string, message: Partial<Record<string, unknown>>): boolean {
  return name === 'reasoning_details' && Boolean(message['reasoning_content'] || message['reasoning']);
}

const NOT_TEXT = new Set([
  'image_url',
  'input_audio',
  'file',
  'type',
  'role',
  'id',
  'tool_call_id',
  'signature',
  'data',
  'format',
  'annotations',
  'cache_control',
  'prompt_cache_breakpoint',
]);
