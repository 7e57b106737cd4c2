import { describe, expect, it } from '@jest/globals';
import { answers, streams } from '../../support/upstream/behaviours.js';
import { completion, toolCallCompletion, WEATHER_CALL } from '../../support/upstream/openai-answers.js';
import { streamFrames, toolCallFrames } from '../../support/upstream/openai-frames.js';
import { MESSAGES, MODEL, Stage } from '../stage.js';

const PARAMETERS = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false };
const TOOLS = [
  { type: 'function' as const, function: { name: 'get_weather', description: 'The weather.', parameters: PARAMETERS, strict: true } },
];

interface Place {
  readonly city: string;
}

describe('tools', () => {
  const stage = Stage.set();

  it('carries tools to the provider and its calls back', async () => {
    stage.upstream.next(answers(toolCallCompletion()));

    const answer = await stage.openai.chat.completions.create({
      model: MODEL,
      messages: MESSAGES,
      tools: TOOLS,
      tool_choice: { type: 'function', function: { name: 'get_weather' } },
      parallel_tool_calls: false,
    });

    expect(answer.choices[0]).toMatchObject({ finish_reason: 'tool_calls', message: { content: null, tool_calls: [WEATHER_CALL] } });
    expect((await stage.upstream.attempt(0)).json).toMatchObject({
      tools: TOOLS,
      tool_choice: { type: 'function', function: { name: 'get_weather' } },
      parallel_tool_calls: false,
    });
  });

  it('streams two calls whose arguments come in pieces', async () => {
    stage.upstream.next(streams(toolCallFrames()));

    const message = await stage.openai.chat.completions.stream({ model: MODEL, messages: MESSAGES, tools: TOOLS }).finalMessage();

    expect(message.tool_calls).toMatchObject([
      { id: 'call_1', type: 'function', function: { name: 'get_weather', arguments: '{"city":"Zürich"}' } },
      { id: 'call_2', type: 'function', function: { name: 'get_time', arguments: '{"zone":"CET"}' } },
    ]);
  });

  it('serves the loop of `runTools`', async () => {
    stage.upstream.next(answers(toolCallCompletion()), answers(completion({ content: 'Sunny in Zürich.' })));

    const runner = stage.openai.chat.completions.runTools({ model: MODEL, messages: MESSAGES, tools: [weatherTool()] });

    expect(await runner.finalContent()).toBe('Sunny in Zürich.');
    await expectToolResult();
  });

  it('serves the loop of `runTools` streaming', async () => {
    stage.upstream.next(streams(firstCallOnly()), streams(streamFrames({ text: ['Sunny ', 'in Zürich.'] })));

    const runner = stage.openai.chat.completions.runTools({ model: MODEL, messages: MESSAGES, stream: true, tools: [weatherTool()] });

    expect(await runner.finalContent()).toBe('Sunny in Zürich.');
    await expectToolResult();
  });

  async function expectToolResult(): Promise<void> {
    const second = (await stage.upstream.attempt(1)).json;
    expect(second['messages']).toMatchObject([
      ...MESSAGES,
      { role: 'assistant', tool_calls: [{ id: 'call_1' }] },
      { role: 'tool', tool_call_id: 'call_1', content: 'sunny in Zürich' },
    ]);
  }
});

function weatherTool() {
  return {
    type: 'function' as const,
    function: {
      name: 'get_weather',
      description: 'The weather.',
      parameters: PARAMETERS,
      parse: (text: string) => JSON.parse(text) as Place,
      function: ({ city }: Place) => `sunny in ${city}`,
    },
  };
}

/** The stream of two calls without the second. */
function firstCallOnly(): string[] {
  return toolCallFrames().filter((frame) => !frame.includes('"tool_calls":[{"index":1'));
}
