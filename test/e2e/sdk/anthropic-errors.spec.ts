import { describe, expect, it } from '@jest/globals';
import Anthropic from '@anthropic-ai/sdk';
import { modelOf, SCRIPTED_KINDS, type Kind } from '../../support/gateway/kinds.js';
import { CLIENT_KEY } from '../../support/gateway.js';
import { COUNTED_TOKENS, failsMidStream, failsWith200, plays, refusesInKind, stopsShort } from '../../support/upstream/dialects.js';
import { MESSAGES, Stage } from '../stage.js';
import { anthropicClient, WEATHER } from './anthropic-client.js';

type Params = Anthropic.MessageCreateParamsNonStreaming;
/** What became of a call that must fail. */
type Failure = InstanceType<typeof Anthropic.APIError>;

/** What the client gets for a provider's status: its class by name · that status · the class, its status and type. */
const FAILURES = [
  ['BadRequestError', 400, Anthropic.BadRequestError, 400, 'invalid_request_error'],
  ['NotFoundError', 404, Anthropic.NotFoundError, 404, 'not_found_error'],
  ['ContentTooLargeError', 413, Anthropic.ContentTooLargeError, 413, 'request_too_large'],
  ['RateLimitError', 429, Anthropic.RateLimitError, 429, 'rate_limit_error'],
  ['ServiceUnavailableError', 401, Anthropic.ServiceUnavailableError, 503, 'overloaded_error'],
  ['ServiceUnavailableError', 500, Anthropic.ServiceUnavailableError, 503, 'overloaded_error'],
] as const;

function ask(kind: Kind, more: Partial<Params> = {}): Params {
  return { model: modelOf(kind), max_tokens: 256, messages: MESSAGES, ...more };
}

async function failureOf(call: Promise<unknown>): Promise<Failure> {
  const reason: unknown = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(reason).toBeInstanceOf(Anthropic.APIError);
  return reason as Failure;
}

describe('errors, as the client of Anthropic sees them,', () => {
  const stage = Stage.setEveryKind({ config: { retry: { maxAttempts: 1 } } });
  const client = (): Anthropic => anthropicClient(stage.gateway);

  it.each(SCRIPTED_KINDS.flatMap((kind) => FAILURES.map((failure) => [kind, ...failure] as const)))(
    'from %s are a %s where it says %i',
    async (kind, _, status, type, seen, word) => {
      stage.upstream.always(refusesInKind(status));
      const requestId = stage.requestId();

      const error = await failureOf(client().messages.create(ask(kind), { headers: { 'x-request-id': requestId } }));

      expect(error).toBeInstanceOf(type);
      expect(error).toMatchObject({ status: seen, type: word, requestID: requestId });
      expect(error.error).toMatchObject({ type: 'error', error: { type: word, message: expect.any(String) }, request_id: requestId });
    },
  );

  it('says that the history is too long in the same words whoever finds it', async () => {
    const words = {
      'openai-chat': "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.",
      anthropic: 'prompt is too long: 208310 tokens > 200000 maximum',
    } as const;
    for (const [kind, message] of Object.entries(words) as [keyof typeof words, string][]) {
      stage.upstream.next(refusesInKind(400, message));

      const error = await failureOf(client().messages.create(ask(kind)));

      expect(error).toMatchObject({ status: 400, errorCode: 'context_length_exceeded' });
    }
  });

  it.each(SCRIPTED_KINDS)('is told that the stream broke, by %s', async (kind) => {
    stage.upstream.next(failsMidStream());
    const heard: string[] = [];

    const stream = client().messages.stream(ask(kind));
    stream.on('text', (delta) => heard.push(delta));
    const error = await failureOf(stream.finalMessage());

    expect(heard.length).toBeGreaterThan(0);
    expect(error.type).toMatch(/^(api_error|overloaded_error)$/);
  });

  it.each(SCRIPTED_KINDS)('never takes a stream that just ends for a whole answer, from %s', async (kind) => {
    stage.upstream.next(stopsShort(undefined, 4));

    await expect(client().messages.stream(ask(kind)).finalMessage()).rejects.toBeInstanceOf(Anthropic.AnthropicError);
  });

  it.each(SCRIPTED_KINDS)('never takes an error with status 200 for an answer, from %s', async (kind) => {
    stage.upstream.always(failsWith200());

    expect((await failureOf(client().messages.create(ask(kind)))).status).toBeGreaterThanOrEqual(500);
  });

  it('names the field that is wrong', async () => {
    const messages = [{ role: 'robot', content: 'hi' }] as unknown as Anthropic.MessageParam[];

    const error = await failureOf(client().messages.create(ask('openai-chat', { messages })));

    expect(error).toBeInstanceOf(Anthropic.BadRequestError);
    expect(error.message).toContain('messages[0].role');
    expect(stage.upstream.attempts).toHaveLength(0);
  });

  it('refuses by name what a provider cannot do, and only that', async () => {
    const params = ask('ollama', { tools: [WEATHER], tool_choice: { type: 'any' } });

    const error = await failureOf(client().messages.create(params));

    expect(error).toMatchObject({ status: 400, type: 'invalid_request_error', errorCode: 'unsupported_parameter' });
    expect(error.message).toContain('tool_choice');
  });

  it('names the hints that it left out, and refuses them if it is told to be strict', async () => {
    stage.upstream.next(plays());
    const params = ask('openai-chat', { inference_geo: 'eu', cache_control: { type: 'ephemeral' } });

    const { response } = await client().messages.create(params).withResponse();
    const error = await failureOf(client().messages.create(params, { headers: { 'x-tollgate-strict': 'true' } }));

    expect(response.headers.get('x-tollgate-dropped')).toBe('inference_geo, cache_control');
    expect(error).toMatchObject({ status: 400, errorCode: 'unsupported_parameter' });
    expect(error.message).toContain('inference_geo');
    expect(stage.upstream.attempts).toHaveLength(1);
  });

  it('knows a model that nobody has, and a key that nobody gave', async () => {
    expect(await failureOf(client().messages.create({ ...ask('echo'), model: 'no-such-model' }))).toBeInstanceOf(Anthropic.NotFoundError);
    const stranger = anthropicClient(stage.gateway, { apiKey: 'unknown-key-00000000' });
    expect(await failureOf(stranger.messages.create(ask('echo')))).toBeInstanceOf(Anthropic.AuthenticationError);
  });
});

