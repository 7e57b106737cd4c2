/** What the routes of the gateway are for, as a key's `routes` names it. */
export const SURFACES = ['chat', 'responses', 'messages', 'embeddings', 'generate', 'models', 'usage', 'metrics', 'admin'] as const;

export type Surface = (typeof SURFACES)[number];

/** By the first segment of a path after `/v1`. */
const BY_SEGMENT: ReadonlyMap<string, Surface> = new Map<string, Surface>([
  ['chat', 'chat'],
  ['responses', 'responses'],
  ['messages', 'messages'],
  ['embeddings', 'embeddings'],
  ['generate', 'generate'],
  ['models', 'models'],
  ['providers', 'models'],
  ['status', 'models'],
  ['usage', 'usage'],
  ['requests', 'usage'],
  ['rate-limit', 'usage'],
  ['budget', 'usage'],
  ['metrics', 'metrics'],
  ['metrics.json', 'metrics'],
  ['admin', 'admin'],
  ['cache', 'admin'],
]);

const FIRST_SEGMENT = /^\/(?:(?:api\/)?v1\/)?([^/]+)/;

/** undefined = a route that no key with `routes` may call. */
export function surfaceOf(path: string): Surface | undefined {
  return BY_SEGMENT.get(FIRST_SEGMENT.exec(path)?.[1] ?? '');
}
