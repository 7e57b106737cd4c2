import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { Alerts } from '../../../src/alerts/index.js';
import { KeysService } from '../../../src/keys/index.js';
import { Audit, Secret } from '../../../src/platform/index.js';
import { eventually } from '../../support/eventually.js';
import { ADMIN_KEY } from '../../support/gateway.js';
import { query } from '../../support/query.js';
import type { RawAnswer } from '../../support/raw-client.js';
import { answersWith, WebhookReceiver } from '../../support/webhook-receiver.js';
import { Stage } from '../stage.js';
import { errorOf } from '../wire-error.js';

type Json = Record<string, unknown> & { readonly id: string; readonly data: readonly Json[] };

const UNKNOWN = '019512aa-3c5b-7f0c-8a5e-4d3c2b1a0f9e';
const SLACK = 'https://hooks.slack.com/services/T000/B000/slack-secret';
const secretKeys = [new Secret('a-key-that-encrypts-webhook-secrets')];

/** The administration of the gateway on a stage. */
function administrationOf(stage: Stage) {
  const ask = (method: string, path: string, body?: object, key = ADMIN_KEY): Promise<RawAnswer> =>
    stage.raw({
      method,
      path: `/v1/admin/alerts${path}`,
      headers: { authorization: `Bearer ${key}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
  const done = async (method: string, path: string, body?: object, key?: string): Promise<Json> => {
    const answer = await ask(method, path, body, key);
    expect([answer.status, answer.body.toString()]).toEqual([200, answer.body.toString()]);
    return JSON.parse(answer.body.toString()) as Json;
  };
  return { ask, done };
}

describe('the administration of alerts', () => {
  const stage = Stage.set({ config: { alerts: { allowPrivateWebhooks: true }, keys: { secretKeys } } });
  const { ask, done } = administrationOf(stage);
  let receiver: WebhookReceiver;
  let viewer = '';

  beforeAll(async () => {
    viewer = (await stage.gateway.app.get(KeysService, { strict: false }).create({ name: 'watcher', role: 'viewer' })).key;
  });

  beforeEach(async () => {
    receiver = await WebhookReceiver.start();
  });

  afterEach(async () => {
    for (const { id } of (await done('GET', '/webhooks')).data) await done('DELETE', `/webhooks/${id}`);
    await receiver.stop();
  });

  const raise = (occasion: string): void =>
    stage.gateway.app.get(Alerts, { strict: false }).raise('model_unpriced', occasion, { model: occasion });

  it('keeps webhooks, and shows what is secret of them just once', async () => {
    const made = await done('POST', '/webhooks', {
      name: 'ops',
      url: SLACK,
      format: 'slack',
      secret: 'generate',
      kinds: ['model_unpriced'],
    });

    const { secret, ...shown } = made;
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(shown).toEqual({
      id: expect.any(String),
      name: 'ops',
      url: 'https://hooks.slack.com/***',
      format: 'slack',
      signed: true,
      kinds: ['model_unpriced'],
      disabled: false,
      created_at: expect.any(String),
      changed_at: made['created_at'],
    });
    expect(await done('GET', `/webhooks/${made.id}`, undefined, viewer)).toEqual(shown);
    expect((await done('GET', '/webhooks', undefined, viewer)).data).toEqual([shown]);
    const stored = await query<{ url: string; secret: string }>(
      stage.gateway.databaseUrl,
      `SELECT * FROM webhooks WHERE id = '${made.id}'`,
    );
    expect(stored).toEqual([expect.objectContaining({ url: SLACK, secret: expect.stringMatching(/^sealed1\./) })]);
    expect(JSON.stringify(stored)).not.toContain(String(secret));
    expect(stage.gateway.logs.text).not.toContain('slack-secret');
    expect(stage.gateway.logs.text).not.toContain(String(secret));
  });

  it('takes a secret of somebody else, gives another, and takes it away', async () => {
    const own = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
    const made = await done('POST', '/webhooks', { name: 'a', url: receiver.url, secret: own });
    expect(made).toMatchObject({ secret: own, signed: true });

    const changed = await done('PATCH', `/webhooks/${made.id}`, { secret: 'generate' });
    expect(changed['secret']).toMatch(/^whsec_/);
    expect(changed['secret']).not.toBe(own);

    expect(await done('PATCH', `/webhooks/${made.id}`, { name: 'b' })).toMatchObject({ name: 'b', secret: null, signed: true });
    expect(await done('PATCH', `/webhooks/${made.id}`, { secret: null })).toMatchObject({ secret: null, signed: false });
    expect(await done('POST', '/webhooks', { name: 'none', url: receiver.url })).toMatchObject({
      secret: null,
      signed: false,
      format: 'json',
      kinds: [],
    });
  });

  it('changes what is given, and nothing else', async () => {
    const made = await done('POST', '/webhooks', { name: 'a', url: SLACK, kinds: ['bound_exceeded'] });

    const changed = await done('PATCH', `/webhooks/${made.id}`, {
      url: 'https://hooks.example.com/x',
      format: 'slack',
      kinds: [],
      disabled: true,
    });

    const { secret: _secret, changed_at: _at, ...rest } = made;
    expect(changed).toMatchObject({ ...rest, url: 'https://hooks.example.com/***', format: 'slack', kinds: [], disabled: true });
    const same = await done('PATCH', `/webhooks/${made.id}`, {});
    expect(same['changed_at']).toBe(changed['changed_at']);
  });

  it('records who did what, without what is secret', async () => {
    const { id, secret } = await done('POST', '/webhooks', { name: 'audited', url: SLACK, secret: 'generate' });
    await done('PATCH', `/webhooks/${id}`, { url: `${SLACK}-2`, secret: 'generate' });
    await done('DELETE', `/webhooks/${id}`);

    const records = (await stage.gateway.app.get(Audit, { strict: false }).list({ limit: 100, entity: 'webhook' })).filter(
      ({ entityId }) => entityId === id,
    );

    const facts = { name: 'audited', url: 'https://hooks.slack.com/***', format: 'json', signed: true, kinds: [], disabled: false };
    expect(records).toMatchObject([
      { action: 'delete', before: facts },
      { action: 'change', before: facts, after: { ...facts, replaced: ['url', 'secret'] } },
      { action: 'create', before: undefined, after: facts },
    ]);
    expect(JSON.stringify(records)).not.toContain('slack-secret');
    expect(JSON.stringify(records)).not.toContain(String(secret));
  });

  it('sends a test at once, as a receiver verifies it, and tells what came of it', async () => {
    const { id, secret } = await done('POST', '/webhooks', { name: 'tested', url: receiver.url, secret: 'generate', disabled: true });

    const outcome = await done('POST', `/webhooks/${id}/test`);

    expect(outcome).toEqual({ delivered: true, status: 200, error: null, duration_ms: expect.any(Number) });
    const [message] = receiver.received;
    const content = await new OpenAI({ apiKey: 'none' }).webhooks.unwrap(message!.body, message!.headers, String(secret));
    expect(content).toMatchObject({ kind: 'test', message: expect.stringContaining('test'), facts: {} });
    receiver.behave(answersWith(404));
    expect(await done('POST', `/webhooks/${id}/test`)).toMatchObject({ delivered: false, status: 404, error: 'the receiver answered 404' });
    expect((await done('GET', `/deliveries?webhook_id=${id}`)).data).toEqual([]);
  });

  it('tells of alerts page by page, and of what became of each delivery', async () => {
    const { id } = await done('POST', '/webhooks', { name: 'listed', url: receiver.url });
    for (let at = 0; at < 5; at += 1) raise(`listed-${at}`);
    await eventually(async () => (await done('GET', `/deliveries?webhook_id=${id}&state=delivered`)).data.length === 5);

    const alerts: Json[] = [];
    for (let after = ''; ;) {
      const page = await done('GET', `?kind=model_unpriced&limit=2${after}`, undefined, viewer);
      alerts.push(...page.data);
      if (page['has_more'] === false) break;
      after = `&after=${String(page['last_id'])}`;
    }
    const models = alerts.map(({ facts }) => (facts as { model: string }).model);
    expect(models.filter((model) => model.startsWith('listed')).sort()).toEqual([0, 1, 2, 3, 4].map((at) => `listed-${at}`));
    expect(alerts[0]).toEqual({
      id: expect.any(String),
      at: expect.any(String),
      kind: 'model_unpriced',
      message: expect.stringContaining('has no price'),
      facts: { model: expect.any(String) },
      routed_at: expect.any(String),
    });
    expect((await done('GET', '?kind=bound_exceeded')).data).toEqual([]);

    const page = await done('GET', `/deliveries?webhook_id=${id}&limit=3`, undefined, viewer);
    expect(page).toMatchObject({ has_more: true });
    expect((await done('GET', `/deliveries?webhook_id=${id}&limit=3&after=${String(page['last_id'])}`)).data).toHaveLength(2);
    expect(page.data[0]).toEqual({
      id: expect.any(String),
      alert_id: expect.any(String),
      kind: 'model_unpriced',
      webhook_id: id,
      webhook: 'listed',
      state: 'delivered',
      attempts: 1,
      next_at: null,
      last_status: 200,
      last_error: null,
      delivered_at: expect.any(String),
      created_at: expect.any(String),
    });
    expect((await done('GET', `/deliveries?webhook_id=${id}&state=failed`)).data).toEqual([]);
    expect(errorOf(await ask('POST', `/deliveries/${page.data[0]!.id}/retry`))).toMatchObject({ code: 'conflict' });
  });

  it('delivers once more what could not be delivered', async () => {
    receiver.behave(answersWith(500));
    const { id } = await done('POST', '/webhooks', { name: 'retried', url: receiver.url });
    raise('retried');
    await eventually(async () => (await done('GET', `/deliveries?webhook_id=${id}`)).data[0]?.['last_status'] === 500);
    receiver.behave(answersWith(200));
    const [delivery] = (await done('GET', `/deliveries?webhook_id=${id}`)).data;

    expect(await done('POST', `/deliveries/${delivery!.id}/retry`)).toMatchObject({ state: 'pending', attempts: 0 });

    await eventually(async () => (await done('GET', `/deliveries?webhook_id=${id}`)).data[0]?.['state'] === 'delivered');
  });

  it.each([
    [{}, 'name'],
    [{ name: 'a' }, 'url'],
    [{ name: '', url: 'https://example.com' }, 'name'],
    [{ name: 'a', url: 'example.com' }, 'url'],
    [{ name: 'a', url: 'ftp://example.com' }, 'url'],
    [{ name: 'a', url: 'https://user:password@example.com' }, 'url'],
    [{ name: 'a', url: 'https://hooks.slack.com/***' }, 'url'],
    [{ name: 'a', url: 'https://example.com', format: 'xml' }, 'format'],
    [{ name: 'a', url: 'https://example.com', format: null }, 'format'],
    [{ name: 'a', url: 'https://example.com', kinds: ['other'] }, 'kinds'],
    [{ name: 'a', url: 'https://example.com', secret: 'weak' }, 'secret'],
    [{ name: 'a', url: 'https://example.com', disabled: 'yes' }, 'disabled'],
    [{ name: 'a', url: 'https://example.com', other: 1 }, 'other'],
  ])('refuses %j and names the field', async (order, param) => {
    const answer = await ask('POST', '/webhooks', order);

    expect(answer.status).toBe(400);
    expect(errorOf(answer).param).toBe(param);
    expect(errorOf(answer).message).toContain(`\`${param}\``);
  });

  it.each([
    ['GET', `/webhooks/${UNKNOWN}`],
    ['GET', '/webhooks/some'],
    ['PATCH', `/webhooks/${UNKNOWN}`],
    ['DELETE', `/webhooks/${UNKNOWN}`],
    ['POST', `/webhooks/${UNKNOWN}/test`],
    ['POST', `/deliveries/${UNKNOWN}/retry`],
    ['POST', '/deliveries/some/retry'],
  ])('knows no such thing: %s %s', async (method, path) => {
    const answer = await ask(method, path, method === 'PATCH' ? { name: 'a' } : undefined);

    expect(answer.status).toBe(404);
  });

  it.each(['?limit=0', '?limit=201', '?after=some', '?kind=other', '/deliveries?state=other', '/deliveries?webhook_id=some'])(
    'refuses the question %s',
    async (question) => {
      expect((await ask('GET', question)).status).toBe(400);
    },
  );
});

