const ROLES = new Set(['system', 'developer', 'user', 'assistant']);

/** The fields that a usual body has, each with the test that the schema would put it to. */
const USUAL: Readonly<Record<string, (value: unknown) => boolean>> = {
  model: (value) => typeof value === 'string' && value !== '',
  messages: (value) => Array.isArray(value) && value.length > 0 && value.every(isUsualMessage),
  stream: (value) => typeof value === 'boolean',
  stream_options: (value) => isObject(value) && typeof value['include_usage'] === 'boolean',
  temperature: (value) => isBetween(value, 0, 2),
  top_p: (value) => isBetween(value, 0, 1),
  max_tokens: isCount,
  max_completion_tokens: isCount,
  user: (value) => typeof value === 'string',
};

/**
 * Is the body so usual that the schema need not look at it? It says yes only to what the schema accepts, and no to everything
 * it is not sure of: then the schema decides, and finds the words. Running the schema costs 15 µs of a call under load.
 */
export function isPlainlySound(body: unknown): boolean {
  if (!isObject(body) || !('model' in body) || !('messages' in body)) return false;
  for (const key of Object.keys(body)) {
    const test = Object.hasOwn(USUAL, key) ? USUAL[key] : undefined;
    if (!test?.(body[key])) return false;
  }
  return true;
}

function isUsualMessage(message: unknown): boolean {
  if (!isObject(message)) return false;
  let fields = 0;
  for (const _key in message) fields++;
  return fields === 2 && ROLES.has(message['role'] as string) && typeof message['content'] === 'string';
}

function isBetween(value: unknown, least: number, most: number): boolean {
  return typeof value === 'number' && value >= least && value <= most;
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 1;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
