import { describe, expect, it } from '@jest/globals';
import type { Conversation, Message, Tool } from '../../core/conversation.js';
import { FeatureUse } from '../../core/features.js';
import { echoAnswer, promptTokensOf, wordsOf } from './echo-answer.js';

const conversation = (messages: readonly Message[], more: Partial<Conversation> = {}): Conversation => ({
  messages,
  tools: [],
  toolChoice: undefined,
  parallelTools: undefined,
  output: undefined,
  reasoning: undefined,
  settings: {},
  uses: new FeatureUse(),
  ...more,
});
const user = (text: string): Message => ({ role: 'user', parts: [{ kind: 'text', text }] });
const ask = (text: string, more: Partial<Conversation> = {}) => conversation([user(text)], more);

const WEATHER: Tool = {
  name: 'weather',
  parameters: { type: 'object', properties: { city: { type: 'string' }, days: { type: 'integer' } } },
};
const TIME: Tool = { name: 'time' };

describe('echoAnswer', () => {
  it('says the last message again, the same each time', () => {
    const answer = echoAnswer(ask('Hello, Tollgate!'));

    expect(answer).toMatchObject({ text: 'Hello, Tollgate!', finish: 'stop', completionTokens: 2 });
    expect(echoAnswer(ask('Hello, Tollgate!'))).toEqual(answer);
  });

  it('stops at the limit and says why', () => {
    expect(echoAnswer(ask('one two three', { settings: { maxTokens: 2 } }))).toMatchObject({
      text: 'one two',
      finish: 'length',
      completionTokens: 2,
    });
  });

  it('stops before the first text at which it is to stop, and names it', () => {
    const settings = { stop: ['three', 'two'] };

    expect(echoAnswer(ask('one two three', { settings }))).toMatchObject({ text: 'one ', finish: 'stop_sequence', stopSequence: 'two' });
    expect(echoAnswer(ask('one two three', { settings: { stop: ['four'] } }))).toMatchObject({ finish: 'stop', stopSequence: undefined });
    expect(echoAnswer(ask('one more two', { settings: { stop: ['two'], maxTokens: 1 } }))).toMatchObject({
      text: 'one',
      finish: 'length',
      stopSequence: undefined,
    });
  });

  it('calls a tool with arguments that fit its schema, and answers in words once it has the result', () => {
    const asked = ask('Weather?', { tools: [WEATHER] });

    const answer = echoAnswer(asked);

    expect(answer).toMatchObject({
      text: '',
      finish: 'tool_calls',
      toolCall: { id: 'call_echo_1', name: 'weather', arguments: '{"city":"echo","days":1}' },
    });
    const result: Message = { role: 'tool', results: [{ callId: 'call_echo_1', parts: [{ kind: 'text', text: 'sunny' }] }] };
    const called: Message = { role: 'assistant', parts: [answer.toolCall!] };
    expect(echoAnswer({ ...asked, messages: [...asked.messages, called, result] })).toMatchObject({ text: 'sunny', toolCall: undefined });
    expect(echoAnswer({ ...asked, messages: [...asked.messages, called, result, user('And now?')] }).toolCall?.id).toBe('call_echo_2');
  });

  it('calls the tool that it is told to', () => {
    const tools = [WEATHER, TIME];

    expect(echoAnswer(ask('x', { tools, toolChoice: { kind: 'named', name: 'time' } })).toolCall).toMatchObject({
      name: 'time',
      arguments: '{}',
    });
    expect(echoAnswer(ask('x', { tools, toolChoice: { kind: 'allowed', mode: 'required', names: ['time'] } })).toolCall).toMatchObject({
      name: 'time',
    });
    expect(echoAnswer(ask('x', { tools, toolChoice: { kind: 'required' } })).toolCall).toMatchObject({ name: 'weather' });
    expect(echoAnswer(ask('x', { tools, toolChoice: { kind: 'none' } }))).toMatchObject({ text: 'x', toolCall: undefined });
  });

  it('gives a tool of free text a text', () => {
    expect(echoAnswer(ask('x', { tools: [{ name: 'shell', isCustom: true }] })).toolCall).toMatchObject({
      arguments: 'echo',
      isCustom: true,
    });
  });

  it('fills in a JSON schema, or any JSON', () => {
    const schema = { type: 'object', properties: { ok: { type: 'boolean' }, tags: { type: 'array', items: { enum: ['a', 'b'] } } } };

    expect(JSON.parse(echoAnswer(ask('x', { output: { kind: 'schema', schema } })).text)).toEqual({ ok: true, tags: ['a'] });
    expect(JSON.parse(echoAnswer(ask('x', { output: { kind: 'json' } })).text)).toEqual({ echo: 'x' });
  });

  it('has something to say to an empty message', () => {
    expect(echoAnswer(ask('')).completionTokens).toBeGreaterThan(0);
  });
});

describe('the tokens of the pretend model', () => {
  it('are its words, and three a message', () => {
    expect(promptTokensOf(conversation([{ role: 'system', parts: [{ kind: 'text', text: 'Be kind.' }] }, user('one two three')]))).toBe(11);
  });

  it('are cut so that joined again they are the text', () => {
    const text = '  a\n b  ';

    expect(wordsOf(text).join('')).toBe(text);
  });
});
