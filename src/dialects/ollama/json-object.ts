/**
 * Tool arguments as the object that Ollama takes. No text at all means none were needed; what is no JSON object, for a model
 * may break off in the middle, is kept whole as `{"raw": text}`.
 */
export function toArguments(text: string): Record<string, unknown> {
  if (text.trim() === '') return {};
  try {
    const parsed: unknown = JSON.parse(text);
    if (isObject(parsed)) return parsed;
  } catch {
    // Kept below: whatever is no object is the same.
  }
  return { raw: text };
}

/** The opposite: the object, or the text that some servers send instead, as text; `undefined` if it is neither. */
export function toArgumentsText(wire: unknown): string | undefined {
  if (wire == null) return '{}';
  if (typeof wire === 'string') return wire.trim() === '' ? '{}' : wire;
  if (!isObject(wire)) return undefined;
  try {
    return JSON.stringify(wire);
  } catch {
    // Nested so deep that it can be read but not written.
    return undefined;
  }
}

/** An object that is no list. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
