import { describe, expect, it } from '@jest/globals';
import { AIMessageChunk, HumanMessage, ToolMessage } from '@langchain/core/messages';
import { tool } from '@langchain/core/tools';
import { ChatOpenAI, type ChatOpenAIFields, OpenAIEmbeddings } from '@langchain/openai';
import { z } from 'zod';
import { CLIENT_KEY } from '../../support/gateway.js';
import { EMBEDDING_KINDS, KINDS, modelOf, SCRIPTED_KINDS, type Kind } from '../../support/gateway/kinds.js';
import { CLOCK, failsMidStream, PARIS, PLAYED_TEXT, plays, refusesInKind, vectorOf } from '../../support/upstream/dialects.js';
import { Stage } from '../stage.js';

/** Its two ways to ask: Chat Completions, or Responses. */
const WAYS = [
  ['chat', {}],
  ['responses', { useResponsesApi: true, zdrEnabled: true }],
] as const;

const EVERYWHERE = WAYS.flatMap(([way, fields]) => KINDS.map((kind) => ({ way, fields, kind })));
const SCRIPTED = WAYS.flatMap(([way, fields]) => SCRIPTED_KINDS.map((kind) => ({ way, fields, kind })));

const WEATHER = tool(({ city }) => `sunny in ${city}`, {
  name: 'get_weather',
  description: 'The weather of a city.',
  schema: z.object({ city: z.string() }),
});
const CLOCK_TOOL = tool(() => 'noon', { name: 'get_time', description: 'What time it is.', schema: z.object({}) });

describe('LangChain', () => {
  const stage = Stage.setEveryKind();

  function chat(kind: Kind, fields: ChatOpenAIFields): ChatOpenAI {
    const configuration = { baseURL: `${stage.gateway.baseUrl}/v1` };
    return new ChatOpenAI({ model: modelOf(kind), apiKey: CLIENT_KEY, configuration, maxRetries: 0, ...fields });
  }

  it.each(EVERYWHERE)('$way: invokes and streams the same text, with its usage, from $kind', async ({ kind, fields }) => {
    stage.upstream.always(plays());

    const plain = await chat(kind, fields).invoke('Say hello.');
    let streamed = new AIMessageChunk('');
    let pieces = 0;
    for await (const chunk of await chat(kind, fields).stream('Say hello.')) {
      streamed = streamed.concat(chunk);
      if (chunk.text !== '') pieces += 1;
    }

    expect(plain.text).toBe(kind === 'echo' ? 'Say hello.' : PLAYED_TEXT);
    expect(streamed.text).toBe(plain.text);
    expect(pieces).toBeGreaterThan(1);
    const expected =
      kind === 'echo'
        ? { input_tokens: 5, output_tokens: 2, total_tokens: 7 }
        : { input_tokens: 1200, output_tokens: 80, total_tokens: 1280 };
    expect(plain.usage_metadata).toMatchObject(expected);
    expect(streamed.usage_metadata).toMatchObject(expected);
  });

  it.each(SCRIPTED)('$way: binds tools, calls two of them and sends their results back, with $kind', async ({ kind, fields }) => {
    stage.upstream.next(plays({ toolCalls: [PARIS, CLOCK] }), plays({ text: 'Sunny.' }));
    const bound = chat(kind, fields).bindTools([WEATHER, CLOCK_TOOL]);
    const question = new HumanMessage('What is the weather?');

    const calling = await bound.invoke([question]);
    const [weather, clock] = calling.tool_calls ?? [];
    const results = [
      new ToolMessage({ tool_call_id: weather?.id ?? '', name: 'get_weather', content: 'sunny in Paris' }),
      new ToolMessage({ tool_call_id: clock?.id ?? '', name: 'get_time', content: 'noon' }),
    ];
    const answer = await bound.invoke([question, calling, ...results]);

    expect(weather).toMatchObject({ name: 'get_weather', args: PARIS.arguments });
    expect(clock).toMatchObject({ name: 'get_time', args: {} });
    expect(answer.text).toBe('Sunny.');
    const sent = (await stage.upstream.attempt(1)).body.toString();
    expect(sent).toContain('sunny in Paris');
    expect(sent).toContain('noon');
  });

  it.each(SCRIPTED)('$way: streams the pieces of a tool call, from $kind', async ({ kind, fields }) => {
    stage.upstream.next(plays({ text: 'Let me see.', toolCalls: [PARIS] }));

    let message = new AIMessageChunk('');
    for await (const chunk of await chat(kind, fields).bindTools([WEATHER]).stream('What is the weather?')) message = message.concat(chunk);

    expect(message.tool_calls).toMatchObject([{ name: 'get_weather', args: PARIS.arguments }]);
    expect(message.text).toBe('Let me see.');
  });

  it.each(EVERYWHERE)('$way: fits its answer into a schema, from $kind', async ({ kind, fields }) => {
    stage.upstream.next(plays({ text: '{"city":"Paris","degrees":21}' }));
    const schema = z.object({ city: z.string(), degrees: z.number() });

    const answer = await chat(kind, fields).withStructuredOutput(schema, { name: 'place', method: 'jsonSchema' }).invoke('Where?');

    if (kind === 'echo') expect(answer).toEqual({ city: expect.any(String), degrees: expect.any(Number) });
    else expect(answer).toEqual({ city: 'Paris', degrees: 21 });
  });

  it('fits its answer into a schema by a forced tool', async () => {
    stage.upstream.next(plays({ toolCalls: [PARIS] }));
    const schema = z.object({ city: z.string(), days: z.number() });

    const answer = await chat('anthropic', {})
      .withStructuredOutput(schema, { name: 'get_weather', method: 'functionCalling' })
      .invoke('Where?');

    expect(answer).toEqual(PARIS.arguments);
    expect((await stage.upstream.attempt(0)).json).toMatchObject({ tool_choice: { type: 'tool', name: 'get_weather' } });
  });

  it.each(SCRIPTED)('$way: is told what was refused, by $kind', async ({ kind, fields }) => {
    stage.upstream.always(refusesInKind(400, 'scripted refusal'));

    await expect(chat(kind, fields).invoke('Say hello.')).rejects.toMatchObject({ status: 400 });
    await expect(chat(kind, fields).invoke('Say hello.')).rejects.toThrow('scripted refusal');
  });

  it.each(SCRIPTED)('$way: notices that a stream broke, from $kind', async ({ kind, fields }) => {
    stage.upstream.next(failsMidStream());

    const read = async (): Promise<void> => {
      for await (const _ of await chat(kind, fields).stream('Say hello.'));
    };

    await expect(read()).rejects.toThrow();
  });

  it.each(EMBEDDING_KINDS)('embeds texts with %s', async (kind) => {
    stage.upstream.always(plays());
    const configuration = { baseURL: `${stage.gateway.baseUrl}/v1` };
    const embeddings = new OpenAIEmbeddings({ model: modelOf(kind), apiKey: CLIENT_KEY, configuration, maxRetries: 0 });

    expect(await embeddings.embedDocuments(['one', 'two'])).toEqual([vectorOf(0), vectorOf(1)]);
    expect(await embeddings.embedQuery('one')).toEqual(vectorOf(0));
  });
});
