/** The smallest value that a JSON schema accepts, as far as its usual words go. */
export function exampleOf(schema: unknown): unknown {
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
