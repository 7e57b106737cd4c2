import { describe, expect, it } from '@jest/globals';
import { LengthFinishReasonError } from 'openai/error';
import { zodFunction, zodResponseFormat } from 'openai/helpers/zod';
import { z } from 'zod';
import { answers, streams } from '../../support/upstream/behaviours.js';
import { completion, toolCallCompletion } from '../../support/upstream/openai-answers.js';
import { streamFrames, toolCallFrames } from '../../support/upstream/openai-frames.js';
import { MESSAGES, MODEL, Stage } from '../stage.js';

const Capital = z.object({ country: z.string(), capital: z.string() });
const FORMAT = zodResponseFormat(Capital, 'capital');
const JSON_TEXT = '{"country":"Schweiz","capital":"Bern – 🐻"}';
const VALUE = { country: 'Schweiz', capital: 'Bern – 🐻' };

describe('structured output', () => {
  const stage = Stage.set();

  it('carries the schema to the provider, and `parse` reads the answer', async () => {
    stage.upstream.next(answers(completion({ content: JSON_TEXT })));

    const answer = await stage.openai.chat.completions.parse({ model: MODEL, messages: MESSAGES, response_format: FORMAT });

    expect(answer.choices[0]?.message.parsed).toEqual(VALUE);
    expect((await stage.upstream.attempt(0)).json['response_format']).toEqual(JSON.parse(JSON.stringify(FORMAT)));
  });

  it('satisfies the strict reader of `.stream()`', async () => {
    stage.upstream.next(streams(streamFrames({ text: JSON_TEXT.split(/(?<=\W)/u) })));

    const stream = stage.openai.chat.completions.stream({ model: MODEL, messages: MESSAGES, response_format: FORMAT });
    const parsed: unknown[] = [];
    stream.on('content.done', (event) => parsed.push(event.parsed));
    const final = await stream.finalChatCompletion();

    expect(parsed).toEqual([VALUE]);
    expect(final.choices[0]?.message.parsed).toEqual(VALUE);
  });

  it('satisfies it with a strict tool, whose name and type may never change', async () => {
    stage.upstream.next(streams(toolCallFrames().filter((frame) => !frame.includes('"tool_calls":[{"index":1'))));
    const tool = zodFunction({ name: 'get_weather', parameters: z.object({ city: z.string() }) });

    const stream = stage.openai.chat.completions.stream({ model: MODEL, messages: MESSAGES, tools: [tool] });

    const final = await stream.finalChatCompletion();
    expect(final.choices[0]?.message.tool_calls?.[0]).toMatchObject({ function: { parsed_arguments: { city: 'Zürich' } } });
  });

  it('reads the arguments of a strict tool from a plain answer', async () => {
    stage.upstream.next(answers(toolCallCompletion()));
    const tool = zodFunction({ name: 'get_weather', parameters: z.object({ city: z.string() }) });

    const answer = await stage.openai.chat.completions.parse({ model: MODEL, messages: MESSAGES, tools: [tool] });

    expect(answer.choices[0]?.message.tool_calls?.[0]).toMatchObject({ function: { parsed_arguments: { city: 'Zürich' } } });
  });

  it('lets the client see that an answer was cut by its length', async () => {
    stage.upstream.next(answers(completion({ content: '{"country":', finish_reason: 'length' })));

    const call = stage.openai.chat.completions.parse({ model: MODEL, messages: MESSAGES, response_format: FORMAT });

    await expect(call).rejects.toBeInstanceOf(LengthFinishReasonError);
  });

  it('carries a refusal', async () => {
    stage.upstream.next(answers(completion({ content: null, message: { refusal: 'I will not.' } })));

    const answer = await stage.openai.chat.completions.parse({ model: MODEL, messages: MESSAGES, response_format: FORMAT });

    expect(answer.choices[0]?.message).toMatchObject({ refusal: 'I will not.', parsed: null });
  });
});
