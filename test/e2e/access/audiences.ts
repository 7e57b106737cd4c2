/** Who may call a route, as the tests know it: written down apart from the code, so that a route cannot open by itself. */
export type Audience = 'open' | 'key' | 'model' | 'viewer' | 'metrics';

interface DeclaredRoute {
  readonly method: 'GET' | 'POST';
  /** Without the prefix where there is one. */
  readonly path: string;
  readonly audience: Audience;
  /** Also answers under /api. */
  readonly versioned?: true;
}

/** Every route of the gateway. What is registered and not here, or here and not registered, fails the walk. */
const DECLARED: readonly DeclaredRoute[] = [
  { method: 'POST', path: '/v1/chat/completions', audience: 'model', versioned: true },
  { method: 'POST', path: '/v1/chat/stream', audience: 'model', versioned: true },
  { method: 'POST', path: '/v1/responses', audience: 'model', versioned: true },
  { method: 'POST', path: '/v1/messages', audience: 'model', versioned: true },
  { method: 'POST', path: '/v1/messages/count_tokens', audience: 'model', versioned: true },
  { method: 'POST', path: '/v1/embeddings', audience: 'model', versioned: true },
  { method: 'GET', path: '/v1/models', audience: 'key', versioned: true },
  { method: 'GET', path: '/v1/models/*', audience: 'key', versioned: true },
  { method: 'GET', path: '/v1/usage/stats', audience: 'key', versioned: true },
  { method: 'GET', path: '/v1/health', audience: 'open', versioned: true },
  { method: 'GET', path: '/health', audience: 'open' },
  { method: 'GET', path: '/health/live', audience: 'open' },
  { method: 'GET', path: '/health/ready', audience: 'open' },
  { method: 'GET', path: '/health/startup', audience: 'open' },
  { method: 'GET', path: '/metrics', audience: 'metrics' },
  { method: 'GET', path: '/v1/admin/summary', audience: 'viewer', versioned: true },
  { method: 'GET', path: '/admin/summary', audience: 'viewer' },
  { method: 'GET', path: '/openapi.json', audience: 'open' },
  { method: 'GET', path: '/openapi.yaml', audience: 'open' },
];

/** Swagger UI brings a page and its assets, under paths of its own choice. */
export const DOCS = /^\/docs(\/|$)/;

export interface Route {
  readonly method: string;
  readonly path: string;
}

export const ROUTES: readonly (Route & { readonly audience: Audience })[] = DECLARED.flatMap(({ method, path, audience, versioned }) =>
  (versioned ? [path, `/api${path}`] : [path]).map((each) => ({ method, path: each, audience })),
);
