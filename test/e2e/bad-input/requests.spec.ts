import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { CLIENT_KEY } from '../../support/gateway.js';
import { CALL_HEADERS, CHAT_PATH, MESSAGES, MODEL, Stage } from '../stage.js';
import { expectRefused } from './expect-refused.js';

const BODY = JSON.stringify({ model: MODEL, messages: MESSAGES });
const KEY = { authorization: `Bearer ${CLIENT_KEY}` };

describe('a request that', () => {
  const stage = Stage.set();

  it.each([
    ['GET', '/v1/no-such-route'],
    ['POST', '/v1/chat/completion'],
    ['POST', '/v1/chat/completions/extra'],
    ['DELETE', '/nothing'],
    ['GET', '/V1/MODELS'],
  ])('asks for an unknown route is a 404: %s %s', async (method, path) => {
    const answer = await stage.raw({ method, path, headers: KEY });

    const error = await expectRefused(stage, answer, 404);
    expect(error.message).toContain(path);
  });

  it.each([
    ['GET', '/v1/chat/completions', 'POST'],
    ['PUT', '/v1/chat/completions', 'POST'],
    ['DELETE', '/api/v1/chat/stream', 'POST'],
    ['POST', '/v1/models', 'GET'],
    ['POST', '/health', 'GET'],
  ])('uses the wrong method is a 405 that says which are right: %s %s', async (method, path, allowed) => {
    const answer = await stage.raw({ method, path, headers: { ...KEY, 'content-length': '0' } });

    const error = await expectRefused(stage, answer, 405);
    expect(answer.headers['allow']?.split(/, ?/)).toContain(allowed);
    expect(error.message).toContain(allowed);
  });

  it.each<[string, Record<string, string>]>([
    ['has no key', {}],
    ['has an empty key', { authorization: 'Bearer ' }],
    ['has an unknown key', { authorization: 'Bearer unknown-key-00000000' }],
    ['has a key that begins like a right one', { authorization: `Bearer ${CLIENT_KEY}x` }],
    ['has a part of a key', { authorization: `Bearer ${CLIENT_KEY.slice(0, -1)}` }],
    ['has its key in another scheme', { authorization: `Basic ${CLIENT_KEY}` }],
    ['has an unknown key of our own form', { authorization: 'Bearer tg-0123456789ab-0123456789abcdef0123456789abcdef' }],
    ['has an unknown X-API-Key', { 'x-api-key': 'unknown-key-00000000' }],
  ])('%s is a 401', async (_, headers) => {
    const answer = await stage.raw({
      method: 'POST',
      path: CHAT_PATH,
      headers: { 'content-type': 'application/json', ...headers },
      body: BODY,
    });

    const error = await expectRefused(stage, answer, 401);
    expect(error.code).toBe('invalid_api_key');
    expect(error.message).toMatch(/key/);
    expect(error.message).not.toMatch(/unknown-key|client-key|0123456789ab/);
  });

  it('is compressed is refused', async () => {
    const answer = await stage.raw({
      method: 'POST',
      path: CHAT_PATH,
      headers: { ...CALL_HEADERS, 'content-encoding': 'gzip' },
      body: gzipSync(BODY),
    });

    expect([400, 415]).toContain(answer.status);
    await expectRefused(stage, answer, answer.status);
  });

  it.each([
    ['two lengths', { 'content-length': '5', 'Content-Length': '7' }, [400]],
    ['a length that is no number', { 'content-length': 'many' }, [400]],
    ['a header too large', { 'x-large': 'x'.repeat(40_000) }, [400, 431]],
  ])('has %s is refused and reaches nobody', async (_, headers, statuses) => {
    const answer = await stage.raw({ method: 'POST', path: CHAT_PATH, headers: { ...CALL_HEADERS, ...headers }, body: BODY });

    expect(statuses).toContain(answer.status);
    expect(stage.upstream.attempts).toHaveLength(0);
  });

  it.each([['%'], ['%00'], ['%ff'], ['/../../etc/passwd'], ['\u2028']])('has an odd path (%j) is answered in our words', async (tail) => {
    const answer = await stage.raw({ path: `/v1/models/${encodeURI(tail).replaceAll('%25', '%')}`, headers: KEY });

    expect([400, 404]).toContain(answer.status);
    expect(JSON.parse(answer.body.toString())).toHaveProperty('error.message');
  });
});
