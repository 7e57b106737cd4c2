import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApp } from '../../../src/app.js';
import { type ProviderDto, ProviderStates } from '../../../src/chat/index.js';
import { KeysService } from '../../../src/keys/index.js';
import { Audit } from '../../../src/platform/index.js';
import { Secret } from '../../../src/platform/config/secret.js';
import { testConfig, testProvider } from '../../support/config.js';
import { eventually } from '../../support/eventually.js';
import { ADMIN_KEY, PROVIDER_KEY, scriptedProvider } from '../../support/gateway.js';
import { modelOf } from '../../support/gateway/kinds.js';
import { inTime } from '../../support/in-time.js';
import type { RawAnswer } from '../../support/raw-client.js';
import { answers, refuses } from '../../support/upstream/behaviours.js';
import { plays } from '../../support/upstream/dialects.js';
import { completion } from '../../support/upstream/openai-answers.js';
import { MESSAGES, MODEL, Stage } from '../stage.js';
import { errorOf } from '../wire-error.js';

const BODY = { model: MODEL, messages: MESSAGES };

type Json = Record<string, unknown>;

/** What an administrator asks of the providers. */
function administrator(stage: Stage) {
  const ask = (method: string, path: string, body?: object, headers: Record<string, string> = {}): Promise<RawAnswer> =>
    stage.raw({
      method,
      path: `/v1/admin/providers${path}`,
      headers: { authorization: `Bearer ${ADMIN_KEY}`, ...(body && { 'content-type': 'application/json' }), ...headers },
      ...(body && { body: JSON.stringify(body) }),
    });
  const done = async (answer: Promise<RawAnswer>): Promise<Json> => {
    const { status, body } = await answer;
    expect([status, body.toString()]).toEqual([200, body.toString()]);
    return JSON.parse(body.toString()) as Json;
  };
  return {
    ask,
    get: (path = '') => done(ask('GET', path)),
    post: (path: string, body?: object, headers?: Record<string, string>) => done(ask('POST', path, body, headers)),
  };
}

describe('an administrator', () => {
  const stage = Stage.set({
    config: {
      retry: { maxAttempts: 1 },
      breaker: { consecutive: 2, minimumCalls: 100, windowMs: 60_000, openMs: 600_000 },
    },
  });
  const { ask, get, post } = administrator(stage);
  const call = async (): Promise<number> => (await stage.call(BODY)).status;

  it('sees the state of one provider', async () => {
    expect(await get('/scripted')).toMatchObject({
      name: 'scripted',
      enabled: true,
      disabled_by: null,
      total_requests: 0,
      error_counts: {},
      probe: null,
      breaker: { state: 'closed', forced: null, models: [] },
    });
  });

  it.each([
    ['GET', '/nobody'],
    ['POST', '/nobody/test'],
    ['POST', '/nobody/breaker/reset'],
    ['POST', '/nobody/enable'],
    ['POST', '/nobody/disable'],
  ])('is told which providers there are: %s %s', async (method, path) => {
    const answer = await ask(method, path);

    expect(answer.status).toBe(404);
    expect(errorOf(answer).message).toMatch(/`nobody`.*scripted/);
  });

  it('switches a provider off and on', async () => {
    stage.upstream.always(answers(completion()));
    expect(await post('/scripted/disable')).toMatchObject({ enabled: false, disabled_by: 'administrator', health: 'disabled' });
    expect(await call()).toBe(503);
    expect(stage.upstream.attempts).toHaveLength(0);
    const metrics = await stage.raw({ path: '/metrics', headers: { authorization: `Bearer ${ADMIN_KEY}` } });
    expect(metrics.body.toString()).toMatch(/^tollgate_provider_up\{provider="scripted"\} 0$/m);

    expect(await post('/scripted/enable')).toMatchObject({ enabled: true, disabled_by: null });
    expect(await call()).toBe(200);
  });

  it('holds a breaker open and lets go of it', async () => {
    stage.upstream.always(answers(completion()));
    expect(await post('/scripted/breaker', { state: 'open' })).toMatchObject({
      health: 'unhealthy',
      breaker: { state: 'open', forced: 'open' },
    });
    expect(await call()).toBe(503);
    expect(stage.upstream.attempts).toHaveLength(0);

    expect(await post('/scripted/breaker', { state: 'auto' })).toMatchObject({ breaker: { state: 'closed', forced: null, models: [] } });
    expect(await call()).toBe(200);
  });

  it('holds the breaker of one model closed, whatever happens', async () => {
    await post('/scripted/breaker', { state: 'closed', model: MODEL });
    stage.upstream.always(refuses(500));
    for (let count = 0; count < 4; count += 1) await call();

    expect(stage.upstream.attempts).toHaveLength(4);
    expect(await get('/scripted')).toMatchObject({
      breaker: { state: 'closed', forced: null, models: [{ model: MODEL, state: 'closed', forced: 'closed' }] },
    });
    await post('/scripted/breaker', { state: 'auto', model: MODEL });
  });

  it('resets a breaker that has opened', async () => {
    stage.upstream.always(refuses(500));
    for (let count = 0; count < 2; count += 1) await call();
    expect(await get('/scripted')).toMatchObject({ breaker: { state: 'open' } });

    stage.upstream.always(answers(completion()));
    expect(await post('/scripted/breaker/reset', { model: MODEL })).toMatchObject({ breaker: { state: 'closed' } });
    expect(await call()).toBe(200);
    expect(await post('/scripted/breaker/reset')).toMatchObject({ breaker: { state: 'closed' } });
  });

  it.each([
    ['/scripted/breaker', {}, 'state'],
    ['/scripted/breaker', { state: 'ajar' }, 'state'],
    ['/scripted/breaker', { state: 'open', model: 'nobodys' }, 'model'],
    ['/scripted/breaker', { state: 'open', models: [MODEL] }, 'models'],
    ['/scripted/breaker/reset', { model: 7 }, 'model'],
    ['/scripted/test', { model: '' }, 'model'],
    ['/scripted/test', { prompt: 'Hello' }, 'prompt'],
  ])('is told what is wrong, by its name: %s %j', async (path, body, param) => {
    const answer = await ask('POST', path, body);

    expect(answer.status).toBe(400);
    expect(errorOf(answer)).toMatchObject({ param, message: expect.stringContaining(`\`${param}\``) });
  });
});

