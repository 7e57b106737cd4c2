import { describe, expect, it } from '@jest/globals';
import type { GatewayError } from '../../core/errors.js';
import type { RelayChanges } from '../dialect.js';
import { wrapProof } from '../reasoning-proof.js';
import { ANTHROPIC_MESSAGES } from './anthropic-messages.dialect.js';
import { messagesJsonSchema } from './anthropic-messages.schema.js';

type Headers = Record<string, string | string[] | undefined>;

const parse = (text: string, headers: Headers = {}) =>
  ANTHROPIC_MESSAGES.parse({ raw: Buffer.from(text), text, parsed: JSON.parse(text) }, { headers });
const CHANGES = { model: 'm', askUsage: true, keepProvider: false, maxTokensField: 'max_completion_tokens' } as const;
const HELLO = '"messages":[{"role":"user","content":"hi"}]';
const user = (...content: unknown[]) => ({ role: 'user', content });
const assistant = (...content: unknown[]) => ({ role: 'assistant', content });
const body = (messages: unknown[], rest: Record<string, unknown> = {}) => JSON.stringify({ model: 'm', max_tokens: 9, messages, ...rest });
const CALL = { type: 'tool_use', id: 'toolu_1', name: 'f', input: {} };
const RESULT = { type: 'tool_result', tool_use_id: 'toolu_1', content: 'ok' };
const ORPHAN = { ...RESULT, tool_use_id: 'toolu_2' };

function refusal(text: string): { message: string; param: string | undefined; kind: string } {
  try {
    parse(text);
  } catch (error) {
    const { message, details, kind } = error as GatewayError;
    return { message, param: details.param, kind };
  }
  throw new Error('was accepted');
}

describe('parsing a Messages body', () => {
  it.each([
    [`{"max_tokens":9,${HELLO}}`, 'model', 'expected string'],
    [`{"model":"m",${HELLO}}`, 'max_tokens', 'is missing'],
    [`{"model":"m","max_tokens":9,"messages":[]}`, 'messages', 'expected array to have >=1'],
    [body([{ role: 'robot', content: 'x' }]), 'messages[0].role', 'expected one of user, assistant, system'],
    [body([{ role: 'user', content: 5 }]), 'messages[0].content', 'expected a string or a list of blocks'],
    [body([user({ text: 'x' })]), 'messages[0].content[0].type', 'expected the type of a block'],
    [body([user({ type: 'text' })]), 'messages[0].content[0].text', 'expected string'],
    [body([user({ type: 'image', source: { type: 'ftp' } })]), 'messages[0].content[0].source.type', 'expected one of base64, url'],
    [body([user({ type: 'image', source: { type: 'base64', data: 'x' } })]), 'messages[0].content[0].source.media_type', 'is missing'],
    [body([assistant({ ...CALL, input: 'x' })]), 'messages[0].content[0].input', 'expected object'],
    [body([assistant({ type: 'thinking', thinking: 'x' })]), 'messages[0].content[0].signature', 'is missing'],
    [body([user('x')]), 'messages[0].content[0]', 'expected a content block'],
    [body([user()], { tools: [{ name: 'f' }] }), 'tools[0].input_schema', 'is missing'],
    [body([user()], { temperature: 1.5 }), 'temperature', '<=1'],
    [body([user()], { system: [{ type: 'image' }] }), 'system[0].type', 'text'],
    [body([user()], { stream: 'yes' }), 'stream', 'expected boolean'],
    [`{"model":"m","max_tokens":9,${HELLO},"mod\\u0065l":"n"}`, 'model', 'twice'],
  ])('refuses %s and names the field', (text, param, part) => {
    const error = refusal(text);

    expect(error.kind).toBe('invalid_request');
    expect(error.param).toBe(param);
    expect(error.message).toContain(part);
  });

  it.each([
    ['without any call', [user(RESULT)], 'messages[0].content[0].tool_use_id'],
    ['of another id', [assistant(CALL), user(RESULT, ORPHAN)], 'messages[1].content[1].tool_use_id'],
    ['two turns later', [assistant(CALL), user(RESULT), assistant(), user(RESULT)], 'messages[3].content[0].tool_use_id'],
  ])('refuses a result %s', (_, messages, param) => {
    expect(refusal(body(messages))).toMatchObject({ param, message: expect.stringContaining('answers no `tool_use`') });
  });

  it.each([
    ['in several messages of the user', [assistant(CALL), user({ type: 'text', text: 'x' }), user(RESULT)]],
    ['after a system message', [assistant(CALL), { role: 'system', content: 'x' }, user(RESULT)]],
    ['to calls in several messages of the assistant', [assistant(CALL), assistant({ ...CALL, id: 'toolu_2' }), user(RESULT, ORPHAN)]],
  ])('accepts results %s', (_, messages) => {
    expect(() => parse(body(messages))).not.toThrow();
  });

  it('leaves the results of a thread that goes on to the provider, which has its history', () => {
    const text = body([user(RESULT)], { thread: { type: 'continue', previous_message_id: 'msg_1' } });

    expect(() => parse(text)).not.toThrow();
  });

  it('lets through blocks, tools and fields that nobody has heard of, and takes null for absent', () => {
    const text = body([user({ type: 'search_result', source: 5 })], {
      tools: [{ type: 'web_search_20250305', name: 'web_search' }],
      brand_new: { a: 1 },
      temperature: null,
      system: null,
    });

    expect(parse(text).modelAsked).toBe('m');
  });

  it('reads what the gateway must know', () => {
    const request = parse(body([user()], { stream: true, metadata: { user_id: 'u1' }, provider: 'anthropic' }), {
      'anthropic-version': '2023-06-01',
      'anthropic-beta': ['a', 'b'],
      'x-api-key': 'secret',
      'x-tollgate-strict': 'true',
    });

    expect(request).toMatchObject({
      dialect: 'anthropic-messages',
      stream: true,
      wantsUsage: true,
      choices: 1,
      userId: 'u1',
      providerAsked: 'anthropic',
      hasProviderPreferences: false,
      strict: true,
    });
    expect(request.headers).toEqual({ 'anthropic-version': '2023-06-01', 'anthropic-beta': 'a,b' });
    expect(parse(body([user()], { provider: { order: [] } }))).toMatchObject({ providerAsked: undefined, hasProviderPreferences: true });
  });

  it('is described as JSON Schema', () => {
    expect(messagesJsonSchema()).toMatchObject({ type: 'object', required: ['model', 'max_tokens', 'messages'] });
  });
});

