import { isObject, listOf } from './wire-values.js';

/** Tokens that a chat format adds around each message, as OpenAI documents for its own models. */
const TOKENS_PER_ITEM = 3;
/** Bytes of images and files, and words that are form and not text. */
const NOT_TEXT = new Set(
  'image_url file_data file_url file_id input_audio encrypted_content detail type role status phase id call_id'.split(' '),
);

/** The text of a Responses body that a model reads, and what its form adds: for our own count of a prompt. */
export function promptOf(body: unknown): { texts: string[]; extraTokens: number } {
  const { instructions, input, tools } = isObject(body) ? body : {};
  const texts = [...textsOf(instructions), ...textsOf(input)];
  if (listOf(tools).length > 0) texts.push(JSON.stringify(tools));
  const items = typeof input === 'string' ? 1 : listOf(input).length;
  return { texts, extraTokens: (items + 1) * TOKENS_PER_ITEM };
}

function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => (NOT_TEXT.has(name) ? [] : textsOf(inner)));
}
