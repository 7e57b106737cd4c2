import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { AddressInfo } from 'node:net';
import { createApp } from '../../../src/app.js';
import { Notifications } from '../../../src/platform/index.js';
import { Secret } from '../../../src/platform/config/secret.js';
import { testConfig } from '../../support/config.js';
import { eventually } from '../../support/eventually.js';
import { Gate } from '../../support/gate.js';
import { ADMIN_KEY } from '../../support/gateway.js';
import { inTime } from '../../support/in-time.js';
import { type RawAnswer, rawRequest } from '../../support/raw-client.js';
import { Stage } from '../stage.js';

const PROMISED_MS = 1_000;

interface KeyJson {
  readonly id: string;
  readonly key: string;
}

describe('what is decided about a key in one process', () => {
  const stage = Stage.set();
  /** Between the other process and what it listens to; its questions go past it. */
  let gate: Gate;
  let other: NestFastifyApplication;
  let otherUrl: string;

  beforeAll(async () => {
    gate = await Gate.before(stage.gateway.databaseUrl);
    await gate.open();
    other = await createApp(testConfig({ database: { url: new Secret(stage.gateway.databaseUrl), directUrl: new Secret(gate.url) } }));
    await other.listen(0, '127.0.0.1');
    otherUrl = `http://127.0.0.1:${(other.getHttpServer().address() as AddressInfo).port}`;
    await eventually(() => isListening());
  }, 30_000);

  afterAll(async () => {
    await other.close();
    await gate.shut();
  });

  const isListening = (): boolean => other.get(Notifications, { strict: false }).isListening;

  async function administer(method: string, path: string, body?: object): Promise<KeyJson> {
    const headers = { authorization: `Bearer ${ADMIN_KEY}`, ...(body && { 'content-type': 'application/json' }) };
    const answer = await stage.raw({ method, path: `/v1/admin/keys${path}`, headers, ...(body && { body: JSON.stringify(body) }) });
    expect(answer.status).toBe(200);
    return JSON.parse(answer.body.toString()) as KeyJson;
  }

  const askElsewhere = (key: string): Promise<RawAnswer> =>
    rawRequest(otherUrl, { path: '/v1/models', headers: { authorization: `Bearer ${key}` } });
  const statusElsewhere = async (key: string): Promise<number> => (await askElsewhere(key)).status;
  const toldElsewhere = async (key: string): Promise<string> => (await askElsewhere(key)).body.toString();

  /** A key that both processes know. */
  async function makeKnown(): Promise<KeyJson> {
    const made = await administer('POST', '', { name: 'shared' });
    expect(await statusElsewhere(made.key)).toBe(200);
    return made;
  }

  const becomes = (key: string, status: number): Promise<void> =>
    inTime(PROMISED_MS, () => eventually(async () => (await statusElsewhere(key)) === status));

  it('is so in another within a second: revoked', async () => {
    const { id, key } = await makeKnown();

    await administer('POST', `/${id}/revoke`);

    await becomes(key, 401);
  });

  it('is so in another within a second: disabled and enabled', async () => {
    const { id, key } = await makeKnown();

    await administer('PATCH', `/${id}`, { disabled: true });
    await becomes(key, 403);
    await administer('PATCH', `/${id}`, { disabled: false });
    await becomes(key, 200);
  });

  it('is so in another within a second: rotated', async () => {
    const { id, key } = await makeKnown();

    const { key: newKey } = await administer('POST', `/${id}/rotate`, { overlap_seconds: 600 });
    await becomes(newKey, 200);
    expect(await statusElsewhere(key)).toBe(200);
    const { key: newest } = await administer('POST', `/${id}/rotate`, { overlap_seconds: 0 });
    await becomes(newKey, 401);
    expect(await statusElsewhere(newest)).toBe(200);
  });

  it('is so in another within a second: deleted, and then it is a key like any that nobody has', async () => {
    const { id, key } = await makeKnown();
    await administer('POST', `/${id}/revoke`);
    await becomes(key, 401);
    expect(await toldElsewhere(key)).toContain('was revoked');

    await administer('DELETE', `/${id}`);

    await inTime(PROMISED_MS, () => eventually(async () => (await toldElsewhere(key)).includes('is not valid')));
  });

  it('is so in another that cannot hear of it, and once it hears again', async () => {
    const [first, second] = [await makeKnown(), await makeKnown()];
    await gate.shut();
    await eventually(() => !isListening());

    await administer('POST', `/${first.id}/revoke`);
    await becomes(first.key, 401);
    expect(await statusElsewhere(second.key)).toBe(200);
    await administer('POST', `/${second.id}/revoke`);
    await gate.open();
    await eventually(() => isListening());

    expect(await statusElsewhere(second.key)).toBe(401);
  });
});