describe('the administration of alerts as it is without settings', () => {
  const stage = Stage.set();
  const { ask, done } = administrationOf(stage);
  let receiver: WebhookReceiver;

  beforeAll(async () => {
    receiver = await WebhookReceiver.start();
  });

  afterAll(() => receiver.stop());

  it.each(['generate', `whsec_${Buffer.alloc(32, 7).toString('base64')}`])(
    'keeps no secret, and says what it needs for it: %s',
    async (secret) => {
      const refusal = await ask('POST', '/webhooks', { name: 'a', url: 'https://example.com', secret });

      expect(refusal.status).toBe(400);
      expect(errorOf(refusal)).toMatchObject({ param: 'secret', message: expect.stringContaining('TOLLGATE_SECRET_KEYS') });
    },
  );

  it.each([
    'http://localhost/',
    'http://127.0.0.1/',
    'http://2130706433/',
    'http://[::1]/',
    'http://169.254.169.254/latest',
    'http://10.0.0.1/',
  ])('points nowhere private: %s', async (url) => {
    const refusal = await ask('POST', '/webhooks', { name: 'a', url });

    expect(refusal.status).toBe(400);
    expect(errorOf(refusal)).toMatchObject({ param: 'url', message: expect.stringContaining('ALLOW_PRIVATE_WEBHOOKS') });
  });

  it('sends nothing to what was private when it was allowed', async () => {
    const { id } = await done('POST', '/webhooks', { name: 'a', url: 'https://example.com' });
    await query(stage.gateway.databaseUrl, `UPDATE webhooks SET url = 'http://localhost:${receiver.port}/'`);

    const outcome = await done('POST', `/webhooks/${id}/test`);

    expect(outcome).toMatchObject({ delivered: false, status: null, error: expect.stringContaining('ALLOW_PRIVATE_WEBHOOKS') });
    expect(receiver.connections).toBe(0);
  });
});
