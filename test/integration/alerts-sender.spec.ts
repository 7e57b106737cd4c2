import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import { systemClock } from '../../src/core/clock.js';
import type { Resolve } from '../../src/alerts/address/guarded-connector.js';
import { isPublicAddress } from '../../src/alerts/address/public-address.js';
import { type SenderOptions, WebhookSender } from '../../src/alerts/delivery/webhook-sender.js';
import { eventually } from '../support/eventually.js';
import { inTime } from '../support/in-time.js';
import { answersWith, saysNothing, WebhookReceiver } from '../support/webhook-receiver.js';

const MESSAGE = { headers: { 'content-type': 'application/json', 'webhook-id': 'a' }, body: '{"kind":"test"}' };
/** Two addresses of this machine stand for the internet and for what is private. */
const PUBLIC = '127.0.0.2';
const PRIVATE = '127.0.0.1';
const onlyPublic = (address: string): boolean => address === PUBLIC;

const signal = new AbortController().signal;

function send(url: string, options: Partial<SenderOptions> = {}) {
  return new WebhookSender({ isAllowed: () => true, ...options }, systemClock).send(url, MESSAGE, signal);
}

/** A name server that answers once with each of these, and then with the last for ever. */
function answersInTurn(...answers: readonly (readonly string[])[]): Resolve & { asked: string[] } {
  const asked: string[] = [];
  const resolve: Resolve = (hostname, _, answer) => {
    const addresses = answers[Math.min(asked.push(hostname), answers.length) - 1]!;
    process.nextTick(
      answer,
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  };
  return Object.assign(resolve, { asked });
}

describe('a webhook is sent', () => {
  let receiver: WebhookReceiver;

  beforeEach(async () => {
    receiver = await WebhookReceiver.start();
  });

  afterEach(() => receiver.stop());

  it('by POST, to the whole address', async () => {
    const answer = await send(receiver.url);

    expect(answer).toEqual({ status: 200, error: undefined, isRefused: false, retryAfterMs: undefined });
    expect(receiver.received).toMatchObject([{ method: 'POST', path: '/hook?token=secret', headers: MESSAGE.headers, body: MESSAGE.body }]);
  });

  it('over a connection of its own, each time', async () => {
    const sender = new WebhookSender({ isAllowed: () => true }, systemClock);

    for (let at = 0; at < 3; at += 1) await sender.send(receiver.url, MESSAGE, signal);

    expect(receiver.connections).toBe(3);
  });

  it.each([301, 302, 303, 307, 308])('and follows no redirect (%d)', async (status) => {
    const elsewhere = await WebhookReceiver.start();
    receiver.behave(answersWith(status, { location: elsewhere.url }));

    const answer = await send(receiver.url);

    expect(answer).toMatchObject({ status, error: `the receiver answered ${status}` });
    expect(elsewhere.connections).toBe(0);
    await elsewhere.stop();
  });

  it('and the wish to be asked later is heard, in seconds or as a date', async () => {
    receiver.behave(answersWith(503, { 'retry-after': '120' }));
    expect(await send(receiver.url)).toMatchObject({ status: 503, retryAfterMs: 120_000 });

    receiver.behave(answersWith(429, { 'retry-after': new Date(Date.now() + 3_600_000).toUTCString() }));
    const { retryAfterMs } = (await send(receiver.url))!;
    expect(retryAfterMs).toBeGreaterThan(3_000_000);

    receiver.behave(answersWith(429, { 'retry-after': 'soon' }));
    expect(await send(receiver.url)).toMatchObject({ status: 429, retryAfterMs: undefined });
  });

  it('and given up when nothing is answered in time', async () => {
    receiver.behave(saysNothing);

    const answer = await inTime(200, () => send(receiver.url, { totalMs: 100 }));

    expect(answer).toMatchObject({ status: undefined, error: 'no answer within 100 ms', isRefused: false });
  });

  it('and an answer without end is not read to its end', async () => {
    let isClosed = false;
    receiver.behave((_, response) => {
      const pour = (): void =>
        void (response.destroyed || (response.write('x'.repeat(16_384)) ? setImmediate(pour) : response.once('drain', pour)));
      response.on('close', () => (isClosed = true));
      response.writeHead(200);
      pour();
    });

    expect(await send(receiver.url)).toMatchObject({ status: 200, error: undefined });
    await eventually(() => isClosed);
  });

  it('and an answer that trickles does not hold the sender', async () => {
    let isClosed = false;
    receiver.behave((_, response) => {
      response.on('close', () => (isClosed = true));
      response.writeHead(200);
      response.write('.');
    });

    const answer = await inTime(200, () => send(receiver.url, { totalMs: 200 }));

    expect(answer).toMatchObject({ status: 200, error: undefined });
    await eventually(() => isClosed);
  });

  it('and nothing is known of one that was cut off', async () => {
    receiver.behave(saysNothing);
    const cutOff = new AbortController();

    const answer = new WebhookSender({ isAllowed: () => true }, systemClock).send(receiver.url, MESSAGE, cutOff.signal);
    await eventually(() => receiver.received.length === 1);
    cutOff.abort();

    expect(await answer).toBeUndefined();
  });

  it('and why it could not be is told without the secret part of its address', async () => {
    const { url } = receiver;
    await receiver.stop();

    const answer = await send(url);

    expect(answer).toMatchObject({ status: undefined, error: expect.stringContaining('ECONNREFUSED'), isRefused: false });
    expect(answer!.error).not.toContain('secret');
    receiver = await WebhookReceiver.start();
  });

  it('and what speaks no HTTP is no answer', async () => {
    const server: Server = createServer((socket) => socket.end('220 smtp.example.com ESMTP\r\n')).listen(0, '127.0.0.1');
    await once(server, 'listening');

    const answer = await send(`http://127.0.0.1:${(server.address() as { port: number }).port}/`);

    expect(answer).toMatchObject({ status: undefined, error: expect.any(String) });
    server.close();
  });
});

describe('a webhook is not sent to private addresses', () => {
  let receiver: WebhookReceiver;

  beforeEach(async () => {
    receiver = await WebhookReceiver.start('0.0.0.0');
  });

  afterEach(() => receiver.stop());

  it.each([
    '127.0.0.1',
    '127.1',
    '0x7f000001',
    '2130706433',
    '017700000001',
    '0',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[64:ff9b::7f00:1]',
    '[2002:7f00:1::]',
    '１２７.0.0.1',
    'localhost',
  ])('however they are written: %s', async (host) => {
    const answer = await send(`http://${host}:${receiver.port}/`, { isAllowed: isPublicAddress });

    expect(answer).toMatchObject({ status: undefined, isRefused: true, error: expect.stringContaining('ALLOW_PRIVATE_WEBHOOKS') });
    expect(receiver.connections).toBe(0);
  });

  it('that a name leads to', async () => {
    const resolve = answersInTurn([PRIVATE]);

    const answer = await send(`http://inside.example.com:${receiver.port}/`, { isAllowed: onlyPublic, resolve });

    expect(answer).toMatchObject({ isRefused: true, error: expect.stringContaining('inside.example.com') });
    expect(receiver.connections).toBe(0);
  });

  it('of a name that leads to public ones, too', async () => {
    const resolve = answersInTurn([PRIVATE, '::1', PUBLIC]);

    const answer = await send(`http://mixed.example.com:${receiver.port}/`, { isAllowed: onlyPublic, resolve });

    expect(answer).toMatchObject({ status: 200 });
    expect(receiver.received).toHaveLength(1);
    expect(resolve.asked).toHaveLength(1);
  });

  it('of a name that leads elsewhere from one moment to the next', async () => {
    const resolve = answersInTurn([PUBLIC], [PRIVATE]);
    const url = `http://rebinding.example.com:${receiver.port}/`;
    const sender = new WebhookSender({ isAllowed: onlyPublic, resolve }, systemClock);

    const first = await sender.send(url, MESSAGE, signal);
    const second = await sender.send(url, MESSAGE, signal);

    expect(first).toMatchObject({ status: 200 });
    expect(second).toMatchObject({ status: undefined, isRefused: true });
    expect(resolve.asked).toHaveLength(2);
    expect(receiver.connections).toBe(1);
  });

  it('that a connection was made to although its name had looked public', async () => {
    // What is asked the first time is the look-up, and then what was connected to.
    const verdicts = [true, false];

    const answer = await send(`http://odd.example.com:${receiver.port}/`, {
      isAllowed: () => verdicts.shift()!,
      resolve: answersInTurn([PRIVATE]),
    });

    expect(answer).toMatchObject({ isRefused: true });
    expect(receiver.received).toHaveLength(0);
  });

  it('unless that is allowed', async () => {
    expect(await send(`http://localhost:${receiver.port}/`)).toMatchObject({ status: 200 });
  });

  it('and a name that nobody knows is told as such', async () => {
    const unknown: Resolve = (_, __, answer) =>
      process.nextTick(answer, Object.assign(new Error('getaddrinfo ENOTFOUND nowhere'), { code: 'ENOTFOUND' }), []);

    expect(await send('http://nowhere.example.com/', { resolve: unknown })).toMatchObject({
      status: undefined,
      isRefused: false,
      error: expect.stringContaining('ENOTFOUND'),
    });
  });
});
