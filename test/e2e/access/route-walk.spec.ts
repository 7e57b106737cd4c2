import { beforeAll, describe, expect, it } from '@jest/globals';
import { KeysService } from '../../../src/keys/index.js';
import { surfaceOf } from '../../../src/keys/surfaces.js';
import { RouteTable } from '../../../src/platform/index.js';
import { ADMIN_KEY, CLIENT_KEY, METRICS_TOKEN } from '../../support/gateway.js';
import type { RawAnswer } from '../../support/raw-client.js';
import { anthropicErrorOf } from '../anthropic-error.js';
import { Stage } from '../stage.js';
import { errorOf } from '../wire-error.js';
import { DOCS, ROUTES, type Audience, type Route } from './audiences.js';

const CALLERS = ['nobody', 'stranger', 'client', 'viewer', 'admin', 'metrics token'] as const;
type CallerName = (typeof CALLERS)[number];

const MAY: Record<Audience, readonly CallerName[]> = {
  open: CALLERS,
  key: ['client', 'viewer', 'admin'],
  model: ['client', 'admin'],
  viewer: ['viewer', 'admin'],
  admin: ['admin'],
  metrics: ['viewer', 'admin', 'metrics token'],
};

const KNOWN: readonly CallerName[] = ['client', 'viewer', 'admin'];

/** What Anthropic's types are called elsewhere. */
const CODES: Record<string, string> = { authentication_error: 'invalid_api_key', permission_error: 'forbidden' };

function verdictOf(answer: RawAnswer, { path }: Route): string | number | null {
  if (answer.status === 401 || answer.status === 403) {
    return path.includes('/messages') ? CODES[anthropicErrorOf(answer).type]! : errorOf(answer).code;
  }
  return answer.status === 405 || answer.status >= 500 ? answer.status : 'let in';
}

describe('every route', () => {
  const stage = Stage.set({ config: { http: { trustProxy: ['127.0.0.1'] } } });
  let requests = 0;
  const keys: Partial<Record<CallerName, string>> = {
    stranger: 'stranger-key-000000000000',
    client: CLIENT_KEY,
    admin: ADMIN_KEY,
    'metrics token': METRICS_TOKEN,
  };

  beforeAll(async () => {
    keys.viewer = (await stage.gateway.app.get(KeysService, { strict: false }).create({ name: 'watcher', role: 'viewer' })).key;
  });

  function ask({ method, path }: Route, caller: CallerName) {
    const key = keys[caller];
    // Each from an address of its own: so many wrong keys from one would be too many.
    requests += 1;
    const from = { 'x-forwarded-for': `10.0.${requests >> 8}.${requests & 255}` };
    const authorization: Record<string, string> = key === undefined ? from : { ...from, authorization: `Bearer ${key}` };
    const request = { method, path: path.replace('*', 'some/model').replace(/:\w+/g, 'some'), headers: authorization };
    return stage.raw(
      method === 'POST' || method === 'PATCH'
        ? { ...request, headers: { ...authorization, 'content-type': 'application/json' }, body: '{}' }
        : request,
    );
  }

  it('is written down with its audience', () => {
    const table = stage.gateway.app.get(RouteTable, { strict: false }).all();
    const registered = table.flatMap(({ url, methods }) => methods.map((method) => ({ method, path: url })));

    const served = registered.filter(({ method, path }) => !DOCS.test(path) && method !== 'HEAD' && method !== 'OPTIONS');
    const names = (routes: readonly Route[]): string[] => [...new Set(routes.map(({ method, path }) => `${method} ${path}`))].sort();
    expect(names(served)).toEqual(names(ROUTES));
  });

  it.each(ROUTES.filter(({ audience }) => audience !== 'open'))('belongs to what a key can be restricted to: $method $path', ({ path }) => {
    expect(surfaceOf(path)).toBeDefined();
  });

  describe.each(ROUTES)('$method $path ($audience)', (route) => {
    it.each(CALLERS)('answers %s as it should', async (caller) => {
      const answer = await ask(route, caller);

      expect(verdictOf(answer, route)).toBe(
        MAY[route.audience].includes(caller) ? 'let in' : KNOWN.includes(caller) ? 'forbidden' : 'invalid_api_key',
      );
      expect(stage.upstream.attempts).toHaveLength(0);
    });

    it('tells HEAD no more than its GET', async () => {
      const answer = await stage.raw({ method: 'HEAD', path: route.path.replace('*', 'some/model') });

      expect(route.audience === 'open' ? [200, 404, 405] : [401, 404, 405]).toContain(answer.status);
      expect(answer.body).toHaveLength(0);
    });
  });

  it('of the documentation is open, and nothing beside it', async () => {
    expect((await stage.raw({ path: '/docs' })).status).toBeLessThan(400);
    expect((await stage.raw({ path: '/docs/../v1/models' })).status).not.toBe(200);
    expect((await stage.raw({ path: '/docs/%2e%2e/%2e%2e/package.json' })).status).toBeGreaterThanOrEqual(400);
  });

  it('keeps out a key that was revoked', async () => {
    const service = stage.gateway.app.get(KeysService, { strict: false });
    const { key, record } = await service.create({ name: 'short-lived', role: 'client' });
    const headers = { authorization: `Bearer ${key}` };
    expect((await stage.raw({ path: '/v1/models', headers })).status).toBe(200);

    await service.revoke(record.publicId);

    expect((await stage.raw({ path: '/v1/models', headers })).status).toBe(401);
  });
});
