import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { AddressInfo } from 'node:net';
import OpenAI from 'openai';
import { createApp } from '../../../src/app.js';
import { TeamsService } from '../../../src/keys/index.js';
import { Secret } from '../../../src/platform/config/secret.js';
import { testConfig } from '../../support/config.js';
import { eventually } from '../../support/eventually.js';
import { ADMIN_KEY, startGateway, type TestGateway } from '../../support/gateway.js';
import { AUDIENCE, claimsAt, IdentityProvider, ISSUER, makeSigningKey, signToken } from '../../support/identity-provider.js';
import { inTime } from '../../support/in-time.js';
import { type RawAnswer, rawRequest } from '../../support/raw-client.js';
import { JWT_SECRET } from '../../support/tokens.js';
import { answers } from '../../support/upstream/behaviours.js';
import { completion } from '../../support/upstream/openai-answers.js';
import { MESSAGES, MODEL, Stage } from '../stage.js';
import { errorOf } from '../wire-error.js';

const BODY = { model: MODEL, messages: MESSAGES };
const ANN = { id: 'key-ann', name: 'Ann' };
const PARTIES = { issuer: ISSUER, audience: AUDIENCE };
const WITH_SECRET = { ...PARTIES, verify: { secret: new Secret(JWT_SECRET) }, algorithms: ['HS256'] };
const PROMISED_MS = 1_000;

const sign = (claims: object = {}): Promise<string> =>
  signToken({ kid: undefined, alg: 'HS256', privateKey: new TextEncoder().encode(JWT_SECRET) }, claimsAt(Date.now(), claims));
const as = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });

describe('a JWT', () => {
  const stage = Stage.set({ config: { jwt: WITH_SECRET } });

  const get = (path: string, token: string): Promise<RawAnswer> => stage.raw({ path, headers: as(token) });

  it('calls models for its subject, whomever the body names', async () => {
    stage.upstream.always(answers(completion()));
    const token = await sign();
    const requestId = stage.requestId();

    const answer = await stage.call({ ...BODY, user: 'mallory' }, { ...as(token), 'x-request-id': requestId });

    expect(answer.status).toBe(200);
    const row = await stage.gateway.ledger.row(requestId);
    expect(row).toMatchObject({ key_id: expect.stringMatching(/^jwt:[\w-]{22}$/), tenant: row.key_id, user_id: 'alice' });
  });

  it('is taken from either header, by SDKs too', async () => {
    stage.upstream.always(answers(completion()));
    const token = await sign();

    expect((await stage.raw({ path: '/v1/models', headers: { 'x-api-key': token } })).status).toBe(200);
    await expect(stage.client(token).chat.completions.create(BODY)).resolves.toMatchObject({ object: 'chat.completion' });
  });

  it.each([
    [undefined, [403, 403, 200]],
    ['client', [403, 403, 200]],
    ['viewer', [200, 403, 403]],
    ['admin', [200, 200, 200]],
  ])('with the role %s reads the administration, makes keys and calls models: %j', async (role, statuses) => {
    stage.upstream.always(answers(completion()));
    const token = await sign({ role });

    const read = await get('/v1/admin/summary', token);
    const made = await stage.raw({
      method: 'POST',
      path: '/v1/admin/keys',
      headers: { ...as(token), 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'made-with-a-token' }),
    });
    const called = await stage.call(BODY, as(token));

    expect([read.status, made.status, called.status]).toEqual(statuses);
  });

  it('uses the models that it names', async () => {
    stage.upstream.always(answers(completion()));

    expect((await stage.call(BODY, as(await sign({ models: ['scripted-*'] })))).status).toBe(200);
    expect((await stage.call(BODY, as(await sign({ models: ['other'] })))).status).toBe(403);
    expect((await stage.call(BODY, as(await sign({ models: [] })))).status).toBe(403);
  });

  it('spends for the team that it names, and is refused where there is no such team', async () => {
    stage.upstream.always(answers(completion()));
    const token = await sign({ team: 'Search' });
    const refusal = await stage.call(BODY, as(token));
    expect([refusal.status, errorOf(refusal)]).toEqual([
      403,
      expect.objectContaining({ code: 'forbidden', message: expect.stringContaining('The team `Search` of this token does not exist.') }),
    ]);

    const teams = stage.gateway.app.get(TeamsService, { strict: false });
    const { id } = await teams.create({ name: 'Search' }, ANN);
    await eventually(async () => (await get('/v1/models', token)).status === 200);
    const requestId = stage.requestId();
    await stage.call(BODY, { ...as(token), 'x-request-id': requestId });
    expect(await stage.gateway.ledger.row(requestId)).toMatchObject({
      tenant: id,
      key_id: expect.stringMatching(/^jwt:/),
      user_id: 'alice',
    });

    await teams.change(id, { disabled: true }, ANN);
    expect((await get('/v1/models', token)).status).toBe(403);
  });

  it.each([
    ['says what it does not know', { role: 'root' }, 403, 'forbidden', /`role`/],
    ['has expired', { exp: Math.floor(Date.now() / 1_000) - 61 }, 401, 'invalid_api_key', /^This token has expired/],
    ['is for another audience', { aud: 'other' }, 401, 'invalid_api_key', /^This token is not valid here\. Send a JWT from/],
  ])('that %s is told so', async (_, claims, status, code, message) => {
    const answer = await get('/v1/models', await sign(claims));

    expect([answer.status, errorOf(answer)]).toEqual([status, expect.objectContaining({ code, message: expect.stringMatching(message) })]);
  });

  it('that is not valid is met in its SDK as an AuthenticationError', async () => {
    const call = stage.client(`${await sign()}x`).chat.completions.create(BODY);

    await expect(call).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
  });

  it('is not in the log, whether it is taken or not', async () => {
    const [good, bad] = [await sign({ jti: 'logged' }), await sign({ aud: 'other' })];
    const requestIds = [stage.requestId(), stage.requestId()];
    for (const [at, token] of [good, bad].entries())
      await stage.raw({ path: '/v1/models', headers: { ...as(token), 'x-request-id': requestIds[at]! } });
    for (const requestId of requestIds) await stage.gateway.logs.untilLinesOf(requestId);

    for (const part of [good, bad].flatMap((token) => token.split('.').slice(1))) expect(stage.gateway.logs.text).not.toContain(part);
    expect(stage.gateway.logs.text).not.toContain(JWT_SECRET);
  });
});

