import { describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { isWebhookSecret, makeWebhookSecret, signatureHeaders } from './webhook-secret.js';

/** OpenAI signs its webhooks as Standard Webhooks says, so that its client is a receiver of ours. */
const receiver = new OpenAI({ apiKey: 'none' }).webhooks;

describe('webhook secrets', () => {
  it('are made as Standard Webhooks writes them, each another', () => {
    const [one, other] = [makeWebhookSecret(), makeWebhookSecret()];

    expect(one).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(isWebhookSecret(one)).toBe(true);
    expect(one).not.toBe(other);
  });

  it.each([24, 32, 64])('may have %d bytes', (bytes) => {
    expect(isWebhookSecret(`whsec_${Buffer.alloc(bytes, 7).toString('base64')}`)).toBe(true);
  });

  it.each([
    '',
    'whsec_',
    'secret',
    Buffer.alloc(32, 7).toString('base64'),
    `whsec_${Buffer.alloc(23, 7).toString('base64')}`,
    `whsec_${Buffer.alloc(65, 7).toString('base64')}`,
    `whsec_${Buffer.alloc(32, 255).toString('base64url')}`,
    `whsec_${Buffer.alloc(32, 7).toString('base64')} `,
    `whsec_${Buffer.alloc(32, 7).toString('base64').replace('=', '')}`,
  ])('may not be %p', (text) => {
    expect(isWebhookSecret(text)).toBe(false);
  });
});

describe('signatureHeaders', () => {
  it('signs like the other libraries', () => {
    const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
    const message = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', nowMs: 1_614_265_330_999, body: '{"test": 2432232314}' };

    expect(signatureHeaders(message, secret)).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  it('is verified by a known receiver, which refuses what was altered', async () => {
    const secret = makeWebhookSecret();
    const body = '{"message":"Grüße 𝄞"}';
    const headers = signatureHeaders({ id: 'a', nowMs: Date.now(), body }, secret);

    await expect(receiver.unwrap(body, headers, secret)).resolves.toEqual({ message: 'Grüße 𝄞' });
    await expect(receiver.unwrap(`${body} `, headers, secret)).rejects.toThrow();
    await expect(receiver.unwrap(body, { ...headers, 'webhook-id': 'b' }, secret)).rejects.toThrow();
    await expect(receiver.unwrap(body, headers, makeWebhookSecret())).rejects.toThrow();
  });

  it('does not sign without a secret', () => {
    expect(signatureHeaders({ id: 'a', nowMs: 0, body: '' }, undefined)).toEqual({ 'webhook-id': 'a', 'webhook-timestamp': '0' });
  });
});
