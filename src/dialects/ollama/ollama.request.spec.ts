import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Conversation, Message, ReasoningWish, Settings, Tool, ToolCall } from '../../core/conversation.js';
import { type Feature, FeatureUse } from '../../core/features.js';
import type { UpstreamTerms } from '../dialect.js';
import { OLLAMA_CODEC } from './ollama.codec.js';

const PNG = 'iVBORw0KGgoAAAANSUhEUg==';
const TERMS: UpstreamTerms = { model: 'llama', stream: true, askUsage: true, maxTokensField: 'max_tokens', defaultMaxTokens: 4096 };

function conversation(parts: Partial<Conversation>): Conversation {
  return {
    messages: [],
    tools: [],
    toolChoice: undefined,
    parallelTools: undefined,
    output: undefined,
    reasoning: undefined,
    settings: {},
    uses: new FeatureUse(),
    ...parts,
  };
}

const encode = (parts: Partial<Conversation>, terms: Partial<UpstreamTerms> = {}) =>
  OLLAMA_CODEC.encodeRequest(conversation(parts), { ...TERMS, ...terms });
const encodeMessages = (...messages: Message[]) => encode({ messages })['messages'];
const text = (value: string) => ({ kind: 'text' as const, text: value });
const image = { kind: 'image' as const, source: { kind: 'base64' as const, mediaType: 'image/png', data: PNG } };
const call = (id: string, name: string, json = '{}'): ToolCall => ({ kind: 'tool_call', id, name, arguments: json });
const calling = (...calls: ToolCall[]): Message => ({ role: 'assistant', parts: calls });

describe('an Ollama request', () => {
  it('says whether it wants a stream in either case', () => {
    expect(encode({}, { stream: true })).toEqual({ model: 'llama', messages: [], stream: true });
    expect(encode({}, { stream: false })).toEqual({ model: 'llama', messages: [], stream: false });
  });

  it('has one string a message, and takes a developer for the system', () => {
    expect(
      encodeMessages(
        { role: 'developer', parts: [text('Be brief.'), text('Be kind.')] },
        { role: 'user', name: 'ann', parts: [text('Look:'), image, { kind: 'document', source: { kind: 'text', text: 'a page' } }] },
        { role: 'assistant', parts: [text('A do'), text('t. '), { kind: 'refusal', text: 'No more.' }] },
      ),
    ).toEqual([
      { role: 'system', content: 'Be brief.\nBe kind.' },
      { role: 'user', content: 'Look:\na page', images: [PNG] },
      { role: 'assistant', content: 'A dot. No more.' },
    ]);
  });

  it('carries thoughts without their proofs', () => {
    const parts = [
      { kind: 'reasoning' as const, text: 'hm', proof: { maker: 'anthropic' as const, kind: 'signature' as const, value: 's' } },
      { kind: 'reasoning' as const, text: '', proof: { maker: 'anthropic' as const, kind: 'redacted' as const, value: 'r' } },
      text('Yes.'),
    ];

    expect(encodeMessages({ role: 'assistant', parts })).toEqual([{ role: 'assistant', content: 'Yes.', thinking: 'hm' }]);
  });

  it('has tool arguments as objects, and names the tool of each result', () => {
    const results = [
      { callId: 'b', parts: [text('dark'), image] },
      { callId: 'a', parts: [text('no such city')], isError: true },
    ];

    expect(encodeMessages(calling(call('a', 'weather', '{"city":"Rom"}'), call('b', 'photo')), { role: 'tool', results })).toEqual([
      {
        role: 'assistant',
        content: '',
        tool_calls: [
          { id: 'a', function: { name: 'weather', arguments: { city: 'Rom' } } },
          { id: 'b', function: { name: 'photo', arguments: {} } },
        ],
      },
      { role: 'tool', content: 'dark', images: [PNG], tool_name: 'photo', tool_call_id: 'b' },
      { role: 'tool', content: 'Error: no such city', tool_name: 'weather', tool_call_id: 'a' },
    ]);
  });

  it('names the tool of the latest call where ids come again in later turns', () => {
    const result: Message = { role: 'tool', results: [{ callId: 'a', parts: [] }] };

    expect(encodeMessages(calling(call('a', 'one')), result, calling(call('a', 'two')), result)).toMatchObject([
      {},
      { tool_name: 'one' },
      {},
      { tool_name: 'two' },
    ]);
  });

  it.each(['not json', '[1]', '"text"', 'null'])('keeps the tool arguments %s whole, though they are no object', (json) => {
    expect(encodeMessages(calling(call('a', 'f', json)))).toMatchObject([{ tool_calls: [{ function: { arguments: { raw: json } } }] }]);
  });

  it('has its settings in options', () => {
    const settings: Settings = {
      maxTokens: 9,
      temperature: 0,
      topP: 0.5,
      topK: 4,
      frequencyPenalty: 1,
      presencePenalty: -1,
      seed: 0,
      stop: ['a', 'b'],
      logprobs: 2,
      endUser: 'u',
    };

    expect(encode({ settings })).toMatchObject({
      options: {
        num_predict: 9,
        temperature: 0,
        top_p: 0.5,
        top_k: 4,
        frequency_penalty: 1,
        presence_penalty: -1,
        seed: 0,
        stop: ['a', 'b'],
      },
      logprobs: true,
      top_logprobs: 2,
    });
    expect(encode({ settings: { logprobs: 0 } })).toEqual({ model: 'llama', messages: [], stream: true, logprobs: true });
  });

  it.each<[ReasoningWish, boolean | string]>([
    [{ off: true, effort: 'high' }, false],
    [{}, true],
    [{ effort: 'minimal' }, 'low'],
    [{ effort: 'low' }, 'low'],
    [{ effort: 'medium' }, 'medium'],
    [{ effort: 'high', budgetTokens: 10 }, 'high'],
    [{ effort: 'xhigh' }, 'max'],
    [{ effort: 'max' }, 'max'],
    [{ budgetTokens: 2_048 }, 'low'],
    [{ budgetTokens: 2_049 }, 'medium'],
    [{ budgetTokens: 20_000 }, 'high'],
  ])('says %j as think: %j', (reasoning, think) => {
    expect(encode({ reasoning })['think']).toBe(think);
  });

  it('asks for JSON, or for a schema', () => {
    const schema = { type: 'object', properties: { a: { type: 'string' } } };

    expect(encode({ output: { kind: 'json' } })['format']).toBe('json');
    expect(encode({ output: { kind: 'schema', name: 'x', schema, strict: true } })['format']).toBe(schema);
  });

  it('offers its tools, unless none may be called', () => {
    const tools: Tool[] = [
      { name: 'now', strict: true },
      { name: 'f', description: 'does', parameters: { required: ['a'] } },
    ];

    expect(encode({ tools })['tools']).toEqual([
      { type: 'function', function: { name: 'now', parameters: { type: 'object', properties: {} } } },
      { type: 'function', function: { name: 'f', description: 'does', parameters: { type: 'object', properties: {}, required: ['a'] } } },
    ]);
    expect(encode({ tools, toolChoice: { kind: 'none' } })).not.toHaveProperty('tools');
  });
});