describe('a test of a provider', () => {
  const stage = Stage.set({
    provider: { models: ['scripted*', MODEL] },
    config: {
      prices: [
        { model: MODEL, inputPicoUsd: 1_000_000n, outputPicoUsd: 2_000_000n, cacheReadPicoUsd: undefined, cacheWritePicoUsd: undefined },
      ],
      breaker: { consecutive: 1, minimumCalls: 100, windowMs: 60_000, openMs: 600_000 },
    },
  });
  const { ask, get, post } = administrator(stage);

  it('is one tiny call for real, with a row of its own and what it cost', async () => {
    stage.upstream.always(answers(completion({ content: 'ok', usage: { prompt_tokens: 10, completion_tokens: 1, total_tokens: 11 } })));

    const result = await post('/scripted/test', {}, { 'x-request-id': 'is-it-there' });

    expect(result).toEqual({
      ok: true,
      provider: 'scripted',
      model: MODEL,
      latency_ms: expect.any(Number),
      text: 'ok',
      error: null,
      cost_usd: 0.000012,
      request_id: 'is-it-there',
    });
    expect(stage.upstream.attempts).toHaveLength(1);
    const { model, max_tokens, messages, ...more } = stage.upstream.attempts[0]!.json;
    expect([model, max_tokens, messages, more]).toEqual([MODEL, 16, [{ role: 'user', content: 'Say ok.' }], {}]);
    expect(await stage.gateway.ledger.row('is-it-there')).toMatchObject({
      key_id: expect.stringContaining('admin'),
      provider: 'scripted',
      model: MODEL,
      status: 200,
      ending: 'complete',
      cost_nano_usd: '12000',
    });
    expect(await stage.gateway.logs.untilLinesOf('is-it-there')).toHaveLength(1);
  });

  it('asks for another model if it is told to', async () => {
    stage.upstream.always(answers(completion()));

    expect(await post('/scripted/test', { model: 'scripted-other' })).toMatchObject({ ok: true, model: 'scripted-other', cost_usd: null });
    expect(stage.upstream.attempts[0]!.json).toMatchObject({ model: 'scripted-other' });
  });

  it('says what went wrong, and tries no second time', async () => {
    stage.upstream.always(refuses(401, { message: `wrong key ${PROVIDER_KEY}` }));

    const result = await post('/scripted/test');

    expect(result).toMatchObject({ ok: false, text: null, error: { kind: 'upstream_unavailable', message: expect.any(String) } });
    expect(JSON.stringify(result)).not.toContain(PROVIDER_KEY);
    expect(stage.upstream.attempts).toHaveLength(1);
  });

  it('reaches one that is switched off, or whose breaker is open', async () => {
    stage.upstream.always(refuses(500));
    await stage.call(BODY);
    expect(await get('/scripted')).toMatchObject({ breaker: { state: 'open' } });
    await post('/scripted/disable');
    stage.upstream.forget();
    stage.upstream.always(answers(completion()));

    expect(await post('/scripted/test')).toMatchObject({ ok: true });

    expect(stage.upstream.attempts).toHaveLength(1);
    expect(await get('/scripted')).toMatchObject({ enabled: false, breaker: { state: 'open' } });
    await post('/scripted/enable');
  });

  it.each<[string, Record<string, string>]>([
    ['without a type', {}],
    ['of JSON', { 'content-type': 'application/json', 'content-length': '0' }],
  ])('needs no body: an empty one %s', async (_, headers) => {
    stage.upstream.always(answers(completion()));

    expect((await ask('POST', '/scripted/test', undefined, headers)).status).toBe(200);
  });
});

