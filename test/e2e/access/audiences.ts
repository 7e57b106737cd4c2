/** Who may call a route, as the tests know it: written down apart from the code, so that a route cannot open by itself. */
export type Audience = 'open' | 'key' | 'model' | 'viewer' | 'admin' | 'metrics';

interface DeclaredRoute {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Without the prefix where there is one. */
  readonly path: string;
  readonly audience: Audience;
  /** Also answers under /api. */
  readonly versioned?: true;
  /** Takes no body, although it is a POST. */
  readonly bodyless?: true;
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
  { method: 'GET', path: '/v1/usage/:user_id', audience: 'key', versioned: true },
  { method: 'GET', path: '/v1/requests', audience: 'key', versioned: true },
  { method: 'GET', path: '/v1/requests/:request_id', audience: 'key', versioned: true },
  { method: 'GET', path: '/v1/rate-limit', audience: 'key', versioned: true },
  { method: 'GET', path: '/v1/rate-limit/:user_id', audience: 'key', versioned: true },
  { method: 'GET', path: '/v1/budget', audience: 'key', versioned: true },
  { method: 'GET', path: '/v1/health', audience: 'open', versioned: true },
  { method: 'GET', path: '/health', audience: 'open' },
  { method: 'GET', path: '/health/live', audience: 'open' },
  { method: 'GET', path: '/health/ready', audience: 'open' },
  { method: 'GET', path: '/health/startup', audience: 'open' },
  { method: 'GET', path: '/metrics', audience: 'metrics' },
  { method: 'GET', path: '/metrics.json', audience: 'metrics' },
  { method: 'GET', path: '/v1/providers', audience: 'key', versioned: true },
  { method: 'GET', path: '/providers', audience: 'key' },
  { method: 'GET', path: '/v1/admin/summary', audience: 'viewer', versioned: true },
  { method: 'GET', path: '/admin/summary', audience: 'viewer' },
  { method: 'GET', path: '/v1/admin/config', audience: 'viewer', versioned: true },
  { method: 'GET', path: '/admin/config', audience: 'viewer' },
  ...administrative([
    { method: 'GET', path: '/providers', audience: 'viewer' },
    { method: 'GET', path: '/providers/:name', audience: 'viewer' },
    { method: 'POST', path: '/providers/:name/test', audience: 'admin' },
    { method: 'POST', path: '/providers/:name/breaker', audience: 'admin' },
    { method: 'POST', path: '/providers/:name/breaker/reset', audience: 'admin' },
    { method: 'POST', path: '/providers/:name/enable', audience: 'admin', bodyless: true },
    { method: 'POST', path: '/providers/:name/disable', audience: 'admin', bodyless: true },
    { method: 'GET', path: '/keys', audience: 'viewer' },
    { method: 'POST', path: '/keys', audience: 'admin' },
    { method: 'GET', path: '/keys/:id', audience: 'viewer' },
    { method: 'PATCH', path: '/keys/:id', audience: 'admin' },
    { method: 'DELETE', path: '/keys/:id', audience: 'admin' },
    { method: 'POST', path: '/keys/:id/rotate', audience: 'admin' },
    { method: 'POST', path: '/keys/:id/revoke', audience: 'admin', bodyless: true },
    { method: 'GET', path: '/denied-tokens', audience: 'viewer' },
    { method: 'POST', path: '/denied-tokens', audience: 'admin' },
    { method: 'DELETE', path: '/denied-tokens/:id', audience: 'admin' },
    { method: 'GET', path: '/teams', audience: 'viewer' },
    { method: 'POST', path: '/teams', audience: 'admin' },
    { method: 'GET', path: '/teams/:id', audience: 'viewer' },
    { method: 'PATCH', path: '/teams/:id', audience: 'admin' },
    { method: 'DELETE', path: '/teams/:id', audience: 'admin' },
    { method: 'GET', path: '/users', audience: 'viewer' },
    { method: 'POST', path: '/users', audience: 'admin' },
    { method: 'GET', path: '/users/:id', audience: 'viewer' },
    { method: 'PATCH', path: '/users/:id', audience: 'admin' },
    { method: 'DELETE', path: '/users/:id', audience: 'admin' },
    { method: 'GET', path: '/budgets', audience: 'viewer' },
    { method: 'POST', path: '/budgets', audience: 'admin' },
    { method: 'GET', path: '/budgets/:id', audience: 'viewer' },
    { method: 'PATCH', path: '/budgets/:id', audience: 'admin' },
    { method: 'DELETE', path: '/budgets/:id', audience: 'admin' },
    { method: 'POST', path: '/budgets/:id/reset', audience: 'admin', bodyless: true },
    { method: 'GET', path: '/usage', audience: 'viewer' },
    { method: 'GET', path: '/requests', audience: 'viewer' },
    { method: 'GET', path: '/prices', audience: 'viewer' },
    { method: 'GET', path: '/prices/unpriced', audience: 'viewer' },
    { method: 'GET', path: '/prices/overrides', audience: 'viewer' },
    { method: 'POST', path: '/prices/overrides', audience: 'admin' },
    { method: 'DELETE', path: '/prices/overrides/:id', audience: 'admin' },
    { method: 'GET', path: '/alerts', audience: 'viewer' },
    { method: 'GET', path: '/alerts/deliveries', audience: 'viewer' },
    { method: 'POST', path: '/alerts/deliveries/:id/retry', audience: 'admin', bodyless: true },
    { method: 'GET', path: '/alerts/webhooks', audience: 'viewer' },
    { method: 'POST', path: '/alerts/webhooks', audience: 'admin' },
    { method: 'GET', path: '/alerts/webhooks/:id', audience: 'viewer' },
    { method: 'PATCH', path: '/alerts/webhooks/:id', audience: 'admin' },
    { method: 'DELETE', path: '/alerts/webhooks/:id', audience: 'admin' },
    { method: 'POST', path: '/alerts/webhooks/:id/test', audience: 'admin', bodyless: true },
  ]),
  { method: 'GET', path: '/openapi.json', audience: 'open' },
  { method: 'GET', path: '/openapi.yaml', audience: 'open' },
];

/** Swagger UI brings a page and its assets, under paths of its own choice. */
export const DOCS = /^\/docs(\/|$)/;

export interface Route {
  readonly method: string;
  readonly path: string;
}

export const ROUTES: readonly (Route & Pick<DeclaredRoute, 'audience' | 'bodyless'>)[] = DECLARED.flatMap(({ versioned, ...route }) =>
  (versioned ? [route.path, `/api${route.path}`] : [route.path]).map((path) => ({ ...route, path })),
);

/** The administration also answers under its old name. */
function administrative(routes: readonly DeclaredRoute[]): readonly DeclaredRoute[] {
  return routes.flatMap((route) => [
    { ...route, path: `/v1/admin${route.path}`, versioned: true as const },
    { ...route, path: `/admin${route.path}` },
  ]);
}
