/** Tokens that a chat format adds around each message; Anthropic publishes no figure of its own. */
const TOKENS_PER_MESSAGE = 3;

/** Members that no model reads as text: bytes, addresses, ids, and what says how the others are to be read. */
const NOT_TEXT = new Set(['type', 'role', 'id', 'tool_use_id', 'media_type', 'file_id', 'url', 'signature', 'cache_control']);
const BYTES = new Set(['base64', 'redacted_thinking']);

/** The text of a Messages body that a model reads, and what its form adds: for our own count of a prompt. */
export function promptOf(body: unknown): { texts: string[]; extraTokens: number } {
  const { system, messages = [], tools } = (body ?? {}) as { system?: unknown; messages?: unknown[]; tools?: unknown };
  const texts = [...textsOf(system), ...messages.flatMap(textsOf)];
  if (tools !== undefined && tools !== null) texts.push(JSON.stringify(tools));
  return { texts, extraTokens: (messages.length + 1) * TOKENS_PER_MESSAGE };
}

function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(textsOf);
  const { type, input } = value as { type?: unknown; input?: unknown };
  if (BYTES.has(String(type))) return [];
  const rest = Object.entries(value).filter(([name]) => !NOT_TEXT.has(name) && name !== 'input');
  // Arguments are read as the JSON that they are, keys and all.
  return [...rest.flatMap(([, inner]) => textsOf(inner)), ...(input === undefined ? [] : [JSON.stringify(input)])];
}
