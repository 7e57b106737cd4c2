import { describe, expect, it } from '@jest/globals';
import Anthropic from '@anthropic-ai/sdk';
import { testProvider } from '../../support/config.js';
import { CLIENT_KEY, PROVIDER_KEY, scriptedProvider } from '../../support/gateway.js';
import type { RawAnswer } from '../../support/raw-client.js';
import type { Behaviour } from '../../support/upstream.js';
import { answers, cuts, hangs, refuses, streams } from '../../support/upstream/behaviours.js';
import { anthropicErrorOf } from '../anthropic-error.js';
import { MESSAGES, MODEL, Stage } from '../stage.js';

const PATH = '/v1/messages/count_tokens';
const QUESTION = { model: MODEL, messages: MESSAGES };
const ANTHROPIC = { type: 'anthropic', dialects: ['anthropic-messages'] } as const;

function refusal(status: number, type: string, message: string): Behaviour {
  return answers({ type: 'error', error: { type, message } }, status);
}

function countOf(answer: RawAnswer): { readonly tokens: unknown; readonly estimate: string | undefined } {
  expect(answer.status).toBe(200);
  const body = JSON.parse(answer.body.toString()) as { readonly input_tokens: unknown };
  return { tokens: body.input_tokens, estimate: answer.headers['x-tollgate-estimate'] };
}

describe('counting tokens, where the provider can count,', () => {
  const stage = Stage.set({ provider: { ...ANTHROPIC, timeouts: { connectMs: 500, firstTokenMs: 300, idleMs: 300, totalMs: 300 } } });

  it('passes on what the provider says, having asked it in its own words', async () => {
    stage.upstream.next(answers({ input_tokens: 4711, context_management: { original_input_tokens: 5000 } }));
    const requestId = stage.requestId();
    const body = `{"model":"${MODEL}","messages":[{"role":"user","content":"Gr\\u00fc\\u00dfe"}],"x_new":{"a":1.50}}`;

    const answer = await stage.call(
      body,
      { 'x-request-id': requestId, 'anthropic-version': '2023-06-01', 'anthropic-beta': 'token-counting-2024-11-01' },
      `${PATH}?beta=true`,
    );

    expect(countOf(answer)).toEqual({ tokens: 4711, estimate: undefined });
    expect(JSON.parse(answer.body.toString())).toHaveProperty('context_management.original_input_tokens', 5000);
    expect(answer.headers).toMatchObject({ 'x-request-id': requestId, 'request-id': requestId });
    const attempt = await stage.upstream.attempt(0);
    expect(attempt.path).toMatch(/\/messages\/count_tokens$/);
    expect(attempt.body.toString()).toBe(body);
    expect(attempt.headers).toMatchObject({
      'x-api-key': PROVIDER_KEY,
      'anthropic-version': '2023-06-01',
      'anthropic-beta': 'token-counting-2024-11-01',
    });
    expect(JSON.stringify(attempt.headers)).not.toContain(CLIENT_KEY);
  });

  it('answers the official client', async () => {
    stage.upstream.next(answers({ input_tokens: 12 }));
    const client = new Anthropic({ baseURL: stage.gateway.baseUrl, apiKey: CLIENT_KEY, maxRetries: 0 });

    expect(await client.messages.countTokens(QUESTION)).toMatchObject({ input_tokens: 12 });
  });

  it('makes no row in the ledger', async () => {
    stage.upstream.next(answers({ input_tokens: 12 }));
    const requestId = stage.requestId();

    await stage.call(QUESTION, { 'x-request-id': requestId }, PATH);

    expect(await stage.gateway.logs.untilLinesOf(requestId)).toHaveLength(1);
    expect((await stage.gateway.ledger.rows()).filter((row) => row.request_id === requestId)).toEqual([]);
  });

  it.each<[string, Behaviour]>([
    ['does not know the route', refusal(404, 'not_found_error', 'Not found')],
    ['does not take the method', refuses(405)],
    ['refuses our key', refusal(401, 'authentication_error', `invalid x-api-key ${PROVIDER_KEY}`)],
    ['limits us', refusal(429, 'rate_limit_error', 'slow down')],
    ['fails', refusal(500, 'api_error', `panic with ${PROVIDER_KEY}`)],
    ['is overloaded', refusal(529, 'overloaded_error', 'Overloaded')],
    ['answers with a page', answers('<html></html>', 200, { 'content-type': 'text/html' })],
    ['answers with no count', answers({ tokens: 7 })],
    ['answers with a count that is none', answers({ input_tokens: '7' })],
    ['answers without an end', streams(Array.from({ length: 100 }, () => 'x'.repeat(2_000)))],
    ['hangs up', cuts],
    ['says nothing', hangs],
  ])('counts by itself when the provider %s', async (_, behaviour) => {
    stage.upstream.next(behaviour);

    const answer = await stage.call(QUESTION, {}, PATH);

    const { tokens, estimate } = countOf(answer);
    expect(estimate).toBe('true');
    expect(tokens).toBeGreaterThanOrEqual(3);
    expect(tokens).toBeLessThan(30);
    expect(JSON.stringify(answer.headers) + answer.body.toString() + stage.gateway.logs.text).not.toContain(PROVIDER_KEY);
  });

  it.each([
    [400, 'invalid_request_error'],
    [413, 'request_too_large'],
  ])('passes on what the provider has against the request itself: %d', async (status, type) => {
    stage.upstream.next(refusal(status, type, `messages: no, said ${PROVIDER_KEY}`));

    const answer = await stage.call(QUESTION, {}, PATH);

    expect(answer.status).toBe(status);
    expect(anthropicErrorOf(answer)).toMatchObject({ type, message: expect.stringContaining('messages: no') });
    expect(answer.body.toString()).not.toContain(PROVIDER_KEY);
  });

  it('tells nobody the size of a file that is not theirs', async () => {
    const content = [{ type: 'document', source: { type: 'file', file_id: 'file_of_somebody_else' } }];

    const answer = await stage.call({ ...QUESTION, messages: [{ role: 'user', content }] }, {}, PATH);

    expect(answer.status).toBe(404);
    expect(anthropicErrorOf(answer)).toMatchObject({ type: 'not_found_error', message: expect.stringContaining('file_id') });
    expect(stage.upstream.attempts).toHaveLength(0);
  });

  it('asks nobody about a request that is not one', async () => {
    const answer = await stage.call({ ...QUESTION, messages: [{ role: 'robot', content: 'hi' }] }, {}, PATH);

    expect(answer.status).toBe(400);
    expect(anthropicErrorOf(answer).message).toContain('messages[0].role');
    expect(stage.upstream.attempts).toHaveLength(0);
  });
});