describe('JWTs that are not valid', () => {
  const stage = Stage.set({ config: { jwt: WITH_SECRET } });

  it('are counted like keys, and refused as too many by their address, but never a valid one', async () => {
    const valid = await sign();
    const statuses: number[] = [];
    for (let at = 0; at < 21; at += 1)
      statuses.push((await stage.raw({ path: '/v1/models', headers: as(await sign({ aud: 'other', jti: String(at) })) })).status);

    expect(statuses).toEqual([...Array.from({ length: 20 }, () => 401), 429]);
    expect((await stage.raw({ path: '/v1/models', headers: as(valid) })).status).toBe(200);
  });
});

describe('a gateway that takes no JWT', () => {
  const stage = Stage.set();

  it('takes one for a key that is not valid, and denies none', async () => {
    const answer = await stage.raw({ path: '/v1/models', headers: as(await sign()) });
    expect([answer.status, errorOf(answer).message]).toEqual([401, expect.stringMatching(/^This API key is not valid\./)]);

    const denial = await stage.raw({
      method: 'POST',
      path: '/v1/admin/denied-tokens',
      headers: { ...as(ADMIN_KEY), 'content-type': 'application/json' },
      body: JSON.stringify({ sub: 'alice' }),
    });
    expect(denial.status).toBe(409);
  });
});