describe('the client of Anthropic, old and new,', () => {
  const stage = Stage.setEveryKind();

  /** As the SDK before 1.0 and Claude Code send it. */
  const OLD = { apiKey: null, defaultHeaders: { 'x-api-key': CLIENT_KEY, 'anthropic-version': '2023-06-01' } };

  it.each([
    ['a bearer and the version of 2026', {}, '2026-10-21'],
    ['the key in `x-api-key` and the version of 2023', OLD, '2023-06-01'],
    ['the key as `authToken`', { apiKey: null, authToken: CLIENT_KEY }, '2026-10-21'],
  ])('sends %s', async (_, options, version) => {
    stage.upstream.next(plays());

    await anthropicClient(stage.gateway, options).messages.create(ask('anthropic'));

    const { headers } = await stage.upstream.attempt(0);
    expect(headers).toMatchObject({ 'anthropic-version': version, 'x-api-key': expect.stringMatching(/^sk-anthropic-/) });
    expect(JSON.stringify(headers)).not.toContain(CLIENT_KEY);
  });

  it('counts tokens where Anthropic can, and estimates where nobody can', async () => {
    stage.upstream.next(plays());
    const { messages } = anthropicClient(stage.gateway);

    const counted = await messages.countTokens({ model: modelOf('anthropic'), messages: MESSAGES, tools: [WEATHER] }).withResponse();
    const estimated = await messages.countTokens({ model: modelOf('ollama'), messages: MESSAGES, tools: [WEATHER] }).withResponse();

    expect(counted.data.input_tokens).toBe(COUNTED_TOKENS);
    expect(counted.response.headers.get('x-tollgate-estimate')).toBeNull();
    expect(estimated.data.input_tokens).toBeGreaterThan(0);
    expect(estimated.response.headers.get('x-tollgate-estimate')).not.toBeNull();
  });

  it('lists the models in the words of Anthropic', async () => {
    const ids: string[] = [];
    for await (const model of anthropicClient(stage.gateway).models.list()) ids.push(model.id);

    expect(ids).toEqual(expect.arrayContaining([modelOf('anthropic'), 'echo']));
  });
});