describe('the reading of an Ollama request', () => {
  const usedBy = (body: object): Partial<Record<Feature, readonly string[]>> =>
    Object.fromEntries(OLLAMA_CODEC.decodeRequest({ model: 'm', ...body }).uses.entries());

  it('notes what the request uses, with the field', () => {
    expect(
      usedBy({
        messages: [
          { role: 'user', content: 'x', images: [PNG, PNG] },
          { role: 'assistant', thinking: 'hm', tool_calls: [{ function: { name: 'f', arguments: {} } }] },
          { role: 'tool', content: 'x', images: [PNG] },
        ],
        tools: [{ type: 'browser' }],
        format: {},
        think: 'low',
        options: { temperature: 1.5, stop: ['1', '2', '3', '4', '5'], top_k: 1, num_predict: -1, num_ctx: 9 },
        keep_alive: '5m',
        truncate: false,
        logprobs: true,
      }),
    ).toEqual({
      'image.base64': ['messages[0].images[0]', 'messages[0].images[1]', 'messages[2].images[0]'],
      'reasoning.history': ['messages[1].thinking'],
      'tool_result.image': ['messages[2].images'],
      'tools.hosted': ['tools[0]'],
      'output.schema': ['format'],
      'reasoning.effort': ['think'],
      'temperature.above_1': ['options.temperature'],
      'stop.many': ['options.stop'],
      top_k: ['options.top_k'],
      unknown: ['keep_alive', 'options.num_ctx'],
      truncation: ['truncate'],
      logprobs: ['logprobs'],
    });
    expect(usedBy({ think: false, format: 'json', options: { temperature: 1, stop: ['1'], stop_all: null } })).toEqual({
      'reasoning.off': ['think'],
      'output.json': ['format'],
      temperature: ['options.temperature'],
      stop: ['options.stop'],
      unknown: ['options.stop_all'],
    });
  });

  it('pairs results and calls that have no ids by the name of the tool, then by their order', () => {
    const { messages } = OLLAMA_CODEC.decodeRequest({
      model: 'm',
      messages: [
        { role: 'assistant', content: '', tool_calls: ['f', 'g', 'f'].map((name) => ({ function: { name } })) },
        { role: 'tool', content: '1', tool_name: 'g' },
        { role: 'tool', content: '2' },
        { role: 'tool', content: '3', tool_name: 'f' },
      ],
    });

    expect(messages).toEqual([
      calling(call('call_0', 'f'), call('call_1', 'g'), call('call_2', 'f')),
      {
        role: 'tool',
        results: [
          { callId: 'call_1', parts: [text('1')] },
          { callId: 'call_0', parts: [text('2')] },
          { callId: 'call_2', parts: [text('3')] },
        ],
      },
    ]);
  });

  it.each([
    [PNG, 'image/png'],
    ['/9j/4AAQ', 'image/jpeg'],
    ['R0lGODlh', 'image/gif'],
    ['UklGRh4A', 'image/webp'],
    ['AAAA', 'application/octet-stream'],
  ])('knows the image %s by its first bytes', (data, mediaType) => {
    expect(OLLAMA_CODEC.decodeRequest({ model: 'm', messages: [{ role: 'user', images: [data] }] }).messages).toEqual([
      { role: 'user', parts: [{ kind: 'image', source: { kind: 'base64', mediaType, data } }] },
    ]);
  });

  it('gives back every conversation that Ollama can be told', () => {
    fc.assert(
      fc.property(conversations, (said) => {
        const body = JSON.parse(JSON.stringify(OLLAMA_CODEC.encodeRequest(said, TERMS))) as unknown;

        expect({ ...OLLAMA_CODEC.decodeRequest(body), uses: undefined }).toEqual({ ...said, uses: undefined });
      }),
    );
  });
});

