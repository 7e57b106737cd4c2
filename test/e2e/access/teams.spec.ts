import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { AddressInfo } from 'node:net';
import { createApp } from '../../../src/app.js';
import { Notifications } from '../../../src/platform/index.js';
import { Secret } from '../../../src/platform/config/secret.js';
import { testConfig } from '../../support/config.js';
import { eventually } from '../../support/eventually.js';
import { scriptedProvider, startGateway, type TestGateway } from '../../support/gateway.js';
import { inTime } from '../../support/in-time.js';
import { rawRequest, type RawAnswer } from '../../support/raw-client.js';
import { createRedisDb, describeWithRedis, type RedisDb } from '../../support/redis-db.js';
import { ScriptedUpstream } from '../../support/upstream.js';
import { answers } from '../../support/upstream/behaviours.js';
import { completion } from '../../support/upstream/openai-answers.js';
import { CHAT_PATH, MESSAGES } from '../stage.js';
import { errorOf } from '../wire-error.js';
import { administer as administerAt, askAdmin, type Json } from './administer.js';

const PROMISED_MS = 1_000;
const SMALL = 'scripted-small';
const LARGE = 'scripted-large';

describeWithRedis('what is decided about a team in one of two gateways', () => {
  let db: RedisDb;
  let upstream: ScriptedUpstream;
  let gateway: TestGateway;
  let other: NestFastifyApplication;
  let here = '';
  let elsewhere = '';
  let names = 0;

  beforeAll(async () => {
    [db, upstream] = await Promise.all([createRedisDb(), ScriptedUpstream.start()]);
    const shared = {
      providers: [scriptedProvider(`${upstream.origin}/v1`, { models: [SMALL, LARGE] })],
      redis: { url: new Secret(db.url) },
    };
    gateway = await startGateway(shared);
    here = gateway.baseUrl;
    other = await createApp(testConfig({ ...shared, database: { url: new Secret(gateway.databaseUrl) } }));
    await other.listen(0, '127.0.0.1');
    elsewhere = `http://127.0.0.1:${(other.getHttpServer().address() as AddressInfo).port}`;
    await eventually(() => other.get(Notifications, { strict: false }).isListening);
  }, 60_000);

  beforeEach(() => {
    upstream.forget();
    upstream.always(answers(completion()));
  });

  afterAll(async () => {
    await other.close();
    await gateway.stop();
    await upstream.stop();
    await db.drop();
  }, 60_000);

  const administer = (method: string, path: string, body?: object): Promise<Json> => administerAt(here, method, path, body);
  const makeTeam = (attributes: object = {}): Promise<Json> =>
    administer('POST', '/teams', { name: `team ${(names += 1)}`, ...attributes });
  const makeKey = async (team: string | null, attributes: object = {}): Promise<Json> =>
    administer('POST', '/keys', { name: 'member', team, ...attributes });
  const call = (url: string, key: string, model = SMALL): Promise<RawAnswer> =>
    rawRequest(url, {
      method: 'POST',
      path: CHAT_PATH,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model, messages: MESSAGES }),
    });
  const becomes = (key: string, status: number, model?: string): Promise<void> =>
    inTime(PROMISED_MS, () => eventually(async () => (await call(elsewhere, key, model)).status === status));

  it('holds in the other within a second: its models', async () => {
    const { id } = await makeTeam();
    const { key } = await makeKey(id, { models: ['*-small', '*-large'] });
    for (const url of [here, elsewhere]) expect((await call(url, key, LARGE)).status).toBe(200);

    await administer('PATCH', `/teams/${id}`, { models: [SMALL] });

    await becomes(key, 403, LARGE);
    const refusal = await call(here, key, LARGE);
    expect(errorOf(refusal)).toMatchObject({ code: 'forbidden', param: 'model' });
    expect((await call(elsewhere, key, SMALL)).status).toBe(200);
    const listed = await rawRequest(elsewhere, { path: '/v1/models', headers: { authorization: `Bearer ${key}` } });
    expect((JSON.parse(listed.body.toString()) as { data: { id: string }[] }).data.map((model) => model.id)).toEqual([SMALL]);
  });

  it('holds in the other within a second: that it is disabled', async () => {
    const { id } = await makeTeam();
    const { key } = await makeKey(id);
    for (const url of [here, elsewhere]) expect((await call(url, key)).status).toBe(200);

    await administer('PATCH', `/teams/${id}`, { disabled: true });
    await becomes(key, 403);
    expect(errorOf(await call(here, key))).toMatchObject({
      code: 'forbidden',
      message: 'The team of this API key is disabled. Ask an administrator to enable it, or use a key of another team.',
    });
    await administer('PATCH', `/teams/${id}`, { disabled: false });
    await becomes(key, 200);
  });

  it('limits all its keys together, in both', async () => {
    const { id } = await makeTeam({ requests_per_minute: 3 });
    const [one, two] = [await makeKey(id), await makeKey(id)];

    const statuses = [];
    for (const [url, { key }] of [
      [here, one],
      [elsewhere, two],
      [here, two],
      [elsewhere, one],
      [here, one],
    ] as const)
      statuses.push((await call(url, key)).status);

    expect(statuses).toEqual([200, 200, 200, 429, 429]);
  });

  it('holds in the other within a second: another limit', async () => {
    const { id } = await makeTeam({ requests_per_minute: 1 });
    const { key } = await makeKey(id);
    expect([(await call(here, key)).status, (await call(elsewhere, key)).status]).toEqual([200, 429]);

    await administer('PATCH', `/teams/${id}`, { requests_per_minute: null });

    await becomes(key, 200);
  });

  it('holds no more for a key that has moved', async () => {
    const { id } = await makeTeam({ models: [LARGE] });
    const { id: keyId, key } = await makeKey(id);
    expect((await call(elsewhere, key)).status).toBe(403);

    await administer('PATCH', `/keys/${keyId}`, { team: null });

    await becomes(key, 200);
  });

  it('does not concern the keys of the environment, which have no team', async () => {
    const { id } = await makeTeam();

    const answer = await askAdmin(here, 'PATCH', '/keys/client:client', { team: id });

    expect(answer.status).toBe(404);
    expect(errorOf(answer).message).toContain('are changed in the environment');
  });
});