describe('the denial of JWTs', () => {
  const stage = Stage.set({ config: { jwt: WITH_SECRET } });
  let other: NestFastifyApplication;
  let otherUrl: string;

  beforeAll(async () => {
    other = await createApp(testConfig({ database: { url: new Secret(stage.gateway.databaseUrl) }, jwt: WITH_SECRET }));
    await other.listen(0, '127.0.0.1');
    otherUrl = `http://127.0.0.1:${(other.getHttpServer().address() as AddressInfo).port}`;
  }, 30_000);

  afterAll(() => other.close());

  const ask = (method: string, path: string, body?: object, key = ADMIN_KEY): Promise<RawAnswer> =>
    stage.raw({
      method,
      path: path.startsWith('/') ? path : `/v1/admin/denied-tokens${path && `/${path}`}`,
      headers: { ...as(key), ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
  async function done(method: string, path: string, body?: object): Promise<Record<string, unknown>> {
    const answer = await ask(method, path, body);
    expect([answer.status, answer.body.toString()]).toEqual([200, answer.body.toString()]);
    return JSON.parse(answer.body.toString()) as Record<string, unknown>;
  }
  const statusHere = async (token: string): Promise<number> => (await stage.raw({ path: '/v1/models', headers: as(token) })).status;
  const statusElsewhere = async (token: string): Promise<number> =>
    (await rawRequest(otherUrl, { path: '/v1/models', headers: as(token) })).status;

  it.each([
    ['sub', { sub: 'carol' }],
    ['jti', { jti: 'token-of-carol' }],
  ])('by %s holds here at once and in another process within a second, and so does taking it back', async (_, what) => {
    const token = await sign({ sub: 'carol', jti: 'token-of-carol' });
    expect([await statusHere(token), await statusElsewhere(token)]).toEqual([200, 200]);

    const { id } = await done('POST', '', { ...what, reason: 'lost' });
    expect(await statusHere(token)).toBe(401);
    await inTime(PROMISED_MS, () => eventually(async () => (await statusElsewhere(token)) === 401));

    expect(await done('DELETE', String(id))).toEqual({ id, deleted: true });
    expect(await statusHere(token)).toBe(200);
    await inTime(PROMISED_MS, () => eventually(async () => (await statusElsewhere(token)) === 200));
  });

  it('is listed, under the old name too, for viewers', async () => {
    const denied = await done('POST', '/admin/denied-tokens', { jti: 'listed', reason: 'lost', expires_at: '2099-01-01T00:00:00Z' });
    expect(denied).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      jti: 'listed',
      sub: null,
      issuer: ISSUER,
      reason: 'lost',
      denied_at: expect.any(String),
      denied_by: 'admin:admin',
      expires_at: '2099-01-01T00:00:00.000Z',
    });

    const viewer = await sign({ role: 'viewer', sub: 'victor' });
    const listed = await ask('GET', '', undefined, viewer);
    expect([listed.status, JSON.parse(listed.body.toString())]).toEqual([
      200,
      { object: 'list', data: [denied], has_more: false, last_id: denied['id'] },
    ]);
    expect((await ask('POST', '', { sub: 'alice' }, viewer)).status).toBe(403);
    expect((await ask('DELETE', String(denied['id']), undefined, viewer)).status).toBe(403);
    expect(await done('GET', '/v1/admin/denied-tokens?limit=1')).toMatchObject({ data: [denied], has_more: false });
    expect(await done('GET', `/v1/admin/denied-tokens?after=${String(denied['id'])}`)).toMatchObject({ data: [], last_id: null });
    await done('DELETE', String(denied['id']));
    expect((await ask('DELETE', String(denied['id']))).status).toBe(404);
  });

  it.each([
    [{}, 'sub'],
    [{ jti: 'a', sub: 'b' }, 'sub'],
    [{ jti: '' }, 'jti'],
    [{ sub: null }, 'sub'],
    [{ sub: 7 }, 'sub'],
    [{ sub: 'a', reason: 'x'.repeat(256) }, 'reason'],
    [{ sub: 'a', expires_at: '2001-01-01T00:00:00Z' }, 'expires_at'],
    [{ sub: 'a', expires_at: 'soon' }, 'expires_at'],
    [{ sub: 'a', more: 1 }, 'more'],
  ])('is refused as %j', async (body, param) => {
    const answer = await ask('POST', '', body);

    expect([answer.status, errorOf(answer).param]).toEqual([400, param]);
  });

  it('does not lock out whoever asks for it', async () => {
    const admin = await sign({ role: 'admin', sub: 'root' });

    expect((await ask('POST', '', { sub: 'root' }, admin)).status).toBe(409);
    expect(await statusHere(admin)).toBe(200);
  });
});

describe('a gateway that takes JWTs signed with published keys', () => {
  let provider: IdentityProvider;
  let gateway: TestGateway;

  afterEach(async () => {
    await gateway.stop();
    await provider.stop();
  });

  it('fetches them by itself, starts without them, and says so until they are there', async () => {
    provider = await IdentityProvider.start();
    const key = await makeSigningKey('one', 'RS256');
    const token = await signToken(key, claimsAt(Date.now()));
    provider.behave((request) => request.socket.destroy());
    gateway = await startGateway({ jwt: { ...PARTIES, verify: { jwksUrl: provider.jwksUrl }, algorithms: ['RS256'] } });
    const ask = (): Promise<RawAnswer> => rawRequest(gateway.baseUrl, { path: '/v1/models', headers: as(token) });
    await eventually(() => provider.requests > 0);

    const refusal = await ask();
    expect([refusal.status, errorOf(refusal).code]).toEqual([503, 'service_unavailable']);
    expect(Number(refusal.headers['retry-after'])).toBeGreaterThan(0);

    provider.publish(key);
    await eventually(async () => (await ask()).status === 200);
    const { requests } = provider;
    for (let count = 0; count < 5; count += 1) expect((await ask()).status).toBe(200);
    expect(provider.requests).toBe(requests);
  });
});
