import type { ChatCompletionBody } from './openai-chat.schema.js';

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === 'string';
const isFlag: Check = (value) => typeof value === 'boolean';
const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 1;
const between =
  (least: number, most: number): Check =>
  (value) =>
    typeof value === 'number' && value >= least && value <= most;

/** The members of nearly every call. */
const MEMBERS: ReadonlyMap<string, Check> = new Map([
  ['model', (value: unknown) => typeof value === 'string' && value !== ''],
  ['messages', (value: unknown) => Array.isArray(value) && value.length > 0 && value.every(isTextMessage)],
  ['stream', isFlag],
  ['temperature', between(0, 2)],
  ['top_p', between(0, 1)],
  ['max_tokens', isCount],
  ['max_completion_tokens', isCount],
  ['user', isText],
]);

const ROLES: ReadonlySet<unknown> = new Set(['system', 'developer', 'user', 'assistant']);

/**
 * Is this one of the bodies that nearly every call sends: texts, and few settings? Whatever it says yes to, the schema accepts as
 * it is (a property test holds it to that); the schema would build a copy of the whole body to find that out, at 4 µs a call.
 * A no says nothing.
 */
export function isUsualBody(body: unknown): body is ChatCompletionBody {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return false;
  let known = 0;
  for (const key in body) {
    const check = MEMBERS.get(key);
    if (!check?.((body as Record<string, unknown>)[key])) return false;
    if (key === 'model' || key === 'messages') known++;
  }
  return known === 2;
}

function isTextMessage(message: unknown): boolean {
  if (typeof message !== 'object' || message === null) return false;
  const { role, content } = message as { role?: unknown; content?: unknown };
  if (typeof content !== 'string' || !ROLES.has(role)) return false;
  for (const key in message) if (key !== 'role' && key !== 'content') return false;
  return true;
}
