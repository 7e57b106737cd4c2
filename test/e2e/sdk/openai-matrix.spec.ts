import { describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { zodResponseFormat, zodTextFormat } from 'openai/helpers/zod';
import { z } from 'zod';
import { EMBEDDING_KINDS, modelOf, SCRIPTED_KINDS, type ScriptedKind } from '../../support/gateway/kinds.js';
import {
  failsMidStream,
  PARIS,
  PLAYED_TEXT,
  PLAYED_THOUGHT,
  plays,
  refusesInKind,
  vectorOf,
  ZURICH,
} from '../../support/upstream/dialects.js';
import { Stage } from '../stage.js';
import { turnsOf } from './turns.js';

const MESSAGES = [{ role: 'user' as const, content: 'What is the weather in Zürich?' }];
const Weather = z.object({ city: z.string(), degrees: z.number() });
const WEATHER = { city: 'Zürich 🏔️', degrees: 21 };
const PARAMETERS = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false };
const FINAL = { text: 'Sunny in both.' };
const BOTH_CALLS = { text: 'Let me look.', toolCalls: [PARIS, ZURICH] };

interface Place {
  readonly city: string;
}

/** What the second request of a tool loop tells its provider, whatever its dialect. */
const LOOP = [
  { role: 'user', text: MESSAGES[0]!.content },
  { role: 'assistant', text: BOTH_CALLS.text, calls: [PARIS, ZURICH].map(({ id, name, arguments: given }) => ({ id, name, given })) },
  { role: 'tool', results: { [PARIS.id]: 'sunny in Paris', [ZURICH.id]: `sunny in ${String(ZURICH.arguments['city'])}` } },
];

