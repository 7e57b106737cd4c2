import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Conversation, Message, UserPart } from '../../core/conversation.js';
import { FeatureUse } from '../../core/features.js';
import { decodeRequest } from './openai-chat.decode-request.js';
import { encodeRequest } from './openai-chat.encode-request.js';
import { chatCompletionSchema } from './openai-chat.schema.js';

const TERMS = { model: 'm', stream: false, askUsage: true, maxTokensField: 'max_tokens', defaultMaxTokens: 4096 } as const;
const EMPTY: Conversation = {
  messages: [{ role: 'user', parts: [{ kind: 'text', text: 'hi' }] }],
  tools: [],
  toolChoice: undefined,
  parallelTools: undefined,
  output: undefined,
  reasoning: undefined,
  settings: {},
  uses: new FeatureUse(),
};
const text = (value: string) => ({ kind: 'text' as const, text: value });
const PNG = { kind: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'QUJD' } } as const;

/** As the provider gets it: what is undefined is not there. */
function encode(conversation: Partial<Conversation>, terms: Partial<Parameters<typeof encodeRequest>[1]> = {}): Record<string, unknown> {
  const body = encodeRequest({ ...EMPTY, ...conversation }, { ...TERMS, ...terms });
  return JSON.parse(JSON.stringify(body)) as Record<string, unknown>;
}

const encodeMessages = (...messages: Message[]) => encode({ messages })['messages'];

describe('encodeRequest', () => {
  it('says nothing that was not said', () => {
    expect(encode({})).toEqual({ model: 'm', messages: [{ role: 'user', content: 'hi' }], stream: false });
  });

  it('asks for usage in a stream of a server that knows the field', () => {
    expect(encode({}, { stream: true })['stream_options']).toEqual({ include_usage: true });
    expect(encode({}, { stream: true, askUsage: false })).not.toHaveProperty('stream_options');
  });

  it.each(['max_tokens', 'max_completion_tokens'] as const)('names the limit in %s', (maxTokensField) => {
    expect(encode({ settings: { maxTokens: 5 } }, { maxTokensField })).toMatchObject({ [maxTokensField]: 5 });
  });

  it('says system and developer as system, several texts as one, and nothing of cache marks', () => {
    expect(
      encodeMessages(
        { role: 'system', parts: [{ ...text('a'), cache: {} }, text('b')] },
        { role: 'developer', parts: [text('c')] },
        { role: 'user', parts: [text('d'), { ...text('e'), cache: { ttl: '1h' } }] },
      ),
    ).toEqual([
      { role: 'system', content: 'a\nb' },
      { role: 'system', content: 'c' },
      { role: 'user', content: 'd\ne' },
    ]);
  });

  it('says each tool result as a message, before the other words of the turn, and its images after all of them', () => {
    const calls = ['c1', 'c2'].map((id) => ({ kind: 'tool_call' as const, id, name: 'f', arguments: '{}' }));

    expect(
      encodeMessages(
        { role: 'assistant', parts: calls },
        { role: 'user', parts: [text('and?')] },
        {
          role: 'tool',
          results: [
            { callId: 'c1', parts: [text('see'), PNG] },
            { callId: 'c2', parts: [text('no file')], isError: true },
          ],
        },
        { role: 'user', parts: [text('so?')] },
      ),
    ).toEqual([
      { role: 'assistant', content: null, tool_calls: [expect.objectContaining({ id: 'c1' }), expect.objectContaining({ id: 'c2' })] },
      { role: 'tool', tool_call_id: 'c1', content: 'see' },
      { role: 'tool', tool_call_id: 'c2', content: 'Error: no file' },
      { role: 'user', content: 'and?' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Result of the tool call c1:' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,QUJD' } },
          { type: 'text', text: 'so?' },
        ],
      },
    ]);
  });

  it('says the images of a result that nothing follows in a message of their own', () => {
    const messages = encodeMessages({ role: 'tool', results: [{ callId: 'c1', parts: [PNG] }] }) as { role: string; content: unknown }[];

    expect(messages.map(({ role }) => role)).toEqual(['tool', 'user']);
    expect(messages[0]!.content).toBe('');
  });

  it('shortens an id that is too long, the same for the call and its result', () => {
    const id = `toolu_${'x'.repeat(60)}`;

    const [assistant, tool] = encodeMessages(
      { role: 'assistant', parts: [{ kind: 'tool_call', id, name: 'f', arguments: '{}' }] },
      { role: 'tool', results: [{ callId: id, parts: [] }] },
    ) as [{ tool_calls: { id: string }[] }, { tool_call_id: string }];

    expect(assistant.tool_calls[0]!.id).toHaveLength(37);
    expect(tool.tool_call_id).toBe(assistant.tool_calls[0]!.id);
    expect(
      (encodeMessages({ role: 'tool', results: [{ callId: `${id}y`, parts: [] }] }) as { tool_call_id: string }[])[0]!.tool_call_id,
    ).not.toBe(tool.tool_call_id);
  });

  it('gives thoughts back as text, with the proofs of Anthropic, and none that OpenAI encrypted', () => {
    const thought = (value: string, proof: object) => ({ kind: 'reasoning' as const, text: value, proof: proof as never });

    expect(
      encodeMessages(
        {
          role: 'assistant',
          parts: [
            thought('hm', { maker: 'anthropic', kind: 'signature', value: 'sig' }),
            thought('', { maker: 'anthropic', kind: 'redacted', value: 'red' }),
            text('a'),
          ],
        },
        { role: 'assistant', parts: [thought('so', { maker: 'openai', kind: 'redacted', value: 'enc', id: 'rs_1' }), text('b')] },
      ),
    ).toEqual([
      {
        role: 'assistant',
        content: 'a',
        reasoning_content: 'hm',
        reasoning_details: [
          { type: 'reasoning.text', text: 'hm', signature: 'sig', format: 'anthropic-claude-v1' },
          { type: 'reasoning.encrypted', data: 'red', format: 'anthropic-claude-v1' },
        ],
      },
      { role: 'assistant', content: 'b' },
    ]);
  });

  it('says a document of plain text as text, and names one that has no name', () => {
    const document = (source: object) => ({ kind: 'document' as const, source: source as never });

    expect(
      encodeMessages({
        role: 'user',
        parts: [document({ kind: 'text', text: 't' }), document({ kind: 'base64', mediaType: 'application/pdf', data: 'QUJD' })],
      }),
    ).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 't' },
          { type: 'file', file: { file_data: 'data:application/pdf;base64,QUJD', filename: 'document.pdf' } },
        ],
      },
    ]);
  });

  it.each([
    [{ off: true }, 'none'],
    [{ effort: 'xhigh', budgetTokens: 10 }, 'xhigh'],
    [{ budgetTokens: 1024 }, 'low'],
    [{ budgetTokens: 4096 }, 'medium'],
    [{ budgetTokens: 8193 }, 'high'],
    [{}, undefined],
  ])('says the wish to reason %j as %s', (reasoning, expected) => {
    expect(encode({ reasoning })['reasoning_effort']).toBe(expected);
  });

  it('sends four stops at most, a name with every schema, and the tier under its own name', () => {
    expect(
      encode({ settings: { stop: ['a', 'b', 'c', 'd', 'e'], serviceTier: 'standard_only' }, output: { kind: 'schema', schema: { a: 1 } } }),
    ).toMatchObject({
      stop: ['a', 'b', 'c', 'd'],
      service_tier: 'default',
      response_format: { type: 'json_schema', json_schema: { name: 'answer', schema: { a: 1 } } },
    });
  });

  it('says nothing of tools where there are none', () => {
    expect(encode({ toolChoice: { kind: 'none' }, parallelTools: false })).toEqual(encode({}));
  });
});

