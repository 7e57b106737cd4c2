import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type {
  AssistantPart,
  Conversation,
  Message,
  OutputFormat,
  ReasoningWish,
  Settings,
  Tool,
  ToolChoice,
  ToolResult,
  UserPart,
} from '../../core/conversation.js';
import { FeatureUse } from '../../core/features.js';
import type { UpstreamTerms } from '../dialect.js';
import { RESPONSES_CODEC } from './openai-responses.dialect.js';
import { responsesSchema } from './openai-responses.schema.js';

const TERMS: UpstreamTerms = { model: 'up', stream: true, askUsage: true, maxTokensField: 'max_tokens', defaultMaxTokens: 100 };
const conversation = (parts: Partial<Conversation>): Conversation => ({
  messages: [{ role: 'user', parts: [{ kind: 'text', text: 'hi' }] }],
  tools: [],
  toolChoice: undefined,
  parallelTools: undefined,
  output: undefined,
  reasoning: undefined,
  settings: {},
  uses: new FeatureUse(),
  ...parts,
});
const encode = (parts: Partial<Conversation>) => RESPONSES_CODEC.encodeRequest(conversation(parts), TERMS);
const text = (said: string) => ({ kind: 'text' as const, text: said });

describe('a conversation as a Responses body', () => {
  it('says as little as it can, and keeps nothing at the provider', () => {
    expect(encode({})).toEqual({ model: 'up', input: [{ type: 'message', role: 'user', content: 'hi' }], stream: true, store: false });
    expect(encode({ settings: { store: true } })).toMatchObject({ store: true });
  });

  it('has its first system message as instructions, and every other in its place', () => {
    const system: Message = { role: 'system', parts: [text('be kind')] };
    const user: Message = { role: 'user', parts: [text('hi')] };

    expect(encode({ messages: [system, user, system] })).toMatchObject({
      instructions: 'be kind',
      input: [
        { role: 'user', content: 'hi' },
        { role: 'system', content: 'be kind' },
      ],
    });
    expect(encode({ messages: [system] })).toMatchObject({ input: [{ role: 'system', content: 'be kind' }] });
  });

  it('asks for proofs of thoughts where there will be thoughts, and not where they are forbidden', () => {
    const proofs = ['reasoning.encrypted_content'];

    expect(encode({ reasoning: { effort: 'low' } })).toMatchObject({ include: proofs, reasoning: { effort: 'low' } });
    expect(encode({ messages: [{ role: 'assistant', parts: [{ kind: 'reasoning', text: 'hm' }] }] })).toMatchObject({ include: proofs });
    expect(encode({ reasoning: { off: true } })).not.toHaveProperty('include');
    expect(encode({ reasoning: { off: true } })).toMatchObject({ reasoning: { effort: 'none' } });
  });

  it('has probabilities as an extra', () => {
    expect(encode({ settings: { logprobs: 0 } })).toMatchObject({ include: ['message.output_text.logprobs'], top_logprobs: 0 });
  });

  it.each([
    [1_024, 'low'],
    [8_000, 'medium'],
    [32_000, 'high'],
  ])('has a budget of %i tokens as effort %s', (budgetTokens, effort) => {
    expect(encode({ reasoning: { budgetTokens } })).toMatchObject({ reasoning: { effort } });
  });

  it.each([
    ['summarized', { summary: 'auto' }],
    ['detailed', { summary: 'detailed' }],
  ])('shows thoughts %s', (summary, reasoning) => {
    expect(encode({ reasoning: { summary } })).toMatchObject({ reasoning });
    expect(encode({ reasoning: { summary: 'omitted' } })).not.toHaveProperty('reasoning');
  });

  it('sends back the thoughts that OpenAI encrypted, and no others', () => {
    const parts: AssistantPart[] = [
      { kind: 'reasoning', text: 'a' },
      { kind: 'reasoning', text: 'b', proof: { maker: 'anthropic', kind: 'signature', value: 's' } },
      { kind: 'reasoning', text: 'c', proof: { maker: 'openai', kind: 'signature', value: 'gAAA', id: 'rs_1' } },
      { kind: 'reasoning', text: '', proof: { maker: 'openai', kind: 'redacted', value: 'gBBB' } },
    ];

    expect(encode({ messages: [{ role: 'assistant', parts }] })['input']).toEqual([
      { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'c' }], encrypted_content: 'gAAA' },
      { type: 'reasoning', summary: [], encrypted_content: 'gBBB' },
    ]);
  });

  it('marks errors of tools in their text, and keeps their images', () => {
    const image: UserPart = { kind: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AAAA' } };
    const results: ToolResult[] = [
      { callId: 'a', parts: [text('no such file')], isError: true },
      { callId: 'b', parts: [image], isError: true },
      { callId: 'c', parts: [] },
    ];

    expect(encode({ messages: [{ role: 'tool', results }] })['input']).toEqual([
      { type: 'function_call_output', call_id: 'a', output: 'Error: no such file' },
      {
        type: 'function_call_output',
        call_id: 'b',
        output: [
          { type: 'input_text', text: 'Error:' },
          { type: 'input_image', image_url: 'data:image/png;base64,AAAA', detail: 'auto' },
        ],
      },
      { type: 'function_call_output', call_id: 'c', output: '' },
    ]);
  });

  it('gives documents a name, or their text', () => {
    const parts: UserPart[] = [
      { kind: 'document', source: { kind: 'base64', mediaType: 'application/pdf', data: 'AAAA' } },
      { kind: 'document', source: { kind: 'text', text: 'body' }, title: 'head' },
    ];

    expect(encode({ messages: [{ role: 'user', parts }] })['input']).toMatchObject([
      {
        content: [
          { type: 'input_file', filename: 'document.pdf', file_data: 'data:application/pdf;base64,AAAA' },
          { type: 'input_text', text: 'head\n\nbody' },
        ],
      },
    ]);
  });

  it('fills in what is true elsewhere when nothing is said: tools need not be strict', () => {
    expect(encode({ tools: [{ name: 'f' }], parallelTools: false })).toMatchObject({
      tools: [{ type: 'function', name: 'f', parameters: null, strict: false }],
      parallel_tool_calls: false,
    });
    expect(encode({ parallelTools: false })).not.toHaveProperty('parallel_tool_calls');
  });

  it('keeps the name of an end user as short as the service demands', () => {
    expect(encode({ settings: { endUser: 'u'.repeat(100) } })['safety_identifier']).toBe('u'.repeat(64));
  });
});

