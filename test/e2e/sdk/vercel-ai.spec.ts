import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { describe, expect, it } from '@jest/globals';
import { APICallError, generateText, type LanguageModel, Output, stepCountIs, streamText, tool } from 'ai';
import { z } from 'zod';
import { CLIENT_KEY } from '../../support/gateway.js';
import { KINDS, modelOf, SCRIPTED_KINDS, type Kind } from '../../support/gateway/kinds.js';
import { failsMidStream, PARIS, PLAYED_TEXT, PLAYED_THOUGHT, plays, refusesInKind } from '../../support/upstream/dialects.js';
import { Stage } from '../stage.js';

/** The ways in which the SDK can be pointed at the gateway. */
const WAYS = ['openai', 'openai.chat', 'openai-compatible', 'anthropic'] as const;
type Way = (typeof WAYS)[number];

/**
 * Told to keep no state at OpenAI, which no other provider has, and to ask for an object by its schema: for models that it does
 * not know `@ai-sdk/anthropic` forces a tool instead.
 */
const OPTIONS = { openai: { store: false }, anthropic: { structuredOutputMode: 'outputFormat' } };

const CITY = Output.object({ schema: z.object({ city: z.string(), degrees: z.number() }) });

const EVERYWHERE = WAYS.flatMap((way) => KINDS.map((kind) => [way, kind] as const));
const SCRIPTED = WAYS.flatMap((way) => SCRIPTED_KINDS.map((kind) => [way, kind] as const));

