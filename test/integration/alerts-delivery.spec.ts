import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { AlertsStore } from '../../src/alerts/alerts.store.js';
import { makeId } from '../../src/core/ids.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { alertsOver, type AlertsOptions } from '../support/alerts.js';
import { startChild } from '../support/child.js';
import { eventually } from '../support/eventually.js';
import { Gate } from '../support/gate.js';
import { BUSY_MACHINE_MS, inTime } from '../support/in-time.js';
import { query } from '../support/query.js';
import { openReplica, type Replica } from '../support/replica.js';
import { answersWith, saysNothing, WebhookReceiver } from '../support/webhook-receiver.js';

const ANN = { id: 'key-ann', name: 'Ann' };
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Longer than any wait between attempts, so that the one is told from the other. */
const LEASE_MS = 25 * HOUR;
/** Dispatchers here look when they are told to, or when something is notified. */
const QUIET = { pollMs: HOUR, leaseMs: LEASE_MS };

/** Time that stands still, unless it is moved. */
class TestClock {
  private readonly begin = Date.now();
  private moved = 0;

  now = (): number => this.begin + this.moved;
  elapsed = (): number => this.moved;

  move(ms: number): void {
    this.moved += ms;
  }
}

describe('alerts', () => {
  let server: TestDatabase;
  let receiver: WebhookReceiver;
  let clock: TestClock;
  const replicas: Replica[] = [];
  const processes: ReturnType<typeof alertsOver>[] = [];

  beforeEach(async () => {
    server = await createDatabase();
    receiver = await WebhookReceiver.start();
    clock = new TestClock();
  });

  afterEach(async () => {
    await Promise.all(processes.splice(0).map(({ dispatcher }) => dispatcher.onApplicationShutdown()));
    await Promise.all(replicas.splice(0).map((replica) => replica.stop()));
    await receiver.stop();
    await server.drop();
  });

  async function start(options: AlertsOptions & { readonly url?: string } = {}) {
    const replica = await openReplica(options.url ?? server.url);
    replicas.push(replica);
    const process = alertsOver(replica, { clock, limits: QUIET, ...options });
    processes.push(process);
    await replica.start();
    process.dispatcher.onModuleInit();
    await eventually(() => replica.notifications.isListening);
    return process;
  }

  const deliveries = () =>
    query<{ state: string; attempts: number }>(server.url, 'SELECT state, attempts FROM webhook_deliveries ORDER BY id');
  const states = async (): Promise<string[]> => (await deliveries()).map(({ state }) => state);
  /** What came of the last attempt is written down, and another is to come. */
  const isResting = async (): Promise<boolean> => {
    const [row] = await query<{ next_at: Date; state: string }>(server.url, 'SELECT next_at, state FROM webhook_deliveries');
    return row?.state === 'pending' && row.next_at.getTime() > clock.now() && row.next_at.getTime() < clock.now() + 24 * HOUR;
  };
  const occasionsReceived = (): unknown[] =>
    receiver.received.map(({ body }) => (JSON.parse(body) as { facts: { number: unknown } }).facts.number);

  it('reach each webhook that wants them, soon, and no other', async () => {
    const { alerts, webhooks } = await start();
    await webhooks.create({ name: 'all', url: `${receiver.url}&all` }, ANN);
    await webhooks.create({ name: 'unpriced', url: `${receiver.url}&unpriced`, kinds: ['model_unpriced'] }, ANN);
    await webhooks.create({ name: 'bounds', url: `${receiver.url}&bounds`, kinds: ['bound_exceeded'] }, ANN);
    await webhooks.create({ name: 'off', url: `${receiver.url}&off`, disabled: true }, ANN);

    await inTime(1_000, async () => {
      alerts.raise('model_unpriced', 'unpriced:x', { model: 'x' });
      await eventually(() => receiver.received.length === 2);
    });

    expect(receiver.received.map(({ path }) => path).sort()).toEqual(['/hook?token=secret&all', '/hook?token=secret&unpriced']);
    expect(receiver.received.map(({ body }) => JSON.parse(body) as unknown)).toEqual(
      Array.from({ length: 2 }, () => expect.objectContaining({ kind: 'model_unpriced', facts: { model: 'x' } })),
    );
    await eventually(async () => (await states()).join() === 'delivered,delivered');
  });

  it('are what they were when they are raised again elsewhere', async () => {
    await start();
    const store = new AlertsStore(replicas[0]!.prisma);
    const alert = { at: clock.now(), kind: 'model_unpriced', occasion: 'one' };

    await store.insert({ ...alert, id: makeId(clock.now()), facts: { number: 1 } });
    await store.insert({ ...alert, id: makeId(clock.now()), facts: { number: 2 } });

    expect(await store.list({ limit: 10 })).toMatchObject([{ occasion: 'one', facts: { number: 1 } }]);
  });

  it('are found without a word, as the ledger leaves them', async () => {
    const { webhooks } = await start({ limits: { ...QUIET, pollMs: 20 } });
    await webhooks.create({ name: 'all', url: receiver.url }, ANN);

    await query(
      server.url,
      `INSERT INTO alerts (id, at, kind, occasion, facts) VALUES (gen_random_uuid(), now(), 'budget_threshold', 'budget:1:2:80', '{"budget": "b"}')`,
    );

    await eventually(() => receiver.received.length === 1);
  });

  it('are one per occasion, and arrive once, however many processes raise and deliver them', async () => {
    const [one, other] = [await start(), await start()];
    const { secret } = await one.webhooks.create({ name: 'all', url: receiver.url, secret: 'generate' }, ANN);

    for (let number = 0; number < 60; number += 1) {
      for (const { alerts } of [one, other]) alerts.raise('model_unpriced', `occasion ${number}`, { number });
    }
    await eventually(() => receiver.received.length >= 60, 30_000);
    await eventually(async () => (await states()).every((state) => state === 'delivered'));
    for (const { dispatcher } of [one, other]) dispatcher.hurry();

    expect(await states()).toHaveLength(60);
    expect(new Set(occasionsReceived()).size).toBe(60);
    expect(receiver.received).toHaveLength(60);
    const verifier = new OpenAI({ apiKey: 'none' }).webhooks;
    for (const { body, headers } of receiver.received) {
      await verifier.verifySignature(body, headers, secret);
      expect(headers['webhook-id']).toBe((JSON.parse(body) as { id: string }).id);
    }
  }, 60_000);

  it('arrive although the process that was delivering them is killed in the middle, with the same id', async () => {
    receiver.behave(saysNothing);
    const { alerts, webhooks } = await start({ limits: { ...QUIET, atOnce: 0 } });
    await webhooks.create({ name: 'all', url: receiver.url }, ANN);
    const child = await startChild<string>('alert-dispatcher.ts', { args: [server.url] });
    for (let number = 0; number < 5; number += 1) alerts.raise('model_unpriced', `occasion ${number}`, { number });
    await eventually(() => receiver.received.length >= 2, 20_000);
    await child.kill('SIGKILL');
    receiver.behave(answersWith(200));

    // Past the leases of the dead one, and past the time, by its own clock, from which what it made out is due.
    clock.move(HOUR);
    await start();
    await eventually(async () => (await states()).every((state) => state === 'delivered'), 20_000);

    expect(new Set(occasionsReceived())).toEqual(new Set([0, 1, 2, 3, 4]));
    expect(receiver.received.length).toBeLessThanOrEqual(10);
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(5);
  }, 60_000);

  it('are tried again later and later, each time signed anew, and given up after about a day', async () => {
    receiver.behave(answersWith(500));
    const { alerts, webhooks, dispatcher, deliveries: book } = await start();
    await webhooks.create({ name: 'all', url: receiver.url, secret: 'generate' }, ANN);
    const startedAt = clock.now();
    alerts.raise('model_unpriced', 'one', {});

    const waits: number[] = [];
    for (let attempt = 1; attempt <= 8; attempt += 1) {
      await eventually(() => receiver.received.length === attempt);
      await eventually(async () => (attempt === 8 ? (await states()).join() === 'failed' : isResting()));
      const [delivery] = await book.list({ limit: 1 });
      expect(delivery).toMatchObject({ attempts: attempt, lastError: 'the receiver answered 500' });
      if (attempt === 8) break;
      const waitMs = delivery!.nextAt - clock.now();
      waits.push(waitMs);
      clock.move(waitMs - 1_000);
      dispatcher.hurry();
      expect(receiver.received).toHaveLength(attempt);
      clock.move(1_000);
      dispatcher.hurry();
    }

    const planned = [15_000, MINUTE, 4 * MINUTE, 16 * MINUTE, 64 * MINUTE, 256 * MINUTE, 1_024 * MINUTE];
    for (const [at, waitMs] of waits.entries()) expect(Math.abs(waitMs / planned[at]! - 1)).toBeLessThanOrEqual(0.2001);
    expect(clock.now() - startedAt).toBeGreaterThan(18 * HOUR);
    const headers = receiver.received.map((message) => message.headers);
    expect(new Set(headers.map((header) => header['webhook-id'])).size).toBe(1);
    expect(new Set(headers.map((header) => header['webhook-timestamp'])).size).toBe(8);
    expect(new Set(headers.map((header) => header['webhook-signature'])).size).toBe(8);
  }, 60_000);

  it('are retried when somebody asks, and again from the beginning', async () => {
    receiver.behave(answersWith(400));
    const { alerts, webhooks, dispatcher, deliveries: book } = await start();
    await webhooks.create({ name: 'all', url: receiver.url }, ANN);
    alerts.raise('model_unpriced', 'one', {});
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      await eventually(() => receiver.received.length === attempt);
      await eventually(async () => attempt === 3 || (await isResting()));
      clock.move(HOUR);
      dispatcher.hurry();
    }
    await eventually(async () => (await states()).join() === 'failed');
    receiver.behave(answersWith(204));

    const [{ id } = { id: '' }] = await book.list({ limit: 1 });
    expect(await book.retry(id, ANN)).toMatchObject({ state: 'pending', attempts: 0 });

    await eventually(async () => (await states()).join() === 'delivered');
    expect(receiver.received).toHaveLength(4);
    expect(await book.list({ limit: 1 })).toMatchObject([{ attempts: 1, lastStatus: 204, lastError: undefined, deliveredAt: clock.now() }]);
    await expect(book.retry(id, ANN)).rejects.toMatchObject({ kind: 'conflict' });
    expect(await query(server.url, `SELECT action, entity FROM audit_log WHERE entity = 'webhook_delivery'`)).toEqual([
      { action: 'retry', entity: 'webhook_delivery' },
    ]);
  });

  it('are sent no more to a receiver that is gone, and the others are told', async () => {
    const other = await WebhookReceiver.start();
    receiver.behave(answersWith(410));
    const { alerts, webhooks } = await start();
    const { webhook } = await webhooks.create({ name: 'gone', url: receiver.url }, ANN);
    await webhooks.create({ name: 'here', url: other.url }, ANN);

    alerts.raise('model_unpriced', 'one', {});
    await eventually(() => other.received.length === 2);

    expect(await webhooks.find(webhook.id)).toMatchObject({ disabled: true });
    expect(receiver.received).toHaveLength(1);
    expect(other.received.map(({ body }) => (JSON.parse(body) as { kind: string }).kind).sort()).toEqual([
      'model_unpriced',
      'webhook_disabled',
    ]);
    expect(await query(server.url, `SELECT actor_id, action FROM audit_log WHERE entity_id = '${webhook.id}' ORDER BY id`)).toEqual([
      { actor_id: ANN.id, action: 'create' },
      { actor_id: 'gateway', action: 'disable' },
    ]);
    await other.stop();
  });

  it('rest while their webhook is off, and go on when it is on again', async () => {
    receiver.behave(answersWith(500));
    const { alerts, webhooks, dispatcher, deliveries: book } = await start();
    const { webhook } = await webhooks.create({ name: 'all', url: receiver.url }, ANN);
    alerts.raise('model_unpriced', 'one', {});
    await eventually(() => receiver.received.length === 1);
    await eventually(isResting);
    await webhooks.change(webhook.id, { disabled: true }, ANN);
    receiver.behave(answersWith(200));
    clock.move(HOUR);
    dispatcher.hurry();
    const [{ id } = { id: '' }] = await book.list({ limit: 1 });
    await expect(book.retry(id, ANN)).rejects.toMatchObject({ kind: 'conflict' });
    expect(receiver.received).toHaveLength(1);

    await webhooks.change(webhook.id, { disabled: false }, ANN);

    await eventually(async () => (await states()).join() === 'delivered');
  });

  it('wait for the key that the secret was encrypted with', async () => {
    const { alerts, webhooks, deliveries: book, dispatcher } = await start({ secretKeys: ['another-key-of-32-characters-or-more'] });
    const { webhook } = await webhooks.create({ name: 'all', url: receiver.url, secret: 'generate' }, ANN);
    await dispatcher.onApplicationShutdown();
    const without = await start();
    alerts.raise('model_unpriced', 'one', {});
    await eventually(isResting);
    expect(await book.list({ limit: 1 })).toMatchObject([{ state: 'pending', lastError: expect.stringContaining('TOLLGATE_SECRET_KEYS') }]);
    expect(await without.webhooks.test(webhook.id)).toMatchObject({ error: expect.stringContaining('TOLLGATE_SECRET_KEYS') });
    expect(receiver.received).toHaveLength(0);
    await without.dispatcher.onApplicationShutdown();

    clock.move(HOUR);
    await start({ secretKeys: ['a-new-key-that-replaces-the-old-one!', 'another-key-of-32-characters-or-more'] });

    await eventually(() => receiver.received.length === 1);
  });

  it('to one receiver that does not answer hold up no others', async () => {
    const slow = await WebhookReceiver.start();
    slow.behave(saysNothing);
    const { alerts, webhooks } = await start();
    await webhooks.create({ name: 'slow', url: slow.url }, ANN);
    await webhooks.create({ name: 'fast', url: receiver.url }, ANN);

    await inTime(2_000, async () => {
      for (let number = 0; number < 40; number += 1) alerts.raise('model_unpriced', `occasion ${number}`, { number });
      await eventually(() => receiver.received.length === 40);
    });

    expect(slow.received.length).toBeLessThanOrEqual(3);
    await slow.stop();
  });

  it('under way are let finish at shutdown, for 2 s, and are due again after that', async () => {
    const { alerts, webhooks, dispatcher } = await start();
    const slow = await WebhookReceiver.start();
    slow.behave(saysNothing);
    receiver.behave((_, response) => void setTimeout(() => response.end('ok'), 300));
    await webhooks.create({ name: 'soon', url: receiver.url }, ANN);
    await webhooks.create({ name: 'never', url: slow.url }, ANN);
    alerts.raise('model_unpriced', 'one', {});
    await eventually(() => receiver.received.length === 1 && slow.received.length === 1);

    await inTime(2_000, () => dispatcher.onApplicationShutdown());

    expect((await states()).sort()).toEqual(['delivered', 'pending']);
    slow.behave(answersWith(200));
    clock.move(LEASE_MS);
    await start();
    await eventually(async () => (await states()).every((state) => state === 'delivered'));
    expect(slow.received).toHaveLength(2);
    await slow.stop();
  });

  it('wait for a database that is away, and are one each when it is back', async () => {
    const gate = await Gate.before(server.url);
    await gate.open();
    const { alerts, webhooks } = await start({ url: gate.url, limits: { ...QUIET, pollMs: 50 } });
    await webhooks.create({ name: 'all', url: receiver.url }, ANN);
    await gate.shut();

    alerts.raise('model_unpriced', 'one', { number: 1 });
    alerts.raise('model_unpriced', 'two', { number: 2 });
    expect(await query(server.url, 'SELECT id FROM alerts')).toEqual([]);
    await gate.open();

    await eventually(() => receiver.received.length === 2, 15_000 + BUSY_MACHINE_MS);
    expect(new Set(occasionsReceived())).toEqual(new Set([1, 2]));
    await alerts.onApplicationShutdown();
    for (const { dispatcher } of processes.splice(0)) await dispatcher.onApplicationShutdown();
    await Promise.all(replicas.splice(0).map((replica) => replica.stop()));
    await gate.shut();
  });
});