describe('the body for a provider of the same dialect', () => {
  const relayed = (text: string, changes: Partial<RelayChanges> = {}) =>
    ANTHROPIC_MESSAGES.relayBody(parse(text), { ...CHANGES, ...changes }).toString();

  it('is the very bytes where nothing changes', () => {
    const text = `{ "model" : "m", "max_tokens":9, ${HELLO},\n"x":1.0e2 }`;

    expect(relayed(text)).toBe(text);
  });

  it('has its model spliced and our own provider field taken out, and no other byte changed', () => {
    expect(relayed(`{ "provider":"a", "model" : "fast", "max_tokens":9, ${HELLO}, "x":1.0e2 }`)).toBe(
      `{ "model" : "m", "max_tokens":9, ${HELLO}, "x":1.0e2 }`,
    );
    expect(relayed(`{"model":"m","max_tokens":9,${HELLO},"provider":{"order":[]}}`, { keepProvider: true })).toContain(
      '"provider":{"order":[]}',
    );
  });

  it('has the limit on the answer that is set for it, and no field of ours', () => {
    expect(relayed(`{"clamp":true,"provider":"a","model":"m","max_tokens":900,${HELLO}}`, { maxOutputTokens: 50 })).toBe(
      `{"model":"m","max_tokens":50,${HELLO}}`,
    );
  });

  it('streams where the route does, whatever the body says', () => {
    const text = `{"model":"m","max_tokens":9,${HELLO}}`;
    const request = ANTHROPIC_MESSAGES.parse({ raw: Buffer.from(text), text, parsed: JSON.parse(text) }, { alwaysStream: true });

    expect(ANTHROPIC_MESSAGES.relayBody(request, CHANGES).toString()).toBe(`{"stream":true,"model":"m","max_tokens":9,${HELLO}}`);
  });

  it('has no thoughts of other providers, which Anthropic would refuse', () => {
    const proof = wrapProof({ maker: 'openai', kind: 'signature', value: 'x', id: 'rs_1' });
    const own = { type: 'thinking', thinking: 'mine', signature: 'EqQB' };
    const foreign = { type: 'thinking', thinking: 'a', signature: proof };
    const text = body([{ role: 'user', content: 'x' }, assistant(foreign), assistant(foreign, own, CALL)]);

    expect(JSON.parse(relayed(text)).messages).toEqual([{ role: 'user', content: 'x' }, assistant(own, CALL)]);
  });

  it('keeps a text that only looks like one of our signatures', () => {
    const text = `{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"say \\"tollgate.\\"", "n":1.0}]}`;

    expect(relayed(text)).toBe(text);
  });
});

describe('the prompt of a Messages body', () => {
  it('is what a model reads: no bytes, no ids, no addresses', () => {
    const text = body(
      [
        user({ type: 'text', text: 'look' }, { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } }),
        assistant({ type: 'thinking', thinking: 'hm', signature: 'S' }, { ...CALL, input: { city: 'Rome' } }),
        user({ ...RESULT, content: [{ type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'report' } }] }),
      ],
      { system: 'be brief', tools: [{ name: 'f', input_schema: { type: 'object' } }] },
    );

    const { texts, extraTokens } = ANTHROPIC_MESSAGES.prompt(parse(text));

    expect(texts).toEqual(['be brief', 'look', 'hm', 'f', '{"city":"Rome"}', 'report', '[{"name":"f","input_schema":{"type":"object"}}]']);
    expect(extraTokens).toBe(12);
  });
});
