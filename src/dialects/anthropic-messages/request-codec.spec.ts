import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Conversation, Message, UserPart } from '../../core/conversation.js';
import { FeatureUse } from '../../core/features.js';
import { wrapProof } from '../reasoning-proof.js';
import { ANTHROPIC_CODEC } from './anthropic-messages.dialect.js';

const { decodeRequest, encodeRequest } = ANTHROPIC_CODEC;
const TERMS = { model: 'm', stream: false, askUsage: true, maxTokensField: 'max_tokens', defaultMaxTokens: 4096 } as const;

const conversation = (messages: readonly Message[], rest: Partial<Conversation> = {}): Conversation => ({
  messages,
  tools: [],
  toolChoice: undefined,
  parallelTools: undefined,
  output: undefined,
  reasoning: undefined,
  settings: {},
  uses: new FeatureUse(),
  ...rest,
});
const encode = (messages: readonly Message[], rest: Partial<Conversation> = {}) => encodeRequest(conversation(messages, rest), TERMS);
const decode = (messages: unknown[], rest: Record<string, unknown> = {}) => decodeRequest({ model: 'm', max_tokens: 9, messages, ...rest });
const text = (value: string) => ({ kind: 'text', text: value }) as const;
const USER: Message = { role: 'user', parts: [text('hi')] };
const TOOL = { name: 'f', parameters: { type: 'object', properties: { a: {} } } };
const usesOf = (messages: unknown[], rest: Record<string, unknown> = {}) => Object.fromEntries(decode(messages, rest).uses.entries());