describe('decodeRequest after encodeRequest', () => {
  it('gives back every conversation that Chat Completions can say', () => {
    fc.assert(
      fc.property(conversations, fc.boolean(), (conversation, stream) => {
        const body = encode(conversation, { stream });
        const { uses: _, ...decoded } = decodeRequest(body);
        const { uses: __, ...expected } = { ...EMPTY, ...conversation };

        expect(chatCompletionSchema.safeParse(body)).toMatchObject({ success: true });
        expect(decoded).toEqual(expected);
      }),
    );
  });
});

const word = fc.string({ minLength: 1, maxLength: 12 });
const name = fc.stringMatching(/^[a-z]{1,8}$/);
const base64 = fc.base64String({ minLength: 4, maxLength: 12 });
const record = <T extends object>(shape: { [Key in keyof T]: fc.Arbitrary<T[Key]> }, required: (keyof T)[]) =>
  fc.record(shape, { requiredKeys: required }) as fc.Arbitrary<T>;
const textPart = word.map(text);
const mediaPart: fc.Arbitrary<UserPart> = fc.oneof(
  base64.map((data) => ({ kind: 'image' as const, source: { kind: 'base64' as const, mediaType: 'image/png', data } })),
  word.map((path) => ({ kind: 'image' as const, source: { kind: 'url' as const, url: `https://a.example/${path}` }, detail: 'low' })),
  base64.map((data) => ({ kind: 'audio' as const, format: 'mp3', data })),
  base64.map((data) => ({
    kind: 'document' as const,
    source: { kind: 'base64' as const, mediaType: 'application/pdf', data },
    title: 'a.pdf',
  })),
  name.map((id) => ({ kind: 'document' as const, source: { kind: 'file' as const, id } })),
);
const userParts: fc.Arbitrary<UserPart[]> = fc.oneof(
  fc.array(textPart, { maxLength: 1 }),
  fc.tuple(mediaPart, fc.array(fc.oneof(textPart, mediaPart), { maxLength: 3 })).map(([first, rest]) => [...rest, first]),
);
const thoughts = fc.oneof(
  fc.array(
    word.map((value) => ({ kind: 'reasoning' as const, text: value })),
    { maxLength: 1 },
  ),
  fc.array(
    fc.record({
      kind: fc.constant('reasoning' as const),
      text: word,
      proof: fc.record({ maker: fc.constant('anthropic' as const), kind: fc.constant('signature' as const), value: word }),
    }),
    { maxLength: 3 },
  ),
  word.map((value) => [{ kind: 'reasoning' as const, text: '', proof: { maker: 'anthropic' as const, kind: 'redacted' as const, value } }]),
);
const toolCall = fc.oneof(
  fc.record({ kind: fc.constant('tool_call' as const), id: name, name, arguments: fc.json() }),
  fc.record({ kind: fc.constant('tool_call' as const), id: name, name, arguments: word, isCustom: fc.constant(true as const) }),
);
const named = { name: fc.option(name, { nil: undefined }) };
const turn: fc.Arbitrary<Message[]> = fc.oneof(
  fc.record({ role: fc.constant('system' as const), parts: fc.array(textPart, { maxLength: 1 }), ...named }).map((one): Message[] => [one]),
  fc.record({ role: fc.constant('user' as const), parts: userParts, ...named }).map((one): Message[] => [one]),
  fc
    .record({
      thoughts,
      texts: fc.array(textPart, { maxLength: 1 }),
      refusals: fc.array(
        word.map((value) => ({ kind: 'refusal' as const, text: value })),
        { maxLength: 1 },
      ),
      calls: fc.uniqueArray(toolCall, { maxLength: 3, selector: (one) => one.id }),
      result: fc.array(textPart, { maxLength: 1 }),
      ...named,
    })
    .map(({ thoughts: thought, texts, refusals, calls, result, name: who }): Message[] => {
      const assistant: Message = { role: 'assistant', parts: [...thought, ...texts, ...refusals, ...calls], name: who };
      const results = calls.map((one) => ({ callId: one.id, parts: result, ...('isCustom' in one && { isCustom: true }) }));
      return calls.length > 0 ? [assistant, { role: 'tool', results }] : [assistant];
    }),
);
const tool = fc.oneof(
  record({ name, description: word, parameters: fc.constant({ type: 'object' }), strict: fc.constant(true) }, ['name']),
  record(
    { name, description: word, isCustom: fc.constant(true), format: fc.constant({ type: 'grammar', syntax: 'lark', definition: 'x' }) },
    ['name', 'isCustom'],
  ),
);
const toolWishes = fc.oneof(
  fc.constant({ tools: [] }),
  fc.record({
    tools: fc.uniqueArray(tool, { minLength: 1, maxLength: 3, selector: (one) => one.name }),
    toolChoice: fc.oneof(
      fc.constantFrom({ kind: 'none' as const }, { kind: 'required' as const }, undefined),
      name.map((one) => ({ kind: 'named' as const, name: one })),
      name.map((one) => ({ kind: 'named' as const, name: one, isCustom: true })),
      fc.array(name).map((names) => ({ kind: 'allowed' as const, mode: 'required' as const, names })),
    ),
    parallelTools: fc.constantFrom(false as const, undefined),
  }),
);
const settings: fc.Arbitrary<Conversation['settings']> = fc.record(
  {
    maxTokens: fc.integer({ min: 1 }),
    temperature: fc.constantFrom(0, 0.5, 1.5),
    topP: fc.constantFrom(0, 0.5, 1),
    frequencyPenalty: fc.constantFrom(-1, 1.5),
    presencePenalty: fc.constantFrom(-1, 1.5),
    logitBias: fc.constant({ '50256': -100 }),
    seed: fc.integer(),
    stop: fc.array(word, { minLength: 1, maxLength: 4 }),
    choices: fc.integer({ min: 2, max: 8 }),
    logprobs: fc.integer({ min: 0, max: 20 }),
    verbosity: fc.constantFrom('low', 'high'),
    serviceTier: fc.constantFrom('flex', 'priority'),
    metadata: fc.constant({ a: 'b' }),
    endUser: word,
    promptCacheKey: word,
    store: fc.constant(true),
  },
  { requiredKeys: [] },
);
const conversations: fc.Arbitrary<Partial<Conversation>> = fc
  .record({
    turns: fc.array(turn, { minLength: 1, maxLength: 5 }),
    wishes: toolWishes,
    settings,
    reasoning: fc.constantFrom(undefined, { off: true }, { effort: 'high' }),
    output: fc.oneof(
      fc.constantFrom(undefined, { kind: 'json' as const }),
      record(
        {
          kind: fc.constant('schema' as const),
          name,
          description: word,
          schema: fc.constant({ type: 'object' }),
          strict: fc.constant(true),
        },
        ['kind', 'name', 'schema'],
      ),
    ),
  })
  .map(({ turns, wishes, ...rest }) => ({ messages: turns.flat(), ...wishes, ...rest }));
