import Anthropic from '@anthropic-ai/sdk';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { ScriptedUpstream } from '../../support/upstream.js';
import {
  CLOCK,
  EMBEDDING_TOKENS,
  failsMidStream,
  failsWith200,
  PARIS,
  PLAYED_TEXT,
  PLAYED_THOUGHT,
  plays,
  refusesInKind,
  stopsShort,
  vectorOf,
  ZURICH,
} from '../../support/upstream/dialects.js';
import { byteByByte } from '../../support/upstream/segments.js';

const ANSWER = { text: PLAYED_TEXT, reasoning: PLAYED_THOUGHT, toolCalls: [PARIS, ZURICH, CLOCK] };
const MESSAGES = [{ role: 'user' as const, content: 'hi' }];
const CALLS = [PARIS, ZURICH, CLOCK].map(({ id, name, arguments: given }) => ({ id, name, given }));

/** Before a gateway stands between: the makers' own clients read what the upstream says in their dialects. */
describe('the scripted upstream, asked by the makers’ own clients', () => {
  let upstream: ScriptedUpstream;
  let openai: OpenAI;
  let anthropic: Anthropic;

  beforeAll(async () => {
    upstream = await ScriptedUpstream.start();
    openai = new OpenAI({ baseURL: `${upstream.origin}/openai/v1`, apiKey: 'k', maxRetries: 0 });
    anthropic = new Anthropic({ baseURL: `${upstream.origin}/anthropic`, apiKey: 'k', maxRetries: 0 });
  });
  beforeEach(() => upstream.forget());
  afterAll(() => upstream.stop());

  it('speaks Chat Completions', async () => {
    upstream.always(plays(ANSWER, { segments: (frames) => byteByByte(Buffer.from(frames.join(''))) }));

    const plain = await openai.chat.completions.create({ model: 'm', messages: MESSAGES });
    const streamed = await openai.chat.completions
      .stream({ model: 'm', messages: MESSAGES, stream_options: { include_usage: true } })
      .finalChatCompletion();

    for (const { choices, usage } of [plain, streamed]) {
      const { message, finish_reason } = choices[0]!;
      const calls = message.tool_calls!.map((call) => call.type === 'function' && [call.id, JSON.parse(call.function.arguments)]);
      expect({ text: message.content, finish_reason }).toEqual({ text: PLAYED_TEXT, finish_reason: 'tool_calls' });
      expect(calls).toEqual(CALLS.map(({ id, given }) => [id, given]));
      expect(usage).toMatchObject({ prompt_tokens: 1200, completion_tokens: 80, prompt_tokens_details: { cached_tokens: 1000 } });
    }
  });

  it('speaks Responses', async () => {
    upstream.always(plays(ANSWER, { segments: (frames) => byteByByte(Buffer.from(frames.join(''))) }));

    const plain = await openai.responses.create({ model: 'm', input: 'hi' });
    const streamed = await openai.responses.stream({ model: 'm', input: 'hi' }).finalResponse();

    for (const { output, output_text, usage, status } of [plain, streamed]) {
      const calls = output.flatMap((item) => (item.type === 'function_call' ? [item] : []));
      expect({ output_text, status }).toEqual({ output_text: PLAYED_TEXT, status: 'completed' });
      expect(calls.map((call) => [call.call_id, JSON.parse(call.arguments)])).toEqual(CALLS.map(({ id, given }) => [id, given]));
      expect(output[0]).toMatchObject({ type: 'reasoning', encrypted_content: PLAYED_THOUGHT.signature });
      expect(usage).toMatchObject({ input_tokens: 1200, output_tokens: 80 });
    }
  });

  it('speaks Messages', async () => {
    upstream.always(plays(ANSWER, { segments: (frames) => byteByByte(Buffer.from(frames.join(''))) }));
    const body = { model: 'm', max_tokens: 64, messages: MESSAGES };

    const plain = await anthropic.messages.create(body);
    const streamed = await anthropic.messages.stream(body).finalMessage();

    for (const { content, stop_reason, usage } of [plain, streamed]) {
      expect(content).toMatchObject([
        { type: 'thinking', thinking: PLAYED_THOUGHT.text, signature: PLAYED_THOUGHT.signature },
        { type: 'text', text: PLAYED_TEXT },
        ...CALLS.map(({ id, name, given }) => ({ type: 'tool_use', id, name, input: given })),
      ]);
      expect(stop_reason).toBe('tool_use');
      expect(usage).toMatchObject({ input_tokens: 150, cache_read_input_tokens: 1000, cache_creation_input_tokens: 50, output_tokens: 80 });
    }
  });

  it('speaks embeddings and counts tokens', async () => {
    upstream.always(plays());

    const { data, usage } = await openai.embeddings.create({ model: 'm', input: ['a', 'b'] });
    const count = await anthropic.messages.countTokens({ model: 'm', messages: MESSAGES });

    expect(data.map(({ embedding }) => embedding)).toEqual([vectorOf(0), vectorOf(1)]);
    expect([usage.prompt_tokens, count.input_tokens]).toEqual([EMBEDDING_TOKENS, 42]);
  });

  it('speaks lines to whoever asks as Ollama is asked, also unasked', async () => {
    upstream.always(plays({ text: 'Hi.', toolCalls: [PARIS] }));
    const ask = async (body: object): Promise<Response> =>
      fetch(`${upstream.origin}/ollama/api/chat`, { method: 'POST', body: JSON.stringify({ model: 'm', ...body }) });

    const streamed = await (await ask({})).text();
    const plain = (await (await ask({ stream: false })).json()) as object;

    const lines = streamed
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(lines.at(-1)).toMatchObject({ done: true, done_reason: 'stop', prompt_eval_count: 1200, eval_count: 80 });
    expect(lines).toContainEqual(expect.objectContaining({ message: expect.objectContaining({ tool_calls: [expect.anything()] }) }));
    expect(plain).toMatchObject({ done: true, message: { content: 'Hi.', tool_calls: [{ function: { arguments: PARIS.arguments } }] } });
  });

  it('words errors as each of them does', async () => {
    const chat = (): Promise<unknown> => openai.chat.completions.create({ model: 'm', messages: MESSAGES });
    const message = (): Promise<unknown> => anthropic.messages.create({ model: 'm', max_tokens: 64, messages: MESSAGES });
    upstream.always(refusesInKind(429, 'slow down', { 'retry-after': '3' }));

    await expect(chat()).rejects.toMatchObject({ status: 429, code: 'rate_limit_exceeded', message: '429 slow down' });
    await expect(message()).rejects.toMatchObject({ status: 429, type: 'rate_limit_error' });

    upstream.always(failsWith200());
    await expect(chat()).resolves.toMatchObject({ error: { message: 'the model fell over' } });
  });

  it.each([
    ['fails', failsMidStream({ text: 'Hello, world.' }), 'the model fell over'],
    ['stops short', stopsShort({ text: 'Hello, world.' }), /ended without|missing finish_reason/],
  ])('%s in the middle of a stream', async (_, behaviour, words) => {
    upstream.always(behaviour);

    await expect(openai.chat.completions.stream({ model: 'm', messages: MESSAGES }).finalMessage()).rejects.toThrow(words);
    await expect(anthropic.messages.stream({ model: 'm', max_tokens: 64, messages: MESSAGES }).finalMessage()).rejects.toThrow();
  });
});