describe('encoding a conversation for Anthropic', () => {
  it('puts all instructions into the system prompt, in their order', () => {
    const messages: Message[] = [
      { role: 'system', parts: [text('a')] },
      USER,
      { role: 'developer', parts: [{ ...text('b'), cache: { ttl: '1h' } }, text('')] },
    ];

    expect(encode(messages)).toEqual({
      model: 'm',
      max_tokens: 4096,
      system: [
        { type: 'text', text: 'a' },
        { type: 'text', text: 'b', cache_control: { type: 'ephemeral', ttl: '1h' } },
      ],
      messages: [{ role: 'user', content: 'hi' }],
    });
  });

  it('makes one message of the results of a turn and what the user says after them, results first', () => {
    const { messages } = encode([
      USER,
      { role: 'assistant', parts: [{ kind: 'tool_call', id: 'a', name: 'f', arguments: '{"x":1}' }] },
      { role: 'tool', results: [{ callId: 'a', parts: [text('1')] }] },
      { role: 'tool', results: [{ callId: 'b', parts: [], isError: true }] },
      USER,
    ]);

    expect(messages).toEqual([
      { role: 'user', content: 'hi' },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'f', input: { x: 1 } }] },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'a', content: '1' },
          { type: 'tool_result', tool_use_id: 'b', is_error: true },
          { type: 'text', text: 'hi' },
        ],
      },
    ]);
  });

  it('joins turns of one role, leaves empty ones out, and lets the user begin', () => {
    const { messages } = encode([
      { role: 'assistant', parts: [text('a')] },
      { role: 'user', parts: [text(' \n')] },
      { role: 'assistant', parts: [{ kind: 'refusal', text: 'b' }] },
    ]);

    expect(messages).toEqual([
      { role: 'user', content: '.' },
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'a' },
          { type: 'text', text: 'b' },
        ],
      },
    ]);
  });

  it('asks something even if nothing was said', () => {
    expect(encode([{ role: 'system', parts: [text('s')] }])['messages']).toEqual([{ role: 'user', content: '.' }]);
  });

  it.each([
    ['{"a":1}', { a: 1 }],
    ['', {}],
    ['{"a":', { raw: '{"a":' }],
    ['[1]', { raw: '[1]' }],
    ['free text', { raw: 'free text' }],
  ])('writes the arguments %j as the object %j', (json, input) => {
    const [, call] = encode([USER, { role: 'assistant', parts: [{ kind: 'tool_call', id: 'a', name: 'f', arguments: json }] }])[
      'messages'
    ] as [unknown, { content: unknown[] }];

    expect(call.content).toEqual([{ type: 'tool_use', id: 'a', name: 'f', input }]);
  });

  it('maps the ids that Anthropic refuses, alike for a call and its result, and unlike for two ids', () => {
    const ids = ['functions.f:0', 'functions.f:1', 'call_1'];
    const [, calls, results] = encode([
      USER,
      { role: 'assistant', parts: ids.map((id) => ({ kind: 'tool_call', id, name: 'f', arguments: '{}' }) as const) },
      { role: 'tool', results: ids.map((callId) => ({ callId, parts: [] })) },
    ])['messages'] as { content: { id: string; tool_use_id: string }[] }[];
    const called = calls!.content.map(({ id }) => id);

    expect(results!.content.map((result) => result.tool_use_id)).toEqual(called);
    expect(new Set(called).size).toBe(3);
    expect(called[2]).toBe('call_1');
    for (const id of called) expect(id).toMatch(/^[a-zA-Z0-9_-]{1,40}$/);
  });

  it('sends back the thoughts that are its own, and no others', () => {
    const [, { content }] = encode([
      USER,
      {
        role: 'assistant',
        parts: [
          { kind: 'reasoning', text: 'a', proof: { maker: 'anthropic', kind: 'signature', value: 'S' } },
          { kind: 'reasoning', text: '', proof: { maker: 'anthropic', kind: 'redacted', value: 'R' } },
          { kind: 'reasoning', text: 'b', proof: { maker: 'openai', kind: 'signature', value: 'O' } },
          { kind: 'reasoning', text: 'c' },
          text('d'),
        ],
      },
    ])['messages'] as [unknown, { content: unknown[] }];

    expect(content).toEqual([
      { type: 'thinking', thinking: 'a', signature: 'S' },
      { type: 'redacted_thinking', data: 'R' },
      { type: 'text', text: 'd' },
    ]);
  });

  it.each<[string, Partial<Conversation>, Record<string, unknown>]>([
    ['no tools, no choice', { toolChoice: { kind: 'required' } }, {}],
    ['one call at a time', { tools: [TOOL], parallelTools: false }, { tool_choice: { type: 'auto', disable_parallel_tool_use: true } }],
    ['a call at all', { tools: [TOOL], toolChoice: { kind: 'required' } }, { tool_choice: { type: 'any' } }],
    ['no call', { tools: [TOOL], toolChoice: { kind: 'none' }, parallelTools: false }, { tool_choice: { type: 'none' } }],
    ['a tool by name', { tools: [TOOL], toolChoice: { kind: 'named', name: 'f' } }, { tool_choice: { type: 'tool', name: 'f' } }],
    [
      'some of the tools',
      { tools: [TOOL, { name: 'g' }], toolChoice: { kind: 'allowed', mode: 'required', names: ['f'] } },
      { tools: [{ name: 'f', input_schema: TOOL.parameters }], tool_choice: { type: 'any' } },
    ],
    ['a tool without arguments', { tools: [{ name: 'f' }] }, { tools: [{ name: 'f', input_schema: { type: 'object', properties: {} } }] }],
    ['effort', { reasoning: { effort: 'xhigh' } }, { output_config: { effort: 'xhigh' } }],
    ['the least effort', { reasoning: { effort: 'minimal' } }, { output_config: { effort: 'low' } }],
    ['no thinking', { reasoning: { off: true } }, { thinking: { type: 'disabled' } }],
    ['thinking as the model likes', { reasoning: {} }, { thinking: { type: 'adaptive' } }],
    ['nothing of a summary that Anthropic does not have', { reasoning: { summary: 'auto' } }, {}],
    ['a budget', { reasoning: { budgetTokens: 2000 } }, { thinking: { type: 'enabled', budget_tokens: 2000 } }],
    ['a budget too small', { reasoning: { budgetTokens: 5 } }, { thinking: { type: 'enabled', budget_tokens: 1024 } }],
    ['a budget above the limit', { reasoning: { budgetTokens: 9999 } }, { thinking: { type: 'enabled', budget_tokens: 4095 } }],
    ['a limit too small to think', { reasoning: { budgetTokens: 2000 }, settings: { maxTokens: 1024 } }, { max_tokens: 1024 }],
    [
      'a budget and sampling, which exclude each other',
      { reasoning: { budgetTokens: 2000 }, settings: { temperature: 0.5, topK: 1 } },
      { thinking: { type: 'enabled', budget_tokens: 2000 } },
    ],
    [
      'a forced call and thinking, which exclude each other',
      { tools: [{ name: 'f' }], toolChoice: { kind: 'required' }, reasoning: { budgetTokens: 2000 } },
      { tools: [{ name: 'f', input_schema: { type: 'object', properties: {} } }], tool_choice: { type: 'any' } },
    ],
    [
      'JSON by a schema',
      { output: { kind: 'schema', name: 'n', schema: { type: 'object' } } },
      { output_config: { format: { type: 'json_schema', schema: { type: 'object' } } } },
    ],
    ['a temperature above 1', { settings: { temperature: 1.2, topP: 0.5 } }, { top_p: 0.5 }],
    ['stops of white space', { settings: { stop: ['\n', 'END'] } }, { stop_sequences: ['END'] }],
    ['an end user', { settings: { endUser: 'u', serviceTier: 'flex' } }, { metadata: { user_id: 'u' } }],
  ])('says %s', (_, asked, wire) => {
    const { model: _model, messages: _messages, ...rest } = encode([USER], asked);

    expect(rest).toEqual(expect.objectContaining(wire));
    if (!('tools' in wire)) delete rest['tools'];
    expect(Object.keys(rest).toSorted()).toEqual(Object.keys({ max_tokens: 0, ...wire }).toSorted());
  });
});

