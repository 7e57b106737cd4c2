import { describe, expect, it } from '@jest/globals';
import Anthropic from '@anthropic-ai/sdk';
import { CLIENT_KEY } from '../../support/gateway.js';
import { anthropicErrorOf } from '../anthropic-error.js';
import { Stage } from '../stage.js';
import { errorOf } from '../wire-error.js';

const NAMES = ['scripted-1', 'scripted-2', 'scripted-3', 'vendor/scripted-4', 'scripted-5'];
const VERSION = { 'anthropic-version': '2023-06-01' };

describe('the models, asked for by an Anthropic client,', () => {
  const stage = Stage.set({ provider: { models: NAMES } });

  function client(): Anthropic {
    return new Anthropic({ baseURL: stage.gateway.baseUrl, apiKey: CLIENT_KEY, maxRetries: 0 });
  }

  function get(path: string, headers: Record<string, string> = VERSION) {
    return stage.raw({ path, headers: { 'x-api-key': CLIENT_KEY, ...headers } });
  }

  it('are listed in the shape of Anthropic', async () => {
    const answer = await get('/v1/models');

    expect(JSON.parse(answer.body.toString())).toEqual({
      data: NAMES.map((id) => ({
        type: 'model',
        id,
        display_name: id,
        created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        max_input_tokens: null,
        max_tokens: null,
      })),
      has_more: false,
      first_id: NAMES[0],
      last_id: NAMES.at(-1),
    });
  });

  it.each([1, 2, 5, 20])('are paged through by the SDK, %d at a time', async (limit) => {
    const ids: string[] = [];
    for await (const model of client().models.list({ limit })) ids.push(model.id);

    expect(ids).toEqual(NAMES);
  });

  it('are paged through backwards', async () => {
    const page = await client().models.list({ limit: 2, before_id: 'scripted-5' });
    const before = await page.getNextPage();

    expect([before, page].flatMap(({ data }) => data.map(({ id }) => id))).toEqual(NAMES.slice(0, 4));
    expect(before.has_more).toBe(false);
  });

  it.each(NAMES)('can be asked for one by one: %s', async (id) => {
    expect(await client().models.retrieve(id)).toMatchObject({ type: 'model', id, display_name: id });
  });

  it('are listed for its beta surface too', async () => {
    const page = await client().beta.models.list();

    expect(page.data).toHaveLength(NAMES.length);
  });

  it('are a 404 in its shape where there is none of that name', async () => {
    const answer = await get('/v1/models/no-such-model');

    expect(answer.status).toBe(404);
    expect(anthropicErrorOf(answer)).toMatchObject({ type: 'not_found_error', message: expect.stringContaining('no-such-model') });
    await expect(client().models.retrieve('no-such-model')).rejects.toBeInstanceOf(Anthropic.NotFoundError);
  });

  it.each([
    ['limit', '/v1/models?limit=0'],
    ['after_id', '/api/v1/models?after_id=nobody'],
    ['before_id', '/v1/models?before_id=nobody'],
  ])('are refused in its shape for a wrong %s', async (name, path) => {
    const answer = await get(path);

    expect(answer.status).toBe(400);
    expect(anthropicErrorOf(answer)).toMatchObject({ type: 'invalid_request_error', message: expect.stringContaining(name) });
  });

  it('are a 401 in its shape without a key', async () => {
    const answer = await get('/v1/models', { ...VERSION, 'x-api-key': '' });

    expect(answer.status).toBe(401);
    expect(anthropicErrorOf(answer).type).toBe('authentication_error');
  });

  it('keep the shape of OpenAI for everybody else', async () => {
    const answer = await get('/v1/models?limit=1', {});
    const missing = await get('/v1/models/no-such-model', {});

    expect(JSON.parse(answer.body.toString())).toMatchObject({ object: 'list', data: NAMES.map((id) => ({ id, object: 'model' })) });
    expect(errorOf(missing).code).toBe('model_not_found');
  });
});
