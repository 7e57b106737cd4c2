import { describe, expect, it } from '@jest/globals';
import type { GatewayError } from '../../core/errors.js';
import { parseChatCompletion, type RequestChanges, toUpstreamBody } from './openai-chat.request.js';

const MESSAGES = '"messages":[{"role":"user","content":"hi"}]';
const parse = (text: string, alwaysStream = false) =>
  parseChatCompletion({ raw: Buffer.from(text), text, parsed: JSON.parse(text) }, { alwaysStream });
const CHANGES = { model: 'm', stream: false, askUsage: true, keepProvider: false, maxTokensField: 'max_completion_tokens' } as const;

function refusal(body: string): { message: string; param: string | undefined } {
  try {
    parse(body);
  } catch (error) {
    return { message: (error as GatewayError).message, param: (error as GatewayError).details.param };
  }
  throw new Error('was accepted');
}

describe('parseChatCompletion', () => {
  it.each([
    [`{${MESSAGES}}`, 'model', 'expected string'],
    [`{"model":"m","messages":[]}`, 'messages', 'expected array to have >=1'],
    [`{"model":"m","messages":"hi"}`, 'messages', 'expected array'],
    [`{"model":"m","messages":[{"role":"robot","content":"x"}]}`, 'messages[0].role', 'expected one of system, developer, user'],
    [`{"model":"m","messages":[{"role":"user","content":5}]}`, 'messages[0].content', 'expected a string or a list of parts'],
    [`{"model":"m","messages":[{"role":"user","content":[{"text":"x"}]}]}`, 'messages[0].content[0].type', 'expected string'],
    [`{"model":"m",${MESSAGES},"temperature":5}`, 'temperature', '<=2'],
    [`{"model":"m",${MESSAGES},"stream":"yes"}`, 'stream', 'expected boolean'],
    [`{"model":"m",${MESSAGES},"n":0}`, 'n', '>=1'],
    [`{"model":"m",${MESSAGES},"stream_options":{"include_usage":true}}`, 'stream_options', 'stream: true'],
    [`{"model":"m",${MESSAGES},"max_tokens":1,"max_completion_tokens":1}`, 'max_tokens', 'exclude each other'],
    [`{"model":"m",${MESSAGES},"mod\\u0065l":"n"}`, 'model', 'twice'],
  ])('refuses %s and names the field', (body, param, text) => {
    const error = refusal(body);

    expect(error.param).toBe(param);
    expect(error.message).toContain(text);
  });

  it('refuses what is no object at all', () => {
    expect(refusal('[1]')).toMatchObject({ param: undefined, message: expect.stringContaining('expected object') });
  });

  describe('of tool calls and their results', () => {
    const user = { role: 'user', content: 'hi' };
    const calls = (...ids: string[]) => ({
      role: 'assistant',
      content: null,
      tool_calls: ids.map((id) => ({ id, type: 'function', function: { name: 'f', arguments: '{}' } })),
    });
    const result = (tool_call_id: string) => ({ role: 'tool', tool_call_id, content: 'x' });
    const bodyOf = (...messages: object[]) => JSON.stringify({ model: 'm', messages });

    it.each([
      ['a result without its call', [user, calls('a'), result('a'), result('b')], 'messages[3].tool_call_id'],
      ['a result before its call', [user, result('a'), calls('a')], 'messages[1].tool_call_id'],
      ['a result without any call', [user, result('a')], 'messages[1].tool_call_id'],
      ['a call that another message follows', [user, calls('a'), user], 'messages[1].tool_calls[0].id'],
      ['the one of two calls that is not answered', [user, calls('a', 'b'), result('a'), user], 'messages[1].tool_calls[1].id'],
      ['a call that another turn follows', [user, calls('a'), calls('b'), result('a'), result('b')], 'messages[1].tool_calls[0].id'],
    ])('refuses %s', (_, messages, param) => {
      expect(refusal(bodyOf(...messages)).param).toBe(param);
    });

    it.each([
      ['results in any order', [user, calls('a', 'b'), result('b'), result('a'), user]],
      ['several turns, ids repeated', [user, calls('a'), result('a'), calls('a'), result('a')]],
      ['calls that come last', [user, calls('a')]],
      ['an empty list of calls', [user, calls(), user]],
    ])('takes %s', (_, messages) => {
      expect(parse(bodyOf(...messages)).modelAsked).toBe('m');
    });
  });

  it('takes null for absent, and fields that nobody has heard of', () => {
    const request = parse(
      `{"model":"m",${MESSAGES},"temperature":null,"stream":true,"stream_options":null,"brand_new":{"a":1},"user":"u1"}`,
    );

    expect(request).toMatchObject({ modelAsked: 'm', stream: true, wantsUsage: false, choices: 1, userId: 'u1' });
  });
});

