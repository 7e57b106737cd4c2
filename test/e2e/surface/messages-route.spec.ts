import { beforeAll, describe, expect, it } from '@jest/globals';
import { KeysService } from '../../../src/keys/index.js';
import { testProvider } from '../../support/config.js';
import { CLIENT_KEY, OTHER_KEY } from '../../support/gateway.js';
import type { RawAnswer } from '../../support/raw-client.js';
import { anthropicErrorOf, type AnthropicWireError } from '../anthropic-error.js';
import { Stage } from '../stage.js';

const QUESTION = { model: 'echo', max_tokens: 64, messages: [{ role: 'user', content: 'Hello, Tollgate!' }] };
const USER = { role: 'user', content: 'hi' };

/** What is wrong · the members it changes · the field it names. */
const FIELDS: readonly [string, object, string][] = [
  ['no model', { model: undefined }, 'model'],
  ['an empty model', { model: '' }, 'model'],
  ['no messages', { messages: undefined }, 'messages'],
  ['messages that are no list', { messages: 'hi' }, 'messages'],
  ['an unknown role', { messages: [{ role: 'robot', content: 'hi' }] }, 'messages[0].role'],
  ['a message without content', { messages: [USER, { role: 'assistant' }] }, 'messages[1].content'],
  ['a block without its text', { messages: [{ role: 'user', content: [{ type: 'text' }] }] }, 'messages[0].content[0].text'],
  ['stream: "yes"', { stream: 'yes' }, 'stream'],
  ['tools that are no list', { tools: {} }, 'tools'],
];

const BOTH_TWINS = ['/v1/messages', '/api/v1/messages'];
const ROUTES = [...BOTH_TWINS, '/v1/messages/count_tokens', '/api/v1/messages/count_tokens'];

describe.each(ROUTES)('POST %s', (path) => {
  const stage = Stage.set({ config: { providers: [testProvider()], http: { maxBodyBytes: 20_000 } } });

  async function expectRefused(answer: RawAnswer, status: number, type: string): Promise<AnthropicWireError> {
    const error = anthropicErrorOf(answer);
    expect(answer.status).toBe(status);
    expect(error.type).toBe(type);
    const lines = await stage.gateway.logs.untilLinesOf(error.request_id);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ status });
    expect((await stage.gateway.ledger.rows()).filter((row) => row.request_id === error.request_id)).toEqual([]);
    return error;
  }

  it.each<[string, Record<string, string>]>([
    ['Authorization: Bearer', { authorization: `Bearer ${CLIENT_KEY}` }],
    ['x-api-key', { authorization: '', 'x-api-key': CLIENT_KEY }],
    ['both, the same', { authorization: `Bearer ${CLIENT_KEY}`, 'x-api-key': CLIENT_KEY }],
  ])('takes a key as %s, also with ?beta=true', async (_, headers) => {
    expect((await stage.call(QUESTION, { 'anthropic-version': '2023-06-01', ...headers }, path)).status).toBe(200);
    expect((await stage.call(QUESTION, { 'anthropic-version': '2026-10-21', ...headers }, `${path}?beta=true`)).status).toBe(200);
  });

  it.each(FIELDS)('refuses %s and names the field', async (_, change, field) => {
    const answer = await stage.call({ ...QUESTION, ...change }, {}, path);

    expect((await expectRefused(answer, 400, 'invalid_request_error')).message).toContain(field);
  });

  it.each([['{"model":"echo",'], ['hello'], ['']])('refuses a body that is no JSON: %j', async (body) => {
    expect((await expectRefused(await stage.call(body, {}, path), 400, 'invalid_request_error')).message).toMatch(/JSON/);
  });

  it.each([['null'], ['[]'], ['7']])('refuses a body that is %s', async (body) => {
    expect((await expectRefused(await stage.call(body, {}, path), 400, 'invalid_request_error')).message).toMatch(/object/);
  });

  it('refuses a body that says the model twice', async () => {
    const twice = '{"model":"echo","mod\\u0065l":"echo","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}';

    expect((await expectRefused(await stage.call(twice, {}, path), 400, 'invalid_request_error')).message).toMatch(/model/);
  });

  it('refuses a model that nobody has', async () => {
    const error = await expectRefused(await stage.call({ ...QUESTION, model: 'no-such-model' }, {}, path), 404, 'not_found_error');

    expect(error.message).toContain('no-such-model');
  });

  it.each<[string, Record<string, string>]>([
    ['no key', { authorization: '' }],
    ['an unknown key', { authorization: '', 'x-api-key': 'unknown-key-00000000' }],
    ['two different keys', { 'x-api-key': OTHER_KEY }],
  ])('refuses %s', async (_, headers) => {
    await expectRefused(await stage.call(QUESTION, headers, path), 401, 'authentication_error');
  });

  it('refuses a body over the limit', async () => {
    const answer = await stage.call({ ...QUESTION, system: 'x'.repeat(20_000) }, {}, path);

    expect((await expectRefused(answer, 413, 'request_too_large')).message).toMatch(/20000/);
  });

  it('refuses what is not JSON by its content type', async () => {
    const answer = await stage.call(QUESTION, { 'content-type': 'text/plain' }, path);

    expect((await expectRefused(answer, 415, 'invalid_request_error')).message).toMatch(/application\/json/);
  });

  it('refuses another method, and says which is right', async () => {
    const answer = await stage.raw({ path, headers: { authorization: `Bearer ${CLIENT_KEY}` } });

    await expectRefused(answer, 405, 'invalid_request_error');
    expect(answer.headers['allow']).toBe('POST');
  });

  it('has nothing below it', async () => {
    await expectRefused(await stage.call(QUESTION, {}, `${path}/nothing`), 404, 'not_found_error');
  });
});

