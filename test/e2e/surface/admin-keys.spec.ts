import { beforeAll, describe, expect, it } from '@jest/globals';
import { KeysService } from '../../../src/keys/index.js';
import { Audit } from '../../../src/platform/index.js';
import { ADMIN_KEY } from '../../support/gateway.js';
import type { RawAnswer } from '../../support/raw-client.js';
import { answers } from '../../support/upstream/behaviours.js';
import { completion } from '../../support/upstream/openai-answers.js';
import { MESSAGES, MODEL, Stage } from '../stage.js';
import { errorOf } from '../wire-error.js';

type Json = Record<string, unknown> & { readonly id: string; readonly public_id: string; readonly key: string; readonly error: never };

const UNKNOWN = '019512aa-3c5b-7f0c-8a5e-4d3c2b1a0f9e';

describe('the administration of keys', () => {
  const stage = Stage.set();
  let viewer = '';

  beforeAll(async () => {
    viewer = (await stage.gateway.app.get(KeysService, { strict: false }).create({ name: 'watcher', role: 'viewer' })).key;
  });

  const ask = (method: string, path: string, body?: object, key = ADMIN_KEY): Promise<RawAnswer> =>
    stage.raw({
      method,
      path: path.startsWith('/admin') || path.startsWith('/api') ? path : `/v1/admin/keys${path}`,
      headers: { authorization: `Bearer ${key}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
  const done = async (method: string, path: string, body?: object, key?: string): Promise<Json> => {
    const answer = await ask(method, path, body, key);
    expect([answer.status, answer.body.toString()]).toEqual([200, answer.body.toString()]);
    return JSON.parse(answer.body.toString()) as Json;
  };

  it('makes a key that works, and shows its text this once', async () => {
    const made = await done('POST', '', { name: 'my-app' });

    expect(made).toMatchObject({
      name: 'my-app',
      role: 'client',
      state: 'active',
      disabled: false,
      models: [],
      routes: [],
      ip_allow: [],
      tags: {},
      requests_per_minute: null,
      requests_per_hour: null,
      tokens_per_minute: null,
      concurrency: null,
      allow_provider_state: false,
      expires_at: null,
      revoked_at: null,
      rotated_at: null,
      previous_secret_ends_at: null,
    });
    expect(made.key).toMatch(new RegExp(`^tg-${made.public_id}-\\w{36}$`));
    expect((await stage.raw({ path: '/v1/models', headers: { authorization: `Bearer ${made.key}` } })).status).toBe(200);
    const { key: _key, ...shown } = made;
    expect(await done('GET', `/${made.id}`)).toEqual(shown);
    expect(await done('GET', `/${made.public_id}`)).toEqual(shown);
    expect(JSON.stringify(await done('GET', ''))).not.toContain(made.key.split('-')[2]);
    expect(stage.gateway.logs.text).not.toContain(made.key);
  });

  it('keeps everything that can be decided', async () => {
    const decided = {
      name: 'restricted',
      role: 'viewer',
      disabled: true,
      models: ['gpt-4*'],
      routes: ['models', 'admin'],
      ip_allow: ['10.0.0.0/8', '::1'],
      expires_at: '2099-01-01T00:00:00.000Z',
      tags: { app: 'search', stage: 'test' },
      requests_per_minute: 5,
      requests_per_hour: 0,
      tokens_per_minute: 1_000,
      concurrency: 2,
      allow_provider_state: true,
    };

    const { id } = await done('POST', '', decided);

    expect(await done('GET', `/${id}`)).toMatchObject({ ...decided, state: 'disabled' });
  });

  it('changes what is given, and takes away what is null', async () => {
    const { id } = await done('POST', '', {
      name: 'a',
      models: ['x'],
      tags: { a: 'b' },
      concurrency: 2,
      expires_at: '2099-01-01T00:00:00Z',
    });

    expect(await done('PATCH', `/${id}`, { name: 'b', concurrency: null, expires_at: null })).toMatchObject({
      name: 'b',
      models: ['x'],
      tags: { a: 'b' },
      concurrency: null,
      expires_at: null,
    });
    expect(await done('PATCH', `/${id}`, { models: [], tags: {}, requests_per_minute: 0 })).toMatchObject({
      name: 'b',
      models: [],
      tags: {},
      requests_per_minute: 0,
    });
    expect(await done('PATCH', `/${id}`, {})).toMatchObject({ name: 'b' });
  });

  it('gives a key a new secret, by default with a day of overlap', async () => {
    const made = await done('POST', '', { name: 'rotated' });

    const rotated = await done('POST', `/${made.id}/rotate`);

    const overlapMs = Date.parse(String(rotated['previous_secret_ends_at'])) - Date.parse(String(rotated['rotated_at']));
    expect(overlapMs).toBe(86_400_000);
    expect([rotated.id, rotated.public_id]).toEqual([made.id, made.public_id]);
    for (const key of [made.key, rotated.key]) {
      expect((await stage.raw({ path: '/v1/models', headers: { 'x-api-key': key } })).status).toBe(200);
    }
  });

  it('ends a key, and deletes it only then; its calls stay in the ledger', async () => {
    stage.upstream.always(answers(completion()));
    const { id, key } = await done('POST', '', { name: 'short-lived' });
    const requestId = stage.requestId();
    await stage.call({ model: MODEL, messages: MESSAGES }, { authorization: `Bearer ${key}`, 'x-request-id': requestId });

    expect((await ask('DELETE', `/${id}`)).status).toBe(409);
    expect(await done('POST', `/${id}/revoke`)).toMatchObject({ state: 'revoked', revoked_at: expect.any(String) });
    expect((await ask('PATCH', `/${id}`, { name: 'b' })).status).toBe(409);
    expect((await ask('POST', `/${id}/rotate`)).status).toBe(409);
    expect(await done('DELETE', `/${id}`)).toEqual({ id, deleted: true });

    expect((await ask('GET', `/${id}`)).status).toBe(404);
    expect(await stage.gateway.ledger.row(requestId)).toMatchObject({ key_id: id });
  });

  it('lists keys in pages, by name, role and state', async () => {
    for (const name of ['page 1', 'page 2', 'PAGE 3']) await done('POST', '', { name });
    const page = async (query: string) => {
      const { data, has_more, last_id } = (await done('GET', `?${query}`)) as unknown as {
        data: { name: string }[];
        has_more: boolean;
        last_id: string | null;
      };
      return { names: data.map(({ name }) => name), has_more, last_id };
    };

    const first = await page('name=page&limit=2');
    expect(first).toMatchObject({ names: ['PAGE 3', 'page 2'], has_more: true });
    expect(await page(`name=page&limit=2&after=${first.last_id}`)).toMatchObject({ names: ['page 1'], has_more: false });
    expect(await page('name=page&role=admin')).toEqual({ names: [], has_more: false, last_id: null });
    expect((await page('role=viewer&state=active')).names).toContain('watcher');
    expect((await page('state=revoked&name=page')).names).toEqual([]);
  });

  it.each([
    ['POST', '', {}, 'name'],
    ['POST', '', { name: '' }, 'name'],
    ['POST', '', { name: null }, 'name'],
    ['POST', '', { name: 'x', role: 'root' }, 'role'],
    ['POST', '', { name: 'x', role: null }, 'role'],
    ['POST', '', { name: 'x', disabled: 'yes' }, 'disabled'],
    ['POST', '', { name: 'x', models: 'gpt-4o' }, 'models'],
    ['POST', '', { name: 'x', models: ['two words'] }, 'models'],
    ['POST', '', { name: 'x', routes: ['chats'] }, 'routes'],
    ['POST', '', { name: 'x', ip_allow: ['example.com'] }, 'ip_allow'],
    ['POST', '', { name: 'x', expires_at: 'tomorrow' }, 'expires_at'],
    ['POST', '', { name: 'x', expires_at: '2020-01-01T00:00:00Z' }, 'expires_at'],
    ['POST', '', { name: 'x', tags: { 'a b': 'c' } }, 'tags'],
    ['POST', '', { name: 'x', requests_per_minute: -1 }, 'requests_per_minute'],
    ['POST', '', { name: 'x', concurrency: 1.5 }, 'concurrency'],
    ['POST', '', { name: 'x', tokens_per_minute: '5' }, 'tokens_per_minute'],
    ['POST', '', { name: 'x', allow_provider_state: 1 }, 'allow_provider_state'],
    ['POST', '', { name: 'x', team: 'y' }, 'team'],
    ['PATCH', `/${UNKNOWN}`, { name: null }, 'name'],
    ['PATCH', `/${UNKNOWN}`, { models: null }, 'models'],
    ['POST', `/${UNKNOWN}/rotate`, { overlap_seconds: 2_592_001 }, 'overlap_seconds'],
    ['POST', `/${UNKNOWN}/rotate`, { overlap_seconds: -1 }, 'overlap_seconds'],
    ['GET', '?limit=0', undefined, 'limit'],
    ['GET', '?after=me', undefined, 'after'],
    ['GET', '?name=%00', undefined, 'name'],
    ['GET', '?state=lost', undefined, 'state'],
  ] as const)('names the field that is wrong: %s %s %j', async (method, path, body, param) => {
    const answer = await ask(method, path, body);

    expect(answer.status).toBe(400);
    expect(errorOf(answer)).toMatchObject({ param, message: expect.stringContaining(`\`${param}\``) });
  });

  it.each([
    ['GET', ''],
    ['PATCH', ''],
    ['DELETE', ''],
    ['POST', '/rotate'],
    ['POST', '/revoke'],
  ])('says that there is no such key: %s %s', async (method, path) => {
    for (const id of [UNKNOWN, 'abcdefghjkmn', 'client:client']) {
      const answer = await ask(method, `/${id}${path}`, method === 'PATCH' ? {} : undefined);

      expect(answer.status).toBe(404);
      expect(errorOf(answer).message).toContain(`\`${id}\``);
    }
  });

  it('does not let an administrator saw off the branch', async () => {
    const { id, key } = await done('POST', '', { name: 'ann', role: 'admin' });

    for (const [method, path, body] of [
      ['POST', `/${id}/revoke`, undefined],
      ['PATCH', `/${id}`, { role: 'viewer' }],
      ['PATCH', `/${id}`, { disabled: true }],
      ['PATCH', `/${id}`, { routes: ['chat'] }],
    ] as const) {
      const answer = await ask(method, path, body, key);
      expect(answer.status).toBe(409);
      expect(errorOf(answer).message).toContain('the key that you are calling with');
    }
    expect(await done('PATCH', `/${id}`, { name: 'anna' }, key)).toMatchObject({ name: 'anna' });
  });

  it('writes down who did what', async () => {
    const { id } = await done('POST', '', { name: 'watched' });
    await done('PATCH', `/${id}`, { name: 'still watched' });

    const entries = await stage.gateway.app.get(Audit, { strict: false }).list({ limit: 2, entity: 'key' });

    expect(entries).toMatchObject([
      { action: 'change', entityId: id, actor: { id: 'admin:admin' }, before: { name: 'watched' }, after: { name: 'still watched' } },
      { action: 'create', entityId: id, after: { name: 'watched' } },
    ]);
  });

  it('lets a viewer look and touch nothing', async () => {
    const { id } = await done('POST', '', { name: 'looked-at' });

    expect(await done('GET', `/${id}`, undefined, viewer)).toMatchObject({ name: 'looked-at' });
    expect((await ask('POST', '', { name: 'x' }, viewer)).status).toBe(403);
    expect((await ask('PATCH', `/${id}`, { name: 'x' }, viewer)).status).toBe(403);
    expect((await ask('DELETE', `/${id}`, undefined, viewer)).status).toBe(403);
  });

  it.each(['/admin/keys', '/api/v1/admin/keys'])('answers under %s too', async (path) => {
    expect(await done('GET', path)).toMatchObject({ object: 'list' });
  });
});