describe('the client of OpenAI', () => {
  const stage = Stage.setEveryKind();

  describe.each(SCRIPTED_KINDS)('with a model of %s', (kind) => {
    const model = modelOf(kind);

    it('creates a chat completion', async () => {
      stage.upstream.always(plays());

      const answer = await stage.openai.chat.completions.create({ model, messages: MESSAGES });

      expect(answer.choices[0]).toMatchObject({ finish_reason: 'stop', message: { role: 'assistant', content: PLAYED_TEXT } });
      expect(answer.usage).toMatchObject({ prompt_tokens: 1200, completion_tokens: 80, total_tokens: 1280 });
    });

    it('streams a chat completion, strictly read', async () => {
      stage.upstream.always(plays());

      const stream = stage.openai.chat.completions.stream({ model, messages: MESSAGES, stream_options: { include_usage: true } });

      const { choices, usage } = await stream.finalChatCompletion();
      expect(choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: PLAYED_TEXT } });
      expect(usage).toMatchObject({ prompt_tokens: 1200, completion_tokens: 80 });
    });

    it.each([false, true])('runs its tools, two at once, and tells their results (stream: %s)', async (stream) => {
      stage.upstream.next(plays(BOTH_CALLS), plays(FINAL));
      const terms = { model, messages: MESSAGES, tools: [weatherTool()] };

      const runner = stream
        ? stage.openai.chat.completions.runTools({ ...terms, stream: true })
        : stage.openai.chat.completions.runTools({ ...terms, stream: false });

      expect(await runner.finalContent()).toBe(FINAL.text);
      expect(turnsOf(await stage.upstream.attempt(1))).toEqual(LOOP);
    });

    it.each([false, true])('parses a chat completion by its schema (stream: %s)', async (stream) => {
      stage.upstream.always(plays({ text: JSON.stringify(WEATHER) }));
      const terms = { model, messages: MESSAGES, response_format: zodResponseFormat(Weather, 'weather') };

      const answer = stream
        ? await stage.openai.chat.completions.stream(terms).finalChatCompletion()
        : await stage.openai.chat.completions.parse(terms);

      expect(answer.choices[0]?.message.parsed).toEqual(WEATHER);
      expect(schemaAskedOf(kind, (await stage.upstream.attempt(0)).json)).toMatchObject({ required: ['city', 'degrees'] });
    });

    it('creates a response', async () => {
      stage.upstream.always(plays({ text: PLAYED_TEXT, reasoning: PLAYED_THOUGHT }));

      const response = await stage.openai.responses.create({ model, input: 'hi', instructions: 'Be brief.' });

      expect(response).toMatchObject({ object: 'response', status: 'completed', output_text: PLAYED_TEXT, error: null });
      expect(response.usage).toMatchObject({ input_tokens: 1200, output_tokens: 80, total_tokens: 1280 });
      expect(turnsOf(await stage.upstream.attempt(0))).toEqual([
        { role: 'system', text: 'Be brief.' },
        { role: 'user', text: 'hi' },
      ]);
    });

    it('streams a response, strictly read', async () => {
      stage.upstream.always(plays({ text: PLAYED_TEXT, reasoning: PLAYED_THOUGHT }));

      const stream = stage.openai.responses.stream({ model, input: 'hi' });
      let text = '';
      stream.on('response.output_text.delta', ({ delta }) => (text += delta));

      expect((await stream.finalResponse()).output_text).toBe(PLAYED_TEXT);
      expect(text).toBe(PLAYED_TEXT);
    });

    it.each([false, true])('goes on with a response after its tools, and keeps what was thought (stream: %s)', async (streamed) => {
      stage.upstream.next(plays({ ...BOTH_CALLS, reasoning: PLAYED_THOUGHT }), plays(FINAL));
      const terms = {
        model,
        store: false,
        include: ['reasoning.encrypted_content' as const],
        tools: [{ type: 'function' as const, name: 'get_weather', parameters: PARAMETERS, strict: true }],
      };
      const ask = (input: OpenAI.Responses.ResponseInput): PromiseLike<OpenAI.Responses.Response> =>
        streamed ? stage.openai.responses.stream({ ...terms, input }).finalResponse() : stage.openai.responses.create({ ...terms, input });

      const first = await ask(MESSAGES);
      const results = first.output.flatMap((item) =>
        item.type === 'function_call'
          ? [{ type: 'function_call_output' as const, call_id: item.call_id, output: weatherIn(JSON.parse(item.arguments) as Place) }]
          : [],
      );
      const second = await ask([...MESSAGES, ...(first.output as OpenAI.Responses.ResponseInput), ...results]);

      expect(second.output_text).toBe(FINAL.text);
      const attempt = await stage.upstream.attempt(1);
      expect(turnsOf(attempt)).toEqual(LOOP);
      for (const proof of proofsOf(kind)) expect(attempt.body.toString()).toContain(proof);
    });

    it('parses a response by its schema', async () => {
      stage.upstream.always(plays({ text: JSON.stringify(WEATHER) }));

      const response = await stage.openai.responses.parse({ model, input: 'hi', text: { format: zodTextFormat(Weather, 'weather') } });

      expect(response.output_parsed).toEqual(WEATHER);
      expect(schemaAskedOf(kind, (await stage.upstream.attempt(0)).json)).toMatchObject({ required: ['city', 'degrees'] });
    });

    it.each<[number, string, new (...args: never[]) => Error, object]>([
      [400, 'the tools are odd', OpenAI.BadRequestError, { status: 400, type: 'invalid_request_error' }],
      [404, 'model "scripted" not found', OpenAI.NotFoundError, { status: 404, code: 'model_not_found' }],
      [429, 'slow down', OpenAI.RateLimitError, { status: 429, code: 'upstream_rate_limited', type: 'rate_limit_error' }],
      [529, 'overloaded', OpenAI.InternalServerError, { status: 503, code: 'upstream_unavailable' }],
    ])('throws what it knows by its class when refused with %i', async (status, words, errorClass, expected) => {
      stage.upstream.always(refusesInKind(status, words, { 'retry-after': '7' }));

      for (const call of everyCall(stage.openai, model)) {
        const error = await errorOf(call());
        expect(error).toBeInstanceOf(errorClass);
        expect(error).toMatchObject(expected);
        expect(error.requestID).toBe((error.error as { request_id: string }).request_id);
        if (status === 429) expect(error.headers?.get('retry-after')).toBe('7');
        if (status < 500) expect(error.message).toContain(words);
      }
    });

    it('throws in the middle of a stream that fails', async () => {
      stage.upstream.always(failsMidStream({ text: 'Hello, dear reader of this, whoever you are.' }, 'the model fell over', 5));
      const chat = await stage.openai.chat.completions.create({ model, messages: MESSAGES, stream: true });
      const response = await stage.openai.responses.create({ model, input: 'hi', stream: true });

      for (const stream of [chat, response]) {
        const seen: unknown[] = [];
        const error = await errorOf(drained(stream, seen));
        expect(JSON.stringify(seen)).toContain('Hello, ');
        expect(error.code).toMatch(/^upstream_/);
      }
    });
  });

  it.each(EMBEDDING_KINDS)('embeds with a model of %s, in the base64 that it asks for by itself and in floats', async (kind) => {
    stage.upstream.always(plays());
    const terms = { model: modelOf(kind), input: ['a', 'b', 'c'] };

    for (const format of [{}, { encoding_format: 'float' as const }, { encoding_format: 'base64' as const }]) {
      const { data, usage, object } = await stage.openai.embeddings.create({ ...terms, ...format });
      const vectors = data.map(({ embedding }) => (typeof embedding === 'string' ? floatsOf(embedding) : embedding));
      expect({ object, vectors }).toEqual({ object: 'list', vectors: [vectorOf(0), vectorOf(1), vectorOf(2)] });
      expect(usage).toEqual({ prompt_tokens: 12, total_tokens: 12 });
    }
  });

  it.each(SCRIPTED_KINDS.filter((kind) => !EMBEDDING_KINDS.includes(kind)))('is told that %s makes no embeddings', async (kind) => {
    const error = await errorOf(stage.openai.embeddings.create({ model: modelOf(kind), input: 'a' }));

    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
    expect(error).toMatchObject({ param: 'model' });
    expect(stage.upstream.attempts).toHaveLength(0);
  });

  it('does all of it with the echo, without an account', async () => {
    const model = modelOf('echo');

    const chat = await stage.openai.chat.completions.stream({ model, messages: MESSAGES }).finalContent();
    const response = await stage.openai.responses.stream({ model, input: MESSAGES[0]!.content }).finalResponse();
    const { data } = await stage.openai.embeddings.create({ model, input: ['a', 'b'] });

    expect(chat).toContain('Zürich');
    expect(response.output_text).toContain('Zürich');
    expect(data).toHaveLength(2);
  });
});