describe('decoding a Messages body', () => {
  it('notes what it uses under the names of its own fields', () => {
    const cache_control = { type: 'ephemeral' };
    const content = [
      { type: 'image', source: { type: 'url', url: 'https://x/y.png' }, cache_control },
      { type: 'document', source: { type: 'file', file_id: 'f' }, title: 't' },
      { type: 'search_result', content: [] },
      { type: 'text', text: 'x', citations: [{}], brand_new: 1 },
    ];

    expect(usesOf([{ role: 'user', content }], { system: [{ type: 'text', text: 's', cache_control }] })).toEqual({
      cache_control: ['system[0].cache_control', 'messages[0].content[0].cache_control'],
      'image.url': ['messages[0].content[0]'],
      'document.file': ['messages[0].content[1]'],
      'document.options': ['messages[0].content[1].title'],
      'content.unknown': ['messages[0].content[2]'],
      'text.citations': ['messages[0].content[3].citations'],
      unknown: ['messages[0].content[3].brand_new'],
    });
  });

  it('notes what only its provider knows, threads first', () => {
    const uses = usesOf([], {
      brand_new: 1,
      context_management: {},
      thread: { type: 'create' },
      container: 'c',
      mcp_servers: [],
      speed: 'fast',
      inference_geo: 'us',
      service_tier: 'auto',
    });

    expect(Object.keys(uses)[0]).toBe('state.thread');
    expect(uses).toEqual({
      'state.thread': ['thread'],
      'state.container': ['container'],
      'state.mcp_servers': ['mcp_servers'],
      context_management: ['context_management'],
      speed: ['speed', 'inference_geo'],
      service_tier: ['service_tier'],
      unknown: ['brand_new'],
    });
  });

  it.each([
    [{ tool_choice: { type: 'auto' } }, 'tools.hosted'],
    [{ tool_choice: { type: 'any' } }, 'tools.hosted_forced'],
    [{ tool_choice: { type: 'tool', name: 'web_search' } }, 'tools.hosted_forced'],
  ])('notes hosted tools with %j as %s', (rest, feature) => {
    const tools = [
      { name: 'f', input_schema: { type: 'object', properties: {} }, input_examples: [] },
      { type: 'web_search_20250305', name: 'web_search' },
    ];
    const decoded = decode([], { tools, ...rest });

    expect(decoded.tools).toEqual([{ name: 'f' }]);
    expect(Object.fromEntries(decoded.uses.entries())).toMatchObject({
      [feature]: ['tools[1]'],
      'tools.options': ['tools[0].input_examples'],
    });
  });

  it('puts the results of a turn before its text, wherever they stood', () => {
    const { messages } = decode([
      { role: 'user', content: [{ type: 'text', text: 'a' }] },
      {
        role: 'user',
        content: [{ type: 'tool_result', tool_use_id: 'x', content: [{ type: 'image', source: { type: 'url', url: 'u' } }] }],
      },
    ]);

    expect(messages).toEqual([
      { role: 'tool', results: [{ callId: 'x', parts: [{ kind: 'image', source: { kind: 'url', url: 'u' } }] }] },
      { role: 'user', parts: [text('a')] },
    ]);
  });

  it('unwraps the proofs of other makers, and knows a thought that nobody signed', () => {
    const proof = { maker: 'openai', kind: 'signature', value: 'v', id: 'rs_1' } as const;
    const redacted = { maker: 'openai', kind: 'redacted', value: 'w' } as const;
    const content = [
      { type: 'thinking', thinking: 'a', signature: wrapProof(proof) },
      { type: 'redacted_thinking', data: wrapProof(redacted) },
      { type: 'thinking', thinking: 'b', signature: 'tollgate.unsigned' },
      { type: 'thinking', thinking: '', signature: 'EqQB' },
    ];
    const decoded = decode([{ role: 'assistant', content }]);

    expect(decoded.messages).toEqual([
      {
        role: 'assistant',
        parts: [
          { kind: 'reasoning', text: 'a', proof },
          { kind: 'reasoning', text: '', proof: redacted },
          { kind: 'reasoning', text: 'b' },
          { kind: 'reasoning', text: '', proof: { maker: 'anthropic', kind: 'signature', value: 'EqQB' } },
        ],
      },
    ]);
    expect(Object.fromEntries(decoded.uses.entries())).toEqual({
      'reasoning.openai': ['messages[0].content[0]', 'messages[0].content[1]'],
      'reasoning.history': ['messages[0].content[2]'],
      'reasoning.anthropic': ['messages[0].content[3]'],
    });
  });

  it('reads a document of text blocks as its text, and notes one of anything else', () => {
    const blocks = [
      { type: 'text', text: 'a' },
      { type: 'text', text: 'b' },
    ];
    const document = (content: unknown) => ({ role: 'user', content: [{ type: 'document', source: { type: 'content', content } }] });
    const part: UserPart = { kind: 'document', source: { kind: 'text', text: 'a\nb' } };

    expect(decode([document(blocks)]).messages).toEqual([{ role: 'user', parts: [part] }]);
    expect(usesOf([document([{ type: 'image' }])])).toEqual({ 'content.unknown': ['messages[0].content[0].source'] });
  });

  it('takes a form of the answer, or a choice of tools, that it does not know for no mere hint', () => {
    expect(usesOf([], { output_config: { format: { type: 'grammar' } } })).toEqual({ 'content.unknown': ['output_config.format'] });
    expect(usesOf([], { tool_choice: { type: 'most' } })).toEqual({ 'content.unknown': ['tool_choice.type'] });
  });

  it('takes the old name of the output format', () => {
    const output_format = { type: 'json_schema', schema: { type: 'object' } };

    expect(decode([], { output_format }).output).toEqual({ kind: 'schema', schema: { type: 'object' } });
  });
});

