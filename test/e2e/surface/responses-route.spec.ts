import { describe, expect, it } from '@jest/globals';
import { testProvider } from '../../support/config.js';
import { CLIENT_KEY } from '../../support/gateway.js';
import { expectRefused } from '../bad-input/expect-refused.js';
import { Stage } from '../stage.js';

const QUESTION = { model: 'echo', input: 'Hello, Tollgate!' };

/** What is wrong · the members it changes · the field it names. */
const FIELDS: readonly [string, object, string][] = [
  ['no model', { model: undefined }, 'model'],
  ['a model that is no string', { model: 7 }, 'model'],
  ['an input of a wrong type', { input: 7 }, 'input'],
  ['an unknown role', { input: [{ role: 'robot', content: 'hi' }] }, 'input[0].role'],
  ['instructions of a wrong type', { instructions: 7 }, 'instructions'],
  ['temperature: 5', { temperature: 5 }, 'temperature'],
  ['max_output_tokens in words', { max_output_tokens: 'many' }, 'max_output_tokens'],
  ['stream: "yes"', { stream: 'yes' }, 'stream'],
  ['tools that are no list', { tools: {} }, 'tools'],
];

describe.each(['/v1/responses', '/api/v1/responses'])('POST %s', (path) => {
  const stage = Stage.set({ config: { providers: [testProvider()], http: { maxBodyBytes: 20_000 } } });

  it.each<[string, Record<string, string>]>([
    ['Authorization: Bearer', { authorization: `Bearer ${CLIENT_KEY}` }],
    ['x-api-key', { authorization: '', 'x-api-key': CLIENT_KEY }],
  ])('takes a key as %s', async (_, headers) => {
    const requestId = stage.requestId();

    const answer = await stage.call(QUESTION, { 'x-request-id': requestId, ...headers }, path);

    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body.toString())).toMatchObject({ object: 'response', status: 'completed' });
    expect(await stage.gateway.ledger.row(requestId)).toMatchObject({ model_asked: 'echo', status: 200 });
  });

  it.each(FIELDS)('refuses %s and names the field', async (_, change, param) => {
    const error = await expectRefused(stage, await stage.call({ ...QUESTION, ...change }, {}, path), 400);

    expect(error).toMatchObject({ param, type: 'invalid_request_error' });
    expect(error.message).toContain(param);
  });

  it.each([['{"model":'], ['null'], ['[]'], ['']])('refuses the body %j', async (body) => {
    expect((await expectRefused(stage, await stage.call(body, {}, path), 400)).type).toBe('invalid_request_error');
  });

  it('refuses a body that says a field twice', async () => {
    const error = await expectRefused(stage, await stage.call('{"model":"echo","input":"a","\\u0069nput":"b"}', {}, path), 400);

    expect(error.param).toBe('input');
  });

  it('refuses a model that nobody has', async () => {
    const error = await expectRefused(stage, await stage.call({ ...QUESTION, model: 'no-such-model' }, {}, path), 404);

    expect(error).toMatchObject({ code: 'model_not_found', param: 'model' });
  });

  it('refuses a body over the limit, another content type and another method', async () => {
    await expectRefused(stage, await stage.call({ ...QUESTION, input: 'x'.repeat(20_000) }, {}, path), 413);
    await expectRefused(stage, await stage.call(QUESTION, { 'content-type': 'text/plain' }, path), 415);
    await expectRefused(stage, await stage.raw({ path, headers: { authorization: `Bearer ${CLIENT_KEY}` } }), 405);
  });
});
