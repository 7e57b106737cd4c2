import { describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { KeysService } from '../../../src/keys/index.js';
import { refusedBaseUrl, type Behaviour } from '../../support/upstream.js';
import { answers, hangs, refuses, streams } from '../../support/upstream/behaviours.js';
import { errorFrame, streamFrames } from '../../support/upstream/openai-frames.js';
import { MESSAGES, MODEL, Stage } from '../stage.js';

type ErrorClass = new (...args: never[]) => Error;

const BODY = { model: MODEL, messages: MESSAGES };

describe('an error in the hands of the OpenAI client', () => {
  const stage = Stage.set({ provider: { timeouts: { connectMs: 500, firstTokenMs: 200, idleMs: 200, totalMs: 400 } } });

  async function errorOf(call: PromiseLike<unknown>): Promise<InstanceType<typeof OpenAI.APIError>> {
    const error: unknown = await Promise.resolve(call).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(OpenAI.APIError);
    return error as InstanceType<typeof OpenAI.APIError>;
  }

  it.each<[string, object, ErrorClass, object]>([
    [
      'a temperature out of range',
      { temperature: 5 },
      OpenAI.BadRequestError,
      { status: 400, param: 'temperature', type: 'invalid_request_error' },
    ],
    ['no messages', { messages: [] }, OpenAI.BadRequestError, { status: 400, param: 'messages' }],
    ['a model nobody has', { model: 'no-such-model' }, OpenAI.NotFoundError, { status: 404, code: 'model_not_found', param: 'model' }],
  ])('is of its class for %s', async (_, change, errorClass, expected) => {
    const error = await errorOf(stage.openai.chat.completions.create({ ...BODY, ...change }));

    expect(error).toBeInstanceOf(errorClass);
    expect(error).toMatchObject(expected);
    expect(error.requestID).toBe((error.error as { request_id: string }).request_id);
    expect(stage.upstream.attempts).toHaveLength(0);
  });

  it('is an AuthenticationError for a wrong key', async () => {
    const error = await errorOf(stage.client('wrong-key-000000000000').chat.completions.create(BODY));

    expect(error).toBeInstanceOf(OpenAI.AuthenticationError);
    expect(error).toMatchObject({ status: 401, code: 'invalid_api_key' });
  });

  it('is a PermissionDeniedError for a key that may only read', async () => {
    const { key } = await stage.gateway.app.get(KeysService, { strict: false }).create({ name: 'watcher', role: 'viewer' });

    const error = await errorOf(stage.client(key).chat.completions.create(BODY));

    expect(error).toBeInstanceOf(OpenAI.PermissionDeniedError);
    expect(error).toMatchObject({ status: 403, code: 'forbidden' });
  });

  it.each<[string, Behaviour, ErrorClass, object]>([
    ['400', refuses(400, { code: 'invalid_value', param: 'tools' }), OpenAI.BadRequestError, { code: 'invalid_value', param: 'tools' }],
    [
      '400 of a long prompt',
      refuses(400, { code: 'context_length_exceeded' }),
      OpenAI.BadRequestError,
      { code: 'context_length_exceeded' },
    ],
    ['404 of a model', refuses(404, { code: 'model_not_found' }), OpenAI.NotFoundError, { code: 'model_not_found' }],
    ['409', refuses(409), OpenAI.ConflictError, {}],
    ['429', refuses(429), OpenAI.RateLimitError, { code: 'upstream_rate_limited' }],
    ['401', refuses(401), OpenAI.InternalServerError, { status: 503, code: 'upstream_unavailable' }],
    ['500', refuses(500), OpenAI.InternalServerError, { status: 503, code: 'upstream_unavailable' }],
    [
      '200 with HTML',
      answers('<html>', 200, { 'content-type': 'text/html' }),
      OpenAI.InternalServerError,
      { status: 502, code: 'upstream_protocol' },
    ],
    ['silence', hangs, OpenAI.InternalServerError, { status: 504, code: 'upstream_timeout' }],
  ])('is of its class when the provider answers %s', async (_, behaviour, errorClass, expected) => {
    for (const stream of [false, true]) {
      stage.upstream.always(behaviour);
      const error = await errorOf(stage.openai.chat.completions.create({ ...BODY, stream }));

      expect(error).toBeInstanceOf(errorClass);
      expect(error).toMatchObject(expected);
    }
  });

  it('comes out of the stream that has begun', async () => {
    stage.upstream.next(streams([...streamFrames({ usage: 'none' }).slice(0, 2), errorFrame('the model fell over')]));
    const stream = await stage.openai.chat.completions.create({ ...BODY, stream: true });
    const texts: (string | null | undefined)[] = [];

    const error = await errorOf(
      (async () => {
        for await (const chunk of stream) texts.push(chunk.choices[0]?.delta.content);
      })(),
    );

    expect(texts).toEqual(['', 'Hel']);
    expect(error.message).toContain('the model fell over');
    expect(error.error).toHaveProperty('request_id');
  });

  it('is an APIConnectionError when no gateway is there, or when the client will not wait', async () => {
    const nowhere = new OpenAI({ baseURL: await refusedBaseUrl(), apiKey: 'k', maxRetries: 0 });
    expect(await errorOf(nowhere.chat.completions.create(BODY))).toBeInstanceOf(OpenAI.APIConnectionError);

    stage.upstream.next(hangs);
    const hasty = stage.client(undefined, { timeout: 50 });
    expect(await errorOf(hasty.chat.completions.create(BODY))).toBeInstanceOf(OpenAI.APIConnectionError);
    expect((await (await stage.upstream.attempt(0)).closed).wholeAnswer).toBe(false);
  });
});