const nonEmpty = fc.string({ unit: 'grapheme', minLength: 1 });
const texts = fc.option(nonEmpty.map(text), { nil: undefined }).map((part) => (part ? [part] : []));
const contents = fc.tuple(fc.constantFrom([], [image], [image, image]), texts).map((parts) => parts.flat());
const jsonObject = fc
  .dictionary(fc.string(), fc.jsonValue())
  // JSON has no -0, and `__proto__` in it is a member like others.
  .map((members) => JSON.parse(JSON.stringify(members)) as Record<string, unknown>);
const thoughts = texts.map((parts) => parts.map((part) => ({ kind: 'reasoning' as const, text: part.text })));

/** An assistant's turn and, where it called tools, what they gave. */
const turns = (turn: number): fc.Arbitrary<Message[]> =>
  fc
    .record({ thought: thoughts, said: texts, calls: fc.array(fc.tuple(nonEmpty, jsonObject, contents), { maxLength: 3 }) })
    .map(({ thought, said, calls }): Message[] => {
      const made = calls.map(([name, members], index) => call(`call_${turn}_${index}`, name, JSON.stringify(members)));
      const results = calls.map(([, , parts], index) => ({ callId: `call_${turn}_${index}`, parts }));
      const assistant: Message = { role: 'assistant', parts: [...thought, ...said, ...made] };
      return results.length > 0 ? [assistant, { role: 'tool', results }] : [assistant];
    });

const exchanges = (turn: number): fc.Arbitrary<Message[]> =>
  fc.oneof(
    texts.map((parts): Message[] => [{ role: 'system', parts }]),
    contents.map((parts): Message[] => [{ role: 'user', parts }]),
    turns(turn),
  );

/** JSON has no -0. */
const between = (min: number, max: number) => fc.double({ min, max, noNaN: true }).map((value) => value + 0);

const settings: fc.Arbitrary<Settings> = fc.record(
  {
    maxTokens: fc.nat(),
    temperature: between(0, 2),
    topP: between(0, 1),
    topK: fc.nat(),
    frequencyPenalty: between(-2, 2),
    presencePenalty: between(-2, 2),
    seed: fc.integer(),
    stop: fc.array(fc.string(), { minLength: 1, maxLength: 6 }),
    logprobs: fc.nat(20),
  },
  { requiredKeys: [], noNullPrototype: true },
);

const tools: fc.Arbitrary<Tool> = fc.record(
  {
    name: nonEmpty,
    description: fc.string(),
    parameters: jsonObject.map((properties) => ({ type: 'object', properties, required: Object.keys(properties) })),
  },
  { requiredKeys: ['name'], noNullPrototype: true },
);

const conversations: fc.Arbitrary<Conversation> = fc
  .record({
    messages: fc.tuple(exchanges(0), exchanges(1), exchanges(2), exchanges(3)).map((all) => all.flat()),
    tools: fc.array(tools, { maxLength: 3 }),
    output: fc.option(
      fc.oneof(
        fc.constant({ kind: 'json' as const }),
        jsonObject.map((schema) => ({ kind: 'schema' as const, schema })),
      ),
      { nil: undefined },
    ),
    reasoning: fc.option(
      fc.oneof(
        fc.constant({ off: true }),
        fc.constant({}),
        fc.constantFrom('low', 'medium', 'high', 'max').map((effort) => ({ effort })),
      ),
      { nil: undefined },
    ),
    settings,
  })
  .map(conversation);