describe('a test of a provider of another dialect', () => {
  const stage = Stage.setEveryKind();
  const { post } = administrator(stage);

  it.each(['openai-chat', 'openai-responses', 'anthropic', 'ollama', 'openrouter', 'deepseek', 'echo'] as const)(
    'is made in its own: %s',
    async (kind) => {
      stage.upstream.always(plays({ text: 'ok' }));

      expect(await post(`/${kind}/test`)).toMatchObject({ ok: true, provider: kind, model: modelOf(kind), text: expect.any(String) });
      expect(stage.upstream.attempts).toHaveLength(kind === 'echo' ? 0 : 1);
    },
  );
});

describe('a provider that the configuration switches off', () => {
  const stage = Stage.set({ config: { providers: [testProvider(), testProvider({ name: 'idle', enabled: false })] } });
  const { ask, get } = administrator(stage);

  it('is shown', async () => {
    expect(await get('/idle')).toMatchObject({ enabled: false, disabled_by: 'configuration', health: 'disabled' });
  });

  it.each(['enable', 'disable', 'test', 'breaker/reset'])('cannot be changed from here: %s', async (action) => {
    const answer = await ask('POST', `/idle/${action}`);

    expect(answer.status).toBe(409);
    expect(errorOf(answer).message).toMatch(/`idle`.*configuration|configuration.*`idle`/);
  });
});

describe('a viewer', () => {
  const stage = Stage.set();
  const { ask } = administrator(stage);
  const viewer: Record<string, string> = {};

  beforeAll(async () => {
    const { key } = await stage.gateway.app.get(KeysService, { strict: false }).create({ name: 'watcher', role: 'viewer' });
    viewer['authorization'] = `Bearer ${key}`;
  });

  it('may look', async () => {
    expect((await ask('GET', '/scripted', undefined, viewer)).status).toBe(200);
  });

  it.each(['test', 'breaker', 'breaker/reset', 'enable', 'disable'])('may touch nothing: %s', async (action) => {
    expect((await ask('POST', `/scripted/${action}`, { state: 'open' }, viewer)).status).toBe(403);
    expect(stage.upstream.attempts).toHaveLength(0);
  });
});

describe('what an administrator has switched in one process', () => {
  const stage = Stage.set({ provider: { models: [MODEL, 'scripted-spared'] } });
  const { post } = administrator(stage);
  const PROMISED_MS = 1_000;
  let another: NestFastifyApplication;

  /** One more gateway on the same database. */
  function startAnother(): Promise<NestFastifyApplication> {
    const providers = [scriptedProvider(stage.upstream.baseUrl, { models: [MODEL, 'scripted-spared'] })];
    return createApp(testConfig({ database: { url: new Secret(stage.gateway.databaseUrl) }, providers }));
  }

  /** Asked past HTTP, where whoever asks so often would be throttled. */
  function seenBy(app: NestFastifyApplication): ProviderDto {
    return app.get(ProviderStates, { strict: false }).get('scripted');
  }

  beforeAll(async () => {
    another = await startAnother();
  }, 30_000);
  afterAll(() => another.close());

  it('holds in another within a second, and in one that starts afterwards', async () => {
    await post('/scripted/disable');
    await inTime(PROMISED_MS, () => eventually(() => !seenBy(another).enabled));
    const third = await startAnother();
    expect(seenBy(third)).toMatchObject({ enabled: false, health: 'disabled' });
    await third.close();

    await post('/scripted/enable');
    await inTime(PROMISED_MS, () => eventually(() => seenBy(another).enabled));
  });

  it('holds for breakers too', async () => {
    await post('/scripted/breaker', { state: 'open' });
    await post('/scripted/breaker', { state: 'closed', model: 'scripted-spared' });
    const held = {
      state: 'open',
      forced: 'open',
      models: [{ model: 'scripted-spared', state: 'closed', forced: 'closed', retry_in_ms: 0 }],
    };
    await inTime(PROMISED_MS, () => eventually(() => isDeepStrictEqual(seenBy(another).breaker, held)));

    await post('/scripted/breaker', { state: 'auto' });
    await post('/scripted/breaker', { state: 'auto', model: 'scripted-spared' });
    const free = { state: 'closed', forced: null, models: [] };
    await inTime(PROMISED_MS, () => eventually(() => isDeepStrictEqual(seenBy(another).breaker, free)));
  });

  it('is in the audit log with who did it', async () => {
    await post('/scripted/disable');
    await post('/scripted/enable');

    const entries = await stage.gateway.app.get(Audit, { strict: false }).list({ limit: 2 });
    expect(entries).toMatchObject([
      { action: 'clear', entity: 'toggle', entityId: 'provider:scripted:enabled', before: { value: 'false' } },
      { action: 'set', entity: 'toggle', entityId: 'provider:scripted:enabled', after: { value: 'false' }, actor: { name: 'admin' } },
    ]);
  });
});
