import { beforeAll, describe, expect, it } from '@jest/globals';
import { Audit } from '../../../src/platform/index.js';
import { Stage } from '../stage.js';
import { errorOf } from '../wire-error.js';
import { administer as administerAt, askAdmin, type Json } from './administer.js';

const UNKNOWN = '019512aa-3c5b-7f0c-8a5e-4d3c2b1a0f9e';
const NO_LIMITS = { requests_per_minute: null, requests_per_hour: null, tokens_per_minute: null, concurrency: null };
const LIMITS = { requests_per_minute: 5, requests_per_hour: 0, tokens_per_minute: 1_000, concurrency: 2 };

describe('the administration of teams and end users', () => {
  const stage = Stage.set();
  let viewer = '';

  beforeAll(async () => {
    viewer = (await administer('POST', '/keys', { name: 'watcher', role: 'viewer' })).key;
  });

  const ask = (method: string, path: string, body?: object, key?: string) => askAdmin(stage.gateway.baseUrl, method, path, body, key);
  const administer = (method: string, path: string, body?: object): Promise<Json> =>
    administerAt(stage.gateway.baseUrl, method, path, body);

  it('makes, shows, changes and deletes a team', async () => {
    const made = await administer('POST', '/teams', { name: 'search' });
    expect(made).toMatchObject({ name: 'search', disabled: false, models: [], ...NO_LIMITS, created_at: made['changed_at'] });
    expect(await administer('GET', `/teams/${made.id}`)).toEqual(made);

    const decided = { name: 'found', disabled: true, models: ['gpt-4*'], ...LIMITS };
    expect(await administer('PATCH', `/teams/${made.id}`, decided)).toMatchObject({ id: made.id, ...decided });
    expect(await administer('PATCH', `/teams/${made.id}`, { models: [], ...NO_LIMITS })).toMatchObject({
      disabled: true,
      models: [],
      ...NO_LIMITS,
    });
    expect(await administer('GET', '/teams?state=disabled&name=FOU')).toMatchObject({ data: [{ id: made.id }], has_more: false });
    expect(await administer('GET', '/teams?state=active&name=fou')).toMatchObject({ data: [], last_id: null });
    expect(await administer('DELETE', `/teams/${made.id}`)).toEqual({ id: made.id, deleted: true });
    expect((await ask('GET', `/teams/${made.id}`)).status).toBe(404);

    const entries = await stage.gateway.app.get(Audit, { strict: false }).list({ limit: 10, entity: 'team' });
    expect(entries.map(({ action, actor }) => [action, actor.id])).toEqual(
      ['delete', 'change', 'change', 'create'].map((action) => [action, 'admin:admin']),
    );
  });

  it('makes, shows, changes and deletes an end user', async () => {
    const { id: team } = await administer('POST', '/teams', { name: 'with users' });
    const made = await administer('POST', '/users', { user_id: 'ann', team, name: 'Ann Lee', ...LIMITS });
    expect(made).toMatchObject({ tenant: team, user_id: 'ann', name: 'Ann Lee', disabled: false, models: [], ...LIMITS });
    expect(await administer('GET', `/users/${made.id}`)).toEqual(made);

    expect(await administer('PATCH', `/users/${made.id}`, { name: null, ...NO_LIMITS })).toMatchObject({ name: null, ...NO_LIMITS });
    expect(await administer('GET', `/users?tenant=${team}&user_id=ann&state=active`)).toMatchObject({ data: [{ id: made.id }] });
    expect(await administer('GET', `/users?tenant=${team}&state=disabled`)).toMatchObject({ data: [] });
    expect(await administer('DELETE', `/users/${made.id}`)).toEqual({ id: made.id, deleted: true });
    expect(errorOf(await ask('GET', `/users/${made.id}`)).message).toContain('`GET /v1/admin/users?user_id=…`');
  });

  it('lists in pages', async () => {
    for (const name of ['page 1', 'page 2', 'page 3']) await administer('POST', '/teams', { name });

    const first = await administer('GET', '/teams?name=page&limit=2');
    expect(first).toMatchObject({ object: 'list', data: [{ name: 'page 3' }, { name: 'page 2' }], has_more: true });
    const second = await administer('GET', `/teams?name=page&limit=2&after=${String(first['last_id'])}`);
    expect(second).toMatchObject({ data: [{ name: 'page 1' }], has_more: false });
  });

  it('gives keys a team, and lists them by it', async () => {
    const { id: team } = await administer('POST', '/teams', { name: 'with keys' });
    const key = await administer('POST', '/keys', { name: 'member', team, require_user: true });
    expect(key).toMatchObject({ team, require_user: true });
    expect(await administer('GET', `/keys?team=${team}`)).toMatchObject({ data: [{ id: key.id, team }] });

    const refusal = await ask('DELETE', `/teams/${team}`);
    expect([refusal.status, errorOf(refusal).message]).toEqual([409, expect.stringContaining('1 key,')]);
    expect(await administer('PATCH', `/keys/${key.id}`, { team: null, require_user: false })).toMatchObject({
      team: null,
      require_user: false,
    });
    expect(await administer('DELETE', `/teams/${team}`)).toMatchObject({ deleted: true });
  });

  it.each([
    ['POST', '/teams', {}, 400, 'name'],
    ['POST', '/teams', { name: 'x', models: 'gpt-4o' }, 400, 'models'],
    ['POST', '/teams', { name: 'x', budget: 5 }, 400, 'budget'],
    ['PATCH', `/teams/${UNKNOWN}`, { disabled: true }, 404, null],
    ['PATCH', '/teams/search', { disabled: true }, 404, null],
    ['DELETE', `/teams/${UNKNOWN}`, undefined, 404, null],
    ['GET', '/teams?state=gone', undefined, 400, 'state'],
    ['GET', '/teams?limit=0', undefined, 400, 'limit'],
    ['POST', '/keys', { name: 'x', team: UNKNOWN }, 400, 'team'],
    ['POST', '/keys', { name: 'x', team: 'search' }, 400, 'team'],
    ['POST', '/keys', { name: 'x', require_user: 'yes' }, 400, 'require_user'],
    ['POST', '/users', { user_id: 'ann' }, 400, 'team'],
    ['POST', '/users', { user_id: 'ann', team: UNKNOWN, key: 'client:client' }, 400, 'team'],
    ['POST', '/users', { user_id: 'ann', team: UNKNOWN }, 400, 'team'],
    ['POST', '/users', { user_id: 'ann', key: 'client:nobody' }, 400, 'key'],
    ['POST', '/users', { user_id: '', key: 'client:client' }, 400, 'user_id'],
    ['PATCH', `/users/${UNKNOWN}`, { disabled: true }, 404, null],
    ['DELETE', '/users/ann', undefined, 404, null],
    ['GET', '/users?after=7', undefined, 400, 'after'],
  ])('refuses %s %s %j: %i', async (method, path, body, status, param) => {
    const refusal = await ask(method, path, body);

    expect([refusal.status, errorOf(refusal).param]).toEqual([status, param]);
  });

  it('refuses what is there already', async () => {
    await administer('POST', '/teams', { name: 'twice' });
    expect((await ask('POST', '/teams', { name: 'twice' })).status).toBe(409);
    const { id } = await administer('POST', '/users', { user_id: 'twice', key: 'client:client' });
    const refusal = await ask('POST', '/users', { user_id: 'twice', key: 'client:client' });
    expect([refusal.status, errorOf(refusal).message]).toEqual([409, expect.stringContaining(id)]);
  });

  it('lets a viewer read all of it and change nothing', async () => {
    const { id } = await administer('POST', '/teams', { name: 'watched' });

    for (const path of ['/teams', `/teams/${id}`, '/users']) expect((await ask('GET', path, undefined, viewer)).status).toBe(200);
    for (const path of ['/teams', '/users']) expect((await ask('POST', path, { name: 'x', user_id: 'x' }, viewer)).status).toBe(403);
    expect((await ask('PATCH', `/teams/${id}`, { disabled: true }, viewer)).status).toBe(403);
    expect((await ask('DELETE', `/teams/${id}`, undefined, viewer)).status).toBe(403);
  });

  it('does not let a key disable the team that it is in', async () => {
    const { id } = await administer('POST', '/teams', { name: 'administrators' });
    const { key } = await administer('POST', '/keys', { name: 'root', role: 'admin', team: id });

    expect((await ask('PATCH', `/teams/${id}`, { disabled: true }, key)).status).toBe(409);
    expect((await ask('PATCH', `/teams/${id}`, { disabled: true })).status).toBe(200);
    expect((await ask('GET', '/teams', undefined, key)).status).toBe(403);
  });
});
