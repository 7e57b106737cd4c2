import { describe, expect, it } from '@jest/globals';
import { ADMIN_KEY, METRICS_TOKEN } from '../../support/gateway.js';
import { answers, refuses } from '../../support/upstream/behaviours.js';
import { completion } from '../../support/upstream/openai-answers.js';
import { ROUTES } from '../access/audiences.js';
import { CALL_HEADERS, MESSAGES, MODEL, Stage } from '../stage.js';

interface Operation {
  readonly requestBody?: {
    readonly content: Record<
      string,
      { readonly schema?: object; readonly example?: object; readonly examples?: Record<string, { value: object }> }
    >;
  };
  readonly responses: Record<string, unknown>;
  readonly security?: readonly object[];
}
interface OpenApi {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Operation>>;
}

/** Other names of documented routes, and the documents themselves. */
const ALIAS = /^\/(api\/|admin\/|providers$|openapi)/;

/** As OpenAPI writes paths. */
const documented = ROUTES.filter(({ path }) => !ALIAS.test(path)).map((route) => ({
  ...route,
  path: route.path.replace('*', '{id}').replace(/:(\w+)/g, '{$1}'),
}));

describe('the documents', () => {
  const stage = Stage.set();

  async function openApi(): Promise<OpenApi> {
    const answer = await stage.raw({ path: '/openapi.json' });
    expect(answer.status).toBe(200);
    return JSON.parse(answer.body.toString()) as OpenApi;
  }

  it('show the page of /docs with its assets', async () => {
    const page = await stage.raw({ path: '/docs' });

    expect(page.status).toBe(200);
    expect(page.headers['content-type']).toMatch(/^text\/html/);
    const script = /src="\.?\/?((?:docs\/)?[^"]*swagger-ui-bundle\.js)"/.exec(page.body.toString())?.[1];
    expect(script).toBeDefined();
    const asset = await stage.raw({ path: `/${script!.startsWith('docs/') ? script : `docs/${script}`}` });
    expect(asset.status).toBe(200);
  });

  it.each(documented)('describe $method $path, with its answers and its errors', async ({ method, path, audience, bodyless }) => {
    const { openapi, paths } = await openApi();

    const operation = paths[path]?.[method.toLowerCase()];
    expect(openapi).toMatch(/^3\./);
    expect(operation).toBeDefined();
    expect(Object.keys(operation!.responses)).toEqual(expect.arrayContaining(audience === 'open' ? ['200'] : ['200', '401']));
    expect(operation!.requestBody?.content['application/json']?.schema !== undefined).toBe(
      (method === 'POST' && !bodyless) || method === 'PATCH',
    );
  });

  it('give an example of a model call that works when pasted', async () => {
    const { paths } = await openApi();
    const content = paths['/v1/chat/completions']?.['post']?.requestBody?.content['application/json'];
    const example = content?.example ?? Object.values(content?.examples ?? {})[0]?.value;
    stage.upstream.always(answers(completion()));

    const answer = await stage.call({ ...example, model: MODEL });

    expect(example).toMatchObject({ model: expect.any(String), messages: expect.any(Array) });
    expect(answer.status).toBe(200);
  });
});

describe('the metrics', () => {
  const stage = Stage.set({ config: { retry: { maxAttempts: 1 } } });

  async function metrics(path: string, key: string, headers: Record<string, string> = {}): Promise<string> {
    const answer = await stage.raw({ path, headers: { authorization: `Bearer ${key}`, ...headers } });
    expect(answer.status).toBe(200);
    return answer.body.toString();
  }

  it('count calls, tokens and failures, for the metrics token and for an administrator', async () => {
    stage.upstream.next(answers(completion()), answers(completion()), refuses(500));
    for (let count = 0; count < 3; count += 1) await stage.call({ model: MODEL, messages: MESSAGES });

    const text = await metrics('/metrics', METRICS_TOKEN);

    expect(text).toMatch(/^# TYPE tollgate_\w+ counter$/m);
    expect(text).toMatch(/^tollgate_\w*requests\w*\{[^}]*provider="scripted"[^}]*\} 2$/m);
    expect(text).toMatch(/upstream_unavailable/);
    expect(await metrics('/metrics', ADMIN_KEY)).toMatch(/tollgate_/);
  });

  it('carry no label that names a customer or a prompt', async () => {
    stage.upstream.next(answers(completion()));
    await stage.call({ model: MODEL, messages: MESSAGES, user: 'alice-the-customer' }, CALL_HEADERS);

    expect(await metrics('/metrics', ADMIN_KEY)).not.toMatch(/alice|client-key|Say hello/);
  });
});