describe('counting tokens, where the provider cannot count,', () => {
  const stage = Stage.set();

  it('counts by itself without asking, and says so', async () => {
    const short = countOf(await stage.call(QUESTION, {}, PATH));
    const long = countOf(await stage.call({ ...QUESTION, system: 'Be brief. '.repeat(100) }, {}, PATH));

    expect([short.estimate, long.estimate]).toEqual(['true', 'true']);
    expect(Number(long.tokens) - Number(short.tokens)).toBeGreaterThanOrEqual(250);
    expect(Number(long.tokens) - Number(short.tokens)).toBeLessThan(450);
    expect(stage.upstream.attempts).toHaveLength(0);
  });

  it('counts tools too, and asks for no limit on the answer', async () => {
    const tool = { name: 'get_weather', description: 'The weather of a city.', input_schema: { type: 'object', properties: {} } };

    const plain = countOf(await stage.call(QUESTION, {}, PATH));
    const withTool = countOf(await stage.call({ ...QUESTION, max_tokens: 5, tools: [tool] }, {}, PATH));

    expect(Number(withTool.tokens)).toBeGreaterThan(Number(plain.tokens));
  });
});

describe('counting tokens for a model of several providers', () => {
  const stage = Stage.set({
    config: {
      providers: [
        testProvider(),
        scriptedProvider('http://127.0.0.1:9/v1', { name: 'unable' }),
        scriptedProvider('http://127.0.0.1:9/v1', { ...ANTHROPIC, name: 'able' }),
      ],
    },
  });

  it('asks the first that can; nobody there is no reason not to count', async () => {
    const requestId = stage.requestId();

    const { estimate } = countOf(await stage.call(QUESTION, { 'x-request-id': requestId }, PATH));

    expect(estimate).toBe('true');
    const estimated = stage.gateway.logs.lines.filter(({ event }) => event === 'token_count_estimated');
    expect(estimated).toEqual([expect.objectContaining({ provider: 'able', reason: 'upstream_unavailable' })]);
  });
});
