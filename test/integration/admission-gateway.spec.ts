import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { Secret } from '../../src/platform/config/secret.js';
import { eventually } from '../support/eventually.js';
import { ADMIN_KEY, CLIENT_KEY, OTHER_KEY, scriptedProvider, startGateway, type TestGateway } from '../support/gateway.js';
import { rawRequest, type RawAnswer } from '../support/raw-client.js';
import { createRedisDb, describeWithRedis, type RedisDb } from '../support/redis-db.js';
import { ScriptedUpstream } from '../support/upstream.js';
import { answers } from '../support/upstream/behaviours.js';
import { completion } from '../support/upstream/openai-answers.js';

describeWithRedis('two gateways over one Redis', () => {
  let db: RedisDb;
  let upstream: ScriptedUpstream;
  let gateways: readonly TestGateway[] = [];

  beforeAll(async () => {
    [db, upstream] = await Promise.all([createRedisDb(), ScriptedUpstream.start()]);
    upstream.always(answers(completion()));
    const config = {
      providers: [scriptedProvider(`${upstream.origin}/v1`)],
      redis: { url: new Secret(db.url) },
      limits: { requestsPerMinute: 5, tokensPerMinute: 10_000, concurrency: 1 },
    };
    gateways = await Promise.all([startGateway(config), startGateway(config)]);
  }, 60_000);

  afterAll(async () => {
    for (const gateway of gateways) await gateway.stop();
    await upstream.stop();
    await db.drop();
  }, 60_000);

  it('admit together what one key may', async () => {
    const statuses: (number | undefined)[] = [];
    for (let at = 0; at < 8; at += 1) {
      await settled();
      statuses.push((await call(at)).status);
    }

    expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429, 429]);
    expect(upstream.attempts).toHaveLength(5);
  });

  it('show what is left of requests and tokens, with the tokens that were really used', async () => {
    const first = await call(0, OTHER_KEY, { max_tokens: 4_000 });
    // The second asks for so much that it fits only if the first has been settled.
    const second = await call(0, OTHER_KEY, { max_tokens: 8_000 });

    expect(Number(first.headers['x-ratelimit-remaining-tokens'])).toBeLessThan(6_000);
    expect(first.headers).toMatchObject({ 'x-ratelimit-limit-tokens': '10000', 'x-ratelimit-remaining-requests': '4' });
    expect(second.status).toBe(200);
    expect(second.headers).toMatchObject({ 'x-ratelimit-remaining-requests': '3' });
  });

  it('give a place back before the next call of the same caller can come', async () => {
    const statuses = [];
    for (let at = 0; at < 3; at += 1) statuses.push((await call(0, ADMIN_KEY)).status);

    expect(statuses).toEqual([200, 200, 200]);
  });

  it('refuse a call that is larger than the limit of tokens, whenever it comes', async () => {
    const refused = await call(1, OTHER_KEY, { max_tokens: 20_000 });

    expect(refused.status).toBe(429);
    expect(refused.headers['retry-after']).toBeUndefined();
    expect(String(refused.body)).toMatch(/more than the limit of 10000 per minute/);
  });

  /** A gateway tells of the end of a call within 2 ms; the other one does not see it before. */
  async function settled(): Promise<void> {
    const redis = new Redis(db.url);
    await eventually(async () => (await redis.keys('*:hold:*')).length === 0);
    redis.disconnect();
  }

  function call(at: number, key = CLIENT_KEY, more: object = {}): Promise<RawAnswer> {
    const body = Buffer.from(JSON.stringify({ model: 'scripted-model', messages: [{ role: 'user', content: 'Hello' }], ...more }));
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    return rawRequest(gateways[at % 2]!.baseUrl, { method: 'POST', path: '/v1/chat/completions', headers, body });
  }
});