describe('toUpstreamBody', () => {
  const upstream = (text: string, changes: Partial<RequestChanges> = {}, alwaysStream = false) =>
    toUpstreamBody(parse(text, alwaysStream), { ...CHANGES, ...changes }).toString();

  it('hands on the very bytes where nothing changes', () => {
    const text = `{ "model" : "m", ${MESSAGES},\n"x":1.0e2 }`;

    expect(upstream(text)).toBe(text);
  });

  it('splices the model and leaves every other byte alone', () => {
    expect(upstream(`{ "model" : "fast", ${MESSAGES}, "x":1.0e2 }`)).toBe(`{ "model" : "m", ${MESSAGES}, "x":1.0e2 }`);
  });

  it('takes our own provider field out, wherever it stands, and keeps one that is not ours', () => {
    expect(upstream(`{"provider":"openai","model":"a",${MESSAGES},"stream":true}`, { stream: true })).toBe(
      `{"stream_options":{"include_usage":true},"model":"m",${MESSAGES},"stream":true}`,
    );
    expect(upstream(`{"model":"m",${MESSAGES},"provider":"openai"}`)).toBe(`{"model":"m",${MESSAGES}}`);
    expect(upstream(`{"model":"m",${MESSAGES},"provider":{"order":["a"]}}`, { keepProvider: true })).toContain(
      '"provider":{"order":["a"]}',
    );
  });

  it('takes our field `clamp` out, also beside another one of ours', () => {
    expect(upstream(`{"provider":"a","clamp":true,"model":"m",${MESSAGES}}`)).toBe(`{"model":"m",${MESSAGES}}`);
    expect(upstream(`{"model":"m",${MESSAGES},"clamp":false}`)).toBe(`{"model":"m",${MESSAGES}}`);
    expect(upstream(`{"model":"m","clamp":null,${MESSAGES},"provider":{"order":[]}}`, { keepProvider: true })).toBe(
      `{"model":"m",${MESSAGES},"provider":{"order":[]}}`,
    );
  });

  it.each([
    [`"max_tokens":900,`, `{"max_tokens":50,"model":"m",${MESSAGES}}`],
    [`"max_completion_tokens":900,`, `{"max_completion_tokens":50,"model":"m",${MESSAGES}}`],
    [`"max_tokens":null,`, `{"max_completion_tokens":50,"max_tokens":null,"model":"m",${MESSAGES}}`],
    ['', `{"max_completion_tokens":50,"model":"m",${MESSAGES}}`],
    [`"clamp":true,`, `{"max_completion_tokens":50,"model":"m",${MESSAGES}}`],
  ])('sets another limit where the client has its own (%s), else where the target takes one', (limit, expected) => {
    expect(upstream(`{${limit}"model":"m",${MESSAGES}}`, { maxOutputTokens: 50 })).toBe(expected);
  });

  it('asks for usage in a stream without losing the other options', () => {
    const body = upstream(`{"model":"m",${MESSAGES},"stream":true,"stream_options":{"include_obfuscation":false}}`, { stream: true });

    expect(JSON.parse(body)).toMatchObject({ stream_options: { include_obfuscation: false, include_usage: true } });
  });

  it('does not ask a server that does not know the field', () => {
    expect(upstream(`{"model":"m",${MESSAGES},"stream":true}`, { stream: true, askUsage: false })).not.toContain('stream_options');
  });

  it('turns a body into a streaming one on the route that always streams', () => {
    expect(JSON.parse(upstream(`{"model":"m",${MESSAGES},"stream":false}`, { stream: true }, true))).toMatchObject({ stream: true });
    expect(JSON.parse(upstream(`{"model":"m",${MESSAGES}}`, { stream: true }, true))).toMatchObject({ stream: true });
  });
});