const words = fc.string({ minLength: 1, unit: 'grapheme' });
const optional = <T extends object>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }, requiredKeys: (keyof T)[] = []): fc.Arbitrary<T> =>
  fc.record(model, { requiredKeys, noNullPrototype: true });
const textPart = fc.record({ kind: fc.constant('text' as const), text: fc.string({ unit: 'grapheme' }) }, { noNullPrototype: true });
const sources = {
  base64: fc.base64String().map((data) => ({ kind: 'base64' as const, mediaType: 'image/png', data })),
  url: fc.webUrl().map((url) => ({ kind: 'url' as const, url })),
  file: words.map((id) => ({ kind: 'file' as const, id })),
};
const userPart: fc.Arbitrary<UserPart> = fc.oneof(
  textPart,
  optional<Extract<UserPart, { kind: 'image' }>>(
    { kind: fc.constant('image'), source: fc.oneof(sources.base64, sources.url, sources.file), detail: fc.constantFrom('low', 'high') },
    ['kind', 'source'],
  ),
  fc.oneof(sources.url, sources.file).map((source) => ({ kind: 'document' as const, source })),
  fc.tuple(sources.base64, words).map(([source, title]) => ({ kind: 'document' as const, source, title })),
);
const saidPart: fc.Arbitrary<AssistantPart> = fc.oneof(
  textPart,
  words.map((said) => ({ kind: 'refusal' as const, text: said })),
  fc.tuple(fc.constantFrom('', 'hm'), words).map(([said, value]) => ({
    kind: 'reasoning' as const,
    text: said,
    proof: { maker: 'openai' as const, kind: said === '' ? ('redacted' as const) : ('signature' as const), value: `g${value}`, id: 'rs_1' },
  })),
);