describe('what is not Anthropic’s', () => {
  const stage = Stage.set({ config: { providers: [testProvider()] } });

  it.each(['/v1/messages-not', '/v1/message', '/messages', '/v2/messages'])('keeps the shape of OpenAI: %s', async (path) => {
    const answer = await stage.call(QUESTION, { 'anthropic-version': '2023-06-01' }, path);

    expect(answer.status).toBe(404);
    expect(JSON.parse(answer.body.toString())).toMatchObject({ error: { code: null, param: null } });
  });
});

describe('a message', () => {
  const stage = Stage.set({ config: { providers: [testProvider()] } });
  let viewerKey: string;

  beforeAll(async () => {
    viewerKey = (await stage.gateway.app.get(KeysService, { strict: false }).create({ name: 'watcher', role: 'viewer' })).key;
  });

  it.each(BOTH_TWINS)('must say how long its answer may be: %s', async (path) => {
    const answer = await stage.call({ ...QUESTION, max_tokens: undefined }, {}, path);

    expect(answer.status).toBe(400);
    expect(anthropicErrorOf(answer).message).toContain('max_tokens');
  });

  it.each(ROUTES)('is not for a key that only watches: %s', async (path) => {
    const answer = await stage.call(QUESTION, { authorization: `Bearer ${viewerKey}` }, path);

    expect(answer.status).toBe(403);
    expect(anthropicErrorOf(answer).type).toBe('permission_error');
  });

  it('makes a row, a line and an answer in its own shape', async () => {
    const requestId = stage.requestId();

    const answer = await stage.call(QUESTION, { 'x-request-id': requestId }, '/v1/messages');

    expect(JSON.parse(answer.body.toString())).toMatchObject({ type: 'message', role: 'assistant', stop_reason: 'end_turn' });
    expect(answer.headers['x-request-id']).toBe(requestId);
    expect(await stage.gateway.ledger.row(requestId)).toMatchObject({ model_asked: 'echo', status: 200 });
  });
});
