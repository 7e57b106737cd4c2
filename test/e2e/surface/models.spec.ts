import { describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { scriptedProvider } from '../../support/gateway.js';
import { answers } from '../../support/upstream/behaviours.js';
import { completion } from '../../support/upstream/openai-answers.js';
import { MESSAGES, Stage } from '../stage.js';

describe('the models', () => {
  const stage = Stage.set({
    provider: { models: ['scripted-small', 'vendor/scripted-large'] },
    config: {
      models: [
        {
          name: 'fast',
          strategy: 'priority',
          targets: [{ provider: 'scripted', model: 'scripted-small', weight: 1 }],
          onContextOverflow: [],
          onContentPolicy: [],
        },
      ],
      prices: [
        {
          model: 'scripted-small',
          inputPicoUsd: 2_500_000n,
          outputPicoUsd: 10_000_000n,
          cacheReadPicoUsd: 1_250_000n,
          cacheWritePicoUsd: undefined,
        },
      ],
    },
  });

  it('are listed in the shape of OpenAI, with what they cost', async () => {
    const models: OpenAI.Model[] = [];
    for await (const model of stage.openai.models.list()) models.push(model);

    expect(models.map(({ id }) => id)).toEqual(expect.arrayContaining(['scripted-small', 'vendor/scripted-large', 'fast']));
    for (const model of models) {
      expect(model).toMatchObject({ object: 'model', created: expect.any(Number), owned_by: expect.any(String) });
      expect(JSON.stringify(model)).not.toContain('127.0.0.1');
    }
    expect(models.find(({ id }) => id === 'scripted-small')).toMatchObject({ pricing: { input: 2.5, cached_input: 1.25, output: 10 } });
  });

  it.each(['scripted-small', 'vendor/scripted-large', 'fast'])('can be asked for one by one: %s', async (id) => {
    expect(await stage.openai.models.retrieve(id)).toMatchObject({ id, object: 'model' });
    const unescaped = await stage.raw({ path: `/v1/models/${id}`, headers: { authorization: `Bearer ${stage.openai.apiKey}` } });
    expect(JSON.parse(unescaped.body.toString())).toMatchObject({ id });
  });

  it('are a 404 where there is none of that name', async () => {
    const call = stage.openai.models.retrieve('no-such-model');

    await expect(call).rejects.toBeInstanceOf(OpenAI.NotFoundError);
    await expect(call).rejects.toMatchObject({ code: 'model_not_found' });
  });

  it.each([
    ['an alias', 'fast', 'scripted-small'],
    ['its listed name', 'vendor/scripted-large', 'vendor/scripted-large'],
    ['provider/model, any model', 'scripted/anything:new', 'anything:new'],
    ['provider/model where the model has a slash itself', 'scripted/vendor/scripted-large', 'vendor/scripted-large'],
  ])('are called by %s', async (_, asked, sent) => {
    stage.upstream.next(answers(completion()));
    const requestId = stage.requestId();

    const answer = await stage.call({ model: asked, messages: MESSAGES }, { 'x-request-id': requestId });

    expect(answer.status).toBe(200);
    expect(answer.headers['x-tollgate-model']).toBe(sent);
    expect((await stage.upstream.attempt(0)).json).toEqual({ model: sent, messages: MESSAGES });
    expect(await stage.gateway.ledger.row(requestId)).toMatchObject({ model_asked: asked, model: sent, provider: 'scripted' });
  });

  it('of a name with no provider are refused although it looks like provider/model', async () => {
    const call = stage.openai.chat.completions.create({ model: 'nobody/scripted-small', messages: MESSAGES });

    await expect(call).rejects.toMatchObject({ status: 404, code: 'model_not_found' });
  });
});

describe('a provider that names no models', () => {
  const stage = Stage.set({
    config: {
      providers: [scriptedProvider('http://127.0.0.1:9/v1', { models: undefined })],
      routing: { prefixes: { 'gpt-': 'scripted' } },
    },
  });

  it('still takes any name by prefix, and a call finds its way', async () => {
    const answer = await stage.call({ model: 'gpt-unheard-of', messages: MESSAGES });

    expect(answer.status).toBe(503);
  });
});