/** A turn of the model with the results of its calls, then somebody else's word, so that no two turns run into one. */
const turn: fc.Arbitrary<Message[]> = fc
  .tuple(
    fc.array(saidPart, { minLength: 1, maxLength: 4 }),
    fc.uniqueArray(fc.tuple(fc.uuid(), words, fc.boolean(), fc.array(userPart, { minLength: 1, maxLength: 3 })), {
      selector: ([id]) => id,
    }),
    fc.array(userPart, { minLength: 1, maxLength: 3 }),
  )
  .map(([said, calls, answer]): Message[] => [
    {
      role: 'assistant',
      parts: [
        ...said,
        ...calls.map(([id, name, isCustom]) => ({
          kind: 'tool_call' as const,
          id,
          name,
          arguments: isCustom ? name : '{"a":1}',
          ...(isCustom ? { isCustom } : {}),
        })),
      ],
    },
    ...(calls.length === 0
      ? []
      : [
          {
            role: 'tool' as const,
            results: calls.map(([callId, , isCustom, parts]) => ({
              callId,
              parts: parts.length === 1 && 'text' in parts[0]! && parts[0].text === '' ? [] : parts,
              ...(isCustom ? { isCustom } : {}),
            })),
          },
        ]),
    { role: 'user', parts: answer },
  ]);
const system = fc.record(
  { role: fc.constantFrom('system' as const, 'developer' as const), parts: fc.array(textPart, { minLength: 1, maxLength: 2 }) },
  { noNullPrototype: true },
);
const messages: fc.Arbitrary<Message[]> = fc
  .tuple(fc.array(system, { maxLength: 2 }), fc.array(turn, { minLength: 1, maxLength: 3 }))
  .map(([first, turns]) => [...first, ...turns.flat()]);

const parameters = fc.constant({ type: 'object', properties: {} });
const tool: fc.Arbitrary<Tool> = fc.oneof(
  optional<Tool>({ name: words, description: words, parameters, strict: fc.boolean() }, ['name', 'strict']),
  optional<Tool>({ name: words, description: words, isCustom: fc.constant(true), format: fc.constant({ type: 'text' }) }, [
    'name',
    'isCustom',
  ]),
);
const choice: fc.Arbitrary<ToolChoice> = fc.oneof(
  fc.constantFrom({ kind: 'none' as const }, { kind: 'required' as const }),
  words.map((name) => ({ kind: 'named' as const, name })),
  fc
    .tuple(fc.constantFrom('auto' as const, 'required' as const), fc.array(words))
    .map(([mode, names]) => ({ kind: 'allowed' as const, mode, names })),
);
const output: fc.Arbitrary<OutputFormat> = fc.oneof(
  fc.constant({ kind: 'json' as const }),
  optional<Extract<OutputFormat, { kind: 'schema' }>>(
    { kind: fc.constant('schema'), name: words, description: words, schema: parameters, strict: fc.boolean() },
    ['kind', 'name', 'schema'],
  ),
);
const wish: fc.Arbitrary<ReasoningWish> = fc.oneof(
  fc.constant({ off: true }),
  optional<ReasoningWish>({ effort: fc.constantFrom('minimal', 'high', 'xhigh'), summary: fc.constantFrom('auto', 'detailed') }, [
    'effort',
  ]),
);
const settings: fc.Arbitrary<Settings> = optional<Settings>({
  maxTokens: fc.nat({ max: 100_000 }).map((count) => count + 16),
  temperature: fc.constantFrom(0, 0.5, 2),
  topP: fc.constantFrom(0, 1),
  logprobs: fc.nat({ max: 20 }),
  verbosity: fc.constantFrom('low', 'high'),
  serviceTier: fc.constantFrom('flex', 'priority'),
  metadata: fc.constant({ a: 'b' }),
  endUser: fc.string({ minLength: 1, maxLength: 60 }),
  promptCacheKey: words,
  store: fc.constant(true),
});

describe('what a Responses body can say', () => {
  it('comes back from its encoding as it was, and is a valid body', () => {
    const said = fc.record(
      {
        messages,
        tools: fc.array(tool, { minLength: 1, maxLength: 3 }),
        toolChoice: fc.option(choice, { nil: undefined }),
        parallelTools: fc.option(fc.boolean(), { nil: undefined }),
        output: fc.option(output, { nil: undefined }),
        reasoning: fc.option(wish, { nil: undefined }),
        settings,
      },
      { noNullPrototype: true },
    );

    fc.assert(
      fc.property(said, (parts) => {
        const body = RESPONSES_CODEC.encodeRequest({ ...parts, uses: new FeatureUse() }, TERMS);
        const { uses, ...decoded } = RESPONSES_CODEC.decodeRequest(JSON.parse(JSON.stringify(body)));

        expect(responsesSchema.safeParse(body).error).toBeUndefined();
        expect(decoded).toEqual(parts);
        expect(uses.has('unknown') || uses.has('content.unknown')).toBe(false);
      }),
    );
  });
});