describe('the Vercel AI SDK', () => {
  const stage = Stage.setEveryKind();

  function modelBy(way: Way, kind: Kind): LanguageModel {
    const account = { baseURL: `${stage.gateway.baseUrl}/v1`, apiKey: CLIENT_KEY };
    const name = modelOf(kind);
    switch (way) {
      case 'openai':
        return createOpenAI(account)(name);
      case 'openai.chat':
        return createOpenAI(account).chat(name);
      case 'openai-compatible':
        return createOpenAICompatible({ ...account, name: 'tollgate', includeUsage: true, supportsStructuredOutputs: true })(name);
      case 'anthropic':
        return createAnthropic(account)(name);
    }
  }

  function ask(way: Way, kind: Kind) {
    return { model: modelBy(way, kind), prompt: 'Say hello.', maxOutputTokens: 512, maxRetries: 0, providerOptions: OPTIONS };
  }

  function weather(asked: string[]) {
    return tool({
      description: 'The weather of a city.',
      inputSchema: z.object({ city: z.string(), days: z.number().optional() }),
      execute: ({ city }) => {
        asked.push(city);
        return `sunny in ${city}`;
      },
    });
  }

  it.each(EVERYWHERE)('%s: generates and streams the same text, with its usage, from %s', async (way, kind) => {
    stage.upstream.always(plays());

    const plain = await generateText(ask(way, kind));
    const stream = streamText(ask(way, kind));
    const heard: string[] = [];
    for await (const piece of stream.textStream) heard.push(piece);

    expect(plain.text).toBe(kind === 'echo' ? 'Say hello.' : PLAYED_TEXT);
    expect(plain.finishReason).toBe('stop');
    expect(heard.join('')).toBe(plain.text);
    expect(heard.length).toBeGreaterThan(1);
    expect(await stream.finishReason).toBe('stop');
    const expected = kind === 'echo' ? { inputTokens: 5, outputTokens: 2 } : { inputTokens: 1200, outputTokens: 80 };
    expect(plain.usage).toMatchObject(expected);
    expect(await stream.usage).toMatchObject(expected);
  });

  it.each(SCRIPTED)('%s: takes the steps of a tool, streamed, with %s', async (way, kind) => {
    const asked: string[] = [];
    stage.upstream.next(plays({ toolCalls: [PARIS] }), plays({ text: 'Sunny in Paris.' }));

    const stream = streamText({ ...ask(way, kind), tools: { get_weather: weather(asked) }, stopWhen: stepCountIs(3) });
    await stream.consumeStream();

    expect(await stream.text).toBe('Sunny in Paris.');
    expect((await stream.steps).map(({ finishReason }) => finishReason)).toEqual(['tool-calls', 'stop']);
    expect(asked).toEqual(['Paris']);
    expect((await stage.upstream.attempt(1)).body.toString()).toContain('sunny in Paris');
  });

  it.each(EVERYWHERE)('%s: takes the steps of a tool with %s', async (way, kind) => {
    const asked: string[] = [];
    stage.upstream.next(plays({ reasoning: PLAYED_THOUGHT, toolCalls: [PARIS] }), plays({ text: 'Sunny in Paris.' }));

    const { text, steps } = await generateText({ ...ask(way, kind), tools: { get_weather: weather(asked) }, stopWhen: stepCountIs(3) });

    expect(text).toMatch(/sunny/i);
    expect(steps).toHaveLength(2);
    expect(steps[0]?.toolCalls).toMatchObject([{ toolName: 'get_weather', input: kind === 'echo' ? {} : PARIS.arguments }]);
    expect(asked).toHaveLength(1);
  });

  it.each(EVERYWHERE)('%s: fits its answer into a schema, from %s', async (way, kind) => {
    stage.upstream.next(plays({ text: '{"city":"Paris","degrees":21}' }));

    const { output } = await generateText({ ...ask(way, kind), output: CITY });

    expect(output).toEqual(kind === 'echo' ? { city: expect.any(String), degrees: expect.any(Number) } : { city: 'Paris', degrees: 21 });
    if (kind !== 'echo') expect((await stage.upstream.attempt(0)).body.toString()).toContain('"degrees"');
  });

  it.each(SCRIPTED.filter(([, kind]) => ['anthropic', 'deepseek', 'ollama', 'openrouter'].includes(kind)))(
    '%s: hears what was thought, from %s',
    async (way, kind) => {
      stage.upstream.always(plays({ reasoning: PLAYED_THOUGHT, text: 'Hello.' }));

      const plain = await generateText(ask(way, kind));
      const stream = streamText(ask(way, kind));
      await stream.consumeStream();

      // OpenAI's Chat Completions have no place where its own SDK would look for a thought.
      const expected = way === 'openai.chat' ? undefined : PLAYED_THOUGHT.text;
      expect(plain.reasoningText).toBe(expected);
      expect(await stream.reasoningText).toBe(expected);
      expect(plain.text).toBe('Hello.');
    },
  );

  it.each(SCRIPTED)('%s: gets an error of its own kind, from %s', async (way, kind) => {
    stage.upstream.next(refusesInKind(400, 'scripted refusal'));

    const failure = await generateText(ask(way, kind)).then(
      () => undefined,
      (error: unknown) => error,
    );

    expect(APICallError.isInstance(failure)).toBe(true);
    expect(failure).toMatchObject({ statusCode: 400, isRetryable: false, message: expect.stringContaining('scripted refusal') });
  });

  it.each(SCRIPTED)('%s: notices that a stream broke, from %s', async (way, kind) => {
    stage.upstream.next(failsMidStream());
    const errors: unknown[] = [];

    const stream = streamText({ ...ask(way, kind), onError: ({ error }) => void errors.push(error) });
    await stream.consumeStream();

    expect(errors).toHaveLength(1);
    expect(await stream.finishReason).not.toBe('stop');
  });

  it('openai: keeps its state at OpenAI if it may, and only there', async () => {
    for (const kind of ['openai-responses', 'anthropic'] as const) {
      stage.upstream.forget();
      stage.upstream.next(plays({ reasoning: PLAYED_THOUGHT, toolCalls: [PARIS] }), plays({ text: 'Sunny in Paris.' }));
      const stateful = { ...ask('openai', kind), providerOptions: {} };

      const answer = generateText({ ...stateful, tools: { get_weather: weather([]) }, stopWhen: stepCountIs(3) });

      if (kind === 'openai-responses') expect((await answer).text).toBe('Sunny in Paris.');
      else await expect(answer).rejects.toMatchObject({ statusCode: 400, message: expect.stringContaining('`input[1]`') });
    }
  });

  it('openai: sends a thought of Anthropic back with its signature', async () => {
    stage.upstream.next(plays({ reasoning: PLAYED_THOUGHT, toolCalls: [PARIS] }), plays({ text: 'Sunny in Paris.' }));
    const providerOptions = { openai: { store: false, forceReasoning: true, reasoningEffort: 'low' } };

    await generateText({ ...ask('openai', 'anthropic'), providerOptions, tools: { get_weather: weather([]) }, stopWhen: stepCountIs(3) });

    await expectThoughtBack();
  });

  it('anthropic: sends a thought of Anthropic back with its signature', async () => {
    stage.upstream.next(plays({ reasoning: PLAYED_THOUGHT, toolCalls: [PARIS] }), plays({ text: 'Sunny in Paris.' }));
    const providerOptions = { anthropic: { thinking: { type: 'enabled', budgetTokens: 2_048 } } };

    await generateText({
      ...ask('anthropic', 'anthropic'),
      providerOptions,
      tools: { get_weather: weather([]) },
      stopWhen: stepCountIs(3),
    });

    await expectThoughtBack();
  });

  async function expectThoughtBack(): Promise<void> {
    const { text: thinking, signature } = PLAYED_THOUGHT;
    expect((await stage.upstream.attempt(1)).json).toMatchObject({
      messages: [{}, { content: [{ type: 'thinking', thinking, signature }, { type: 'tool_use' }] }, {}],
    });
  }

  it('openai-compatible: sends the thought of DeepSeek back', async () => {
    stage.upstream.next(plays({ reasoning: PLAYED_THOUGHT, toolCalls: [PARIS] }), plays({ text: 'Sunny in Paris.' }));

    await generateText({ ...ask('openai-compatible', 'deepseek'), tools: { get_weather: weather([]) }, stopWhen: stepCountIs(3) });

    expect((await stage.upstream.attempt(1)).json).toMatchObject({ messages: [{}, { reasoning_content: PLAYED_THOUGHT.text }, {}] });
  });

  it('anthropic: asks for an object by a forced tool unless told otherwise, which Ollama cannot do', async () => {
    const { providerOptions: _, ...params } = { ...ask('anthropic', 'ollama'), output: CITY };

    await expect(generateText(params)).rejects.toMatchObject({ statusCode: 400, message: expect.stringContaining('`tool_choice`') });
    expect(stage.upstream.attempts).toHaveLength(0);
  });
});