function weatherIn({ city }: Place): string {
  return `sunny in ${city}`;
}

function weatherTool() {
  const parse = (text: string): Place => JSON.parse(text) as Place;
  const tool = { name: 'get_weather', description: 'The weather.', parameters: PARAMETERS, parse, function: weatherIn };
  return { type: 'function' as const, function: tool };
}

/** Plain and streamed, Chat Completions and Responses. */
function everyCall(openai: OpenAI, model: string): (() => PromiseLike<unknown>)[] {
  return [false, true].flatMap((stream) => [
    () => openai.chat.completions.create({ model, messages: MESSAGES, stream }),
    () => openai.responses.create({ model, input: 'hi', stream }),
  ]);
}

async function errorOf(call: PromiseLike<unknown>): Promise<InstanceType<typeof OpenAI.APIError>> {
  const error: unknown = await Promise.resolve(call).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(OpenAI.APIError);
  return error as InstanceType<typeof OpenAI.APIError>;
}

async function drained(stream: AsyncIterable<unknown>, seen: unknown[]): Promise<void> {
  for await (const event of stream) seen.push(event);
}

/** Where each dialect is told the schema of the answer. */
function schemaAskedOf(kind: ScriptedKind, asked: Record<string, unknown>): unknown {
  const { response_format, text, output_config, format } = asked as {
    response_format?: { json_schema: { schema: unknown } };
    text?: { format: { schema: unknown } };
    output_config?: { format: { schema: unknown } };
    format?: unknown;
  };
  switch (kind) {
    case 'openai-responses':
      return text?.format.schema;
    case 'anthropic':
      return output_config?.format.schema;
    case 'ollama':
      return format;
    default:
      return response_format?.json_schema.schema;
  }
}

/** What of a thought must come back to its maker: its proof to who gave one, its text to who wants that. */
function proofsOf(kind: ScriptedKind): string[] {
  switch (kind) {
    case 'openai-chat':
      return [];
    case 'openai-responses':
      return [PLAYED_THOUGHT.signature];
    case 'anthropic':
    case 'openrouter':
      return [PLAYED_THOUGHT.text, PLAYED_THOUGHT.signature];
    default:
      return [PLAYED_THOUGHT.text];
  }
}

/** Little-endian 32-bit floats. */
function floatsOf(base64: string): number[] {
  const bytes = Buffer.from(base64, 'base64');
  return Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4));
}
