import { describe, expect, it } from '@jest/globals';
import { testProvider } from '../../support/config.js';
import { CLIENT_KEY } from '../../support/gateway.js';
import { expectRefused } from '../bad-input/expect-refused.js';
import { Stage } from '../stage.js';

const QUESTION = { model: 'echo', input: 'Hello, Tollgate!' };

/** What is wrong · the members it changes · the field it names. */
const FIELDS: readonly [string, object, string][] = [
  ['no model', { model: undefined }, 'model'],
  ['no input', { input: undefined }, 'input'],
  ['an empty input', { input: '' }, 'input'],
  ['an empty list', { input: [] }, 'input'],
  ['an empty text in a list', { input: ['a', ''] }, 'input[1]'],
  ['more inputs than allowed', { input: Array.from({ length: 2049 }, () => 'a') }, 'input'],
  ['an input of a wrong type', { input: 7 }, 'input'],
  ['an unknown encoding', { encoding_format: 'hex' }, 'encoding_format'],
  ['dimensions: 0', { dimensions: 0 }, 'dimensions'],
  ['a user that is no string', { user: 7 }, 'user'],
];

describe.each(['/v1/embeddings', '/api/v1/embeddings'])('POST %s', (path) => {
  const stage = Stage.set({
    config: { providers: [testProvider({ dialects: ['openai-chat', 'embeddings'] })], http: { maxBodyBytes: 20_000 } },
  });

  it.each<[string, Record<string, string>]>([
    ['Authorization: Bearer', { authorization: `Bearer ${CLIENT_KEY}` }],
    ['x-api-key', { authorization: '', 'x-api-key': CLIENT_KEY }],
  ])('takes a key as %s', async (_, headers) => {
    const requestId = stage.requestId();

    const answer = await stage.call({ ...QUESTION, input: ['a', 'b'] }, { 'x-request-id': requestId, ...headers }, path);

    expect(answer.status).toBe(200);
    const { object, data } = JSON.parse(answer.body.toString()) as { object: string; data: { index: number; embedding: unknown }[] };
    expect({ object, indices: data.map(({ index }) => index) }).toEqual({ object: 'list', indices: [0, 1] });
    for (const { embedding } of data) expect(embedding).toEqual(expect.arrayContaining([expect.any(Number)]));
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

describe('a model that makes no embeddings', () => {
  const stage = Stage.set();

  it('is named as the fault', async () => {
    const answer = await stage.call({ ...QUESTION, model: 'scripted-model' }, {}, '/v1/embeddings');

    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body.toString())).toMatchObject({ error: { param: 'model' } });
    expect(stage.upstream.attempts).toHaveLength(0);
  });
});
