export type JsonObject = Readonly<Record<string, unknown>>;

export function toObject(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}

/**
 * Is this item of the Responses API named by its `id` rather than said? Such are references (whose `type` may be left out), and
 * thoughts and pictures without what they hold: the provider looks those up.
 */
export function isReference(item: JsonObject): boolean {
  if (typeof item['id'] !== 'string') return false;
  switch (item['type']) {
    case 'item_reference':
      return true;
    case undefined:
    case null:
      return item['role'] == null;
    case 'reasoning':
      return !hasText(item['encrypted_content']);
    case 'image_generation_call':
      return !hasText(item['result']);
    default:
      return false;
  }
}

function hasText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}