describe('the examples of the administration of keys', () => {
  const stage = Stage.set();

  it('work when pasted', async () => {
    const { paths } = JSON.parse((await stage.raw({ path: '/openapi.json' })).body.toString()) as {
      paths: Record<string, Record<string, { requestBody: { content: Record<string, { examples: Record<string, { value: object }> }> } }>>;
    };
    const examplesOf = (path: string, method: string): object[] =>
      Object.values(paths[path]![method]!.requestBody.content['application/json']!.examples).map(({ value }) => value);
    const send = (method: string, path: string, body: object): Promise<RawAnswer> =>
      stage.raw({
        method,
        path,
        headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });

    const made = await Promise.all(examplesOf('/v1/admin/keys', 'post').map((value) => send('POST', '/v1/admin/keys', value)));
    expect(made.map(({ status }) => status)).toEqual([200, 200, 200]);
    const { id } = JSON.parse(made[0]!.body.toString()) as { id: string };
    for (const value of examplesOf('/v1/admin/keys/{id}', 'patch')) {
      expect((await send('PATCH', `/v1/admin/keys/${id}`, value)).status).toBe(200);
    }
    for (const value of examplesOf('/v1/admin/keys/{id}/rotate', 'post')) {
      expect((await send('POST', `/v1/admin/keys/${id}/rotate`, value)).status).toBe(200);
    }
  });
});
