import { describe, expect, it } from '@jest/globals';
import { echoAnswer, wordsOf } from './echo-answer.js';

const ask = (content: string) => ({ model: 'echo', messages: [{ role: 'user', content }] });

describe('echoAnswer', () => {
  it('says the last message again, the same each time', () => {
    const answer = echoAnswer(ask('Hello, Tollgate!'));

    expect(answer).toMatchObject({ text: 'Hello, Tollgate!', finishReason: 'stop', completionTokens: 2 });
    expect(echoAnswer(ask('Hello, Tollgate!'))).toEqual(answer);
  });

  it('stops at max_tokens and says why', () => {
    expect(echoAnswer({ ...ask('one two three'), max_tokens: 2 })).toMatchObject({
      text: 'one two',
      finishReason: 'length',
      completionTokens: 2,
    });
  });

  it('calls a tool with arguments that fit its schema, and answers in words once it has the result', () => {
    const parameters = { type: 'object', properties: { city: { type: 'string' }, days: { type: 'integer' } } };
    const tools = [{ type: 'function', function: { name: 'weather', parameters } }];

    const answer = echoAnswer({ ...ask('Weather?'), tools });

    expect(answer).toMatchObject({
      text: null,
      finishReason: 'tool_calls',
      toolCalls: [{ name: 'weather', arguments: '{"city":"echo","days":1}' }],
    });
    expect(echoAnswer({ model: 'echo', messages: [{ role: 'tool', content: 'sunny' }], tools })).toMatchObject({
      text: 'sunny',
      toolCalls: [],
    });
  });

  it('fills in a JSON schema', () => {
    const schema = { type: 'object', properties: { ok: { type: 'boolean' }, tags: { type: 'array', items: { enum: ['a', 'b'] } } } };

    const answer = echoAnswer({ ...ask('x'), response_format: { type: 'json_schema', json_schema: { schema } } });

    expect(JSON.parse(answer.text!)).toEqual({ ok: true, tags: ['a'] });
  });

  it('cuts a text into words that joined again are the text', () => {
    const text = '  a\n b  ';

    expect(wordsOf(text).join('')).toBe(text);
  });
});
