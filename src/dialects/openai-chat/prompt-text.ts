/** Tokens that a chat format adds around each message, as OpenAI documents for its own models. */
export const TOKENS_PER_MESSAGE = 3;

/** The text of a Chat Completions body that a model reads, and what its form adds: for our own count of a prompt. */
export function promptOf(body: unknown): { texts: string[]; extraTokens: number } {
  const { messages = [], tools } = (body ?? {}) as { messages?: unknown[]; tools?: unknown };
  const texts = messages.flatMap((message) => textsOf(message));
  if (tools !== undefined && tools !== null) texts.push(JSON.stringify(tools));
  return { texts, extraTokens: (messages.length + 1) * TOKENS_PER_MESSAGE };
}

/** The strings of a message; bytes of images, audio and files are no text. */
function textsOf(value: unknown, key = ''): string[] {
  if (typeof value === 'string') return NOT_TEXT.has(key) ? [] : [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => (NOT_TEXT.has(name) ? [] : textsOf(inner, Array.isArray(value) ? key : name)));
}

const NOT_TEXT = new Set(['image_url', 'input_audio', 'file', 'type', 'role', 'id', 'tool_call_id']);