describe('a conversation that Anthropic can be told', () => {
  const words = fc.string({ unit: 'grapheme', minLength: 1 }).map((value) => `x${value}`);
  const ids = fc.stringMatching(/^[a-zA-Z0-9_-]{1,12}$/);
  const cached = { cache: fc.constantFrom({}, { ttl: '5m' as const }, { ttl: '1h' as const }) };
  type Fields = Record<string, fc.Arbitrary<unknown>>;
  const record = (required: Fields, optional: Fields = {}) =>
    fc.record({ ...required, ...optional }, { requiredKeys: Object.keys(required), noNullPrototype: true });
  const source = fc.oneof(
    record({ kind: fc.constant('base64'), mediaType: fc.constant('image/png'), data: fc.base64String() }),
    record({ kind: fc.constant('url'), url: fc.webUrl() }),
    record({ kind: fc.constant('file'), id: ids }),
  );
  const textPart = record({ kind: fc.constant('text'), text: words }, cached);
  const image = record({ kind: fc.constant('image'), source }, cached);
  const document = record(
    { kind: fc.constant('document'), source: fc.oneof(source, record({ kind: fc.constant('text'), text: words })) },
    {
      title: words,
      context: words,
      citations: fc.constant(true),
      ...cached,
    },
  );
  const userParts = fc.array(fc.oneof(textPart, image, document), { minLength: 1, maxLength: 3 });
  const json = fc.dictionary(words, fc.jsonValue(), { maxKeys: 3 }).map((value) => JSON.stringify(value));
  const call = record(
    { kind: fc.constant('tool_call'), id: ids, name: ids, arguments: json.filter((value) => value === JSON.stringify(JSON.parse(value))) },
    cached,
  );
  const thought = fc.oneof(
    record({
      kind: fc.constant('reasoning'),
      text: words,
      proof: record({ maker: fc.constant('anthropic'), kind: fc.constant('signature'), value: ids }),
    }),
    record({
      kind: fc.constant('reasoning'),
      text: fc.constant(''),
      proof: record({ maker: fc.constant('anthropic'), kind: fc.constant('redacted'), value: ids }),
    }),
  );
  const assistant = record({
    role: fc.constant('assistant'),
    parts: fc.array(fc.oneof(textPart, call, thought), { minLength: 1, maxLength: 4 }),
  });
  const result = record({ callId: ids, parts: fc.oneof(fc.constant([]), userParts) }, { isError: fc.constant(true), ...cached });
  const user = record({ role: fc.constant('user'), parts: userParts });
  const tools = record({ role: fc.constant('tool'), results: fc.array(result, { minLength: 1, maxLength: 3 }) });
  const said = fc.oneof(
    user.map((one) => [one]),
    tools.map((one) => [one]),
    fc.tuple(tools, user).map((both) => [...both]),
  );
  const messages = fc
    .tuple(
      fc.option(record({ role: fc.constant('system'), parts: fc.array(textPart, { minLength: 1, maxLength: 2 }) }), { nil: undefined }),
      said,
      fc.array(fc.tuple(assistant, said), { maxLength: 3 }),
    )
    .map(([system, first, rest]) => [...(system ? [system] : []), ...first, ...rest.flatMap(([one, other]) => [one, ...other])]);
  const schema = fc.constantFrom(
    { type: 'object', properties: { a: { type: 'string' } } },
    { type: 'object', additionalProperties: false },
  );
  const tool = record({ name: ids }, { description: words, parameters: schema, strict: fc.boolean(), ...cached });
  const conversations = fc.record({
    messages,
    tools: fc.array(tool, { minLength: 1, maxLength: 3 }),
    toolChoice: fc.constantFrom(undefined, { kind: 'none' }, { kind: 'required' }, { kind: 'named', name: 'f' }),
    parallelTools: fc.constantFrom(undefined, false),
    output: fc.option(record({ kind: fc.constant('schema'), schema }), { nil: undefined }),
    reasoning: fc.constantFrom(
      undefined,
      {},
      { off: true },
      { effort: 'high' },
      { effort: 'max', budgetTokens: 1024 },
      { budgetTokens: 3000, summary: 'omitted' },
      { summary: 'summarized' },
    ),
    settings: record(
      { maxTokens: fc.integer({ min: 4000, max: 9000 }) },
      {
        temperature: fc.double({ min: 0, max: 1, noNaN: true }),
        topP: fc.double({ min: 0, max: 1, noNaN: true }),
        topK: fc.nat(),
        stop: fc.array(words, { minLength: 1, maxLength: 6 }),
        endUser: words,
      },
    ),
  }) as unknown as fc.Arbitrary<Omit<Conversation, 'uses'>>;

  /** What contradicts itself for Anthropic, and so cannot be told it. */
  const isSayable = ({ toolChoice, parallelTools, reasoning, settings }: Omit<Conversation, 'uses'>): boolean => {
    const thinks =
      reasoning !== undefined && reasoning.off !== true && (reasoning.effort === undefined || reasoning.budgetTokens !== undefined);
    const isForced = toolChoice?.kind === 'required' || toolChoice?.kind === 'named';
    const samples = settings.temperature !== undefined || settings.topP !== undefined || settings.topK !== undefined;
    if (toolChoice?.kind === 'none' && parallelTools === false) return false;
    return !(thinks && isForced) && !(reasoning?.budgetTokens !== undefined && samples);
  };

  it('comes back from its words as it was', () => {
    fc.assert(
      fc.property(conversations.filter(isSayable), (told) => {
        const { uses: _uses, ...heard } = decodeRequest(
          JSON.parse(JSON.stringify(encodeRequest({ ...told, uses: new FeatureUse() }, TERMS))) as unknown,
        );

        expect(heard).toEqual(told);
      }),
    );
  });

  it('is said the same way twice', () => {
    fc.assert(
      fc.property(conversations, (told) => {
        const once = encodeRequest({ ...told, uses: new FeatureUse() }, TERMS);

        expect(encodeRequest(decodeRequest(once), TERMS)).toEqual(once);
      }),
    );
  });
});
