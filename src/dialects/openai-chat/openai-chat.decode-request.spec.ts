import { describe, expect, it } from '@jest/globals';
import type { Conversation } from '../../core/conversation.js';
import { wrapProof } from '../reasoning-proof.js';
import { decodeRequest } from './openai-chat.decode-request.js';

const HI = { role: 'user', content: 'hi' };
const decode = (body: object): Conversation => decodeRequest({ model: 'm', messages: [HI], ...body });
const messagesOf = (...messages: object[]) => decode({ messages }).messages;
const partsOf = (...content: object[]) => (messagesOf({ role: 'user', content }) as unknown as { parts: unknown[] }[])[0]!.parts;
const usesOf = ({ uses }: Conversation) => Object.fromEntries(uses.entries());
const function_ = (name: string) => ({ type: 'function', function: { name } });
const call = (id: string, name = 'f') => ({ id, type: 'function', function: { name, arguments: '{}' } });

describe('decodeRequest of messages', () => {
  it('reads every role, and a text whether it is a string or a part', () => {
    expect(
      messagesOf(
        { role: 'system', content: 's' },
        { role: 'developer', content: [{ type: 'text', text: 'd' }] },
        { role: 'user', content: 'u', name: 'ann' },
        { role: 'assistant', content: 'a' },
      ),
    ).toEqual([
      { role: 'system', parts: [{ kind: 'text', text: 's' }] },
      { role: 'developer', parts: [{ kind: 'text', text: 'd' }] },
      { role: 'user', parts: [{ kind: 'text', text: 'u' }], name: 'ann' },
      { role: 'assistant', parts: [{ kind: 'text', text: 'a' }] },
    ]);
  });

  it('takes an empty text for none', () => {
    expect(messagesOf({ role: 'user', content: '' }, { role: 'user', content: [{ type: 'text', text: '' }] })).toEqual([
      { role: 'user', parts: [] },
      { role: 'user', parts: [] },
    ]);
  });

  it('reads images by address and from the body, bare of their prefix', () => {
    expect(
      partsOf(
        { type: 'image_url', image_url: { url: 'https://a.example/x.png', detail: 'high' } },
        { type: 'image_url', image_url: { url: 'data:image/png;base64,QUJD', detail: 'auto' } },
        { type: 'image_url', image_url: 'data:image/svg+xml;charset=utf-8,%3Csvg/%3E' },
      ),
    ).toEqual([
      { kind: 'image', source: { kind: 'url', url: 'https://a.example/x.png' }, detail: 'high' },
      { kind: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'QUJD' } },
      { kind: 'image', source: { kind: 'base64', mediaType: 'image/svg+xml', data: Buffer.from('<svg/>').toString('base64') } },
    ]);
  });

  it('reads sound and files, from the body and by id', () => {
    expect(
      partsOf(
        { type: 'input_audio', input_audio: { data: 'QUJD', format: 'wav' } },
        { type: 'file', file: { file_data: 'data:application/pdf;base64,QUJD', filename: 'a.pdf' } },
        { type: 'file', file: { file_data: 'QUJD' } },
        { type: 'file', file: { file_data: 'data:text/plain;base64,R3LDvMOfZQ==' } },
        { type: 'file', file: { file_id: 'file-1' } },
      ),
    ).toEqual([
      { kind: 'audio', format: 'wav', data: 'QUJD' },
      { kind: 'document', source: { kind: 'base64', mediaType: 'application/pdf', data: 'QUJD' }, title: 'a.pdf' },
      { kind: 'document', source: { kind: 'base64', mediaType: 'application/pdf', data: 'QUJD' } },
      { kind: 'document', source: { kind: 'text', text: 'Grüße' } },
      { kind: 'document', source: { kind: 'file', id: 'file-1' } },
    ]);
  });

  it('makes one message of a run of tool results, and knows those of custom tools', () => {
    const custom = { id: 'c2', type: 'custom', custom: { name: 'sh', input: 'ls' } };

    expect(
      messagesOf(
        { role: 'assistant', content: null, tool_calls: [{ ...call('c1'), function: { name: 'f', arguments: '' } }, custom] },
        { role: 'tool', tool_call_id: 'c1', content: 'one' },
        { role: 'tool', tool_call_id: 'c2', content: [{ type: 'text', text: 'two' }], name: 'sh' },
        HI,
      ).slice(0, 2),
    ).toEqual([
      {
        role: 'assistant',
        parts: [
          { kind: 'tool_call', id: 'c1', name: 'f', arguments: '{}' },
          { kind: 'tool_call', id: 'c2', name: 'sh', arguments: 'ls', isCustom: true },
        ],
      },
      {
        role: 'tool',
        results: [
          { callId: 'c1', parts: [{ kind: 'text', text: 'one' }] },
          { callId: 'c2', parts: [{ kind: 'text', text: 'two' }], isCustom: true },
        ],
      },
    ]);
  });

  it('reads the deprecated functions as tools, and their results as results', () => {
    const { messages, tools, toolChoice, parallelTools, uses } = decode({
      functions: [{ name: 'f', parameters: { type: 'object' } }],
      function_call: { name: 'f' },
      messages: [
        HI,
        { role: 'assistant', content: null, function_call: { name: 'f', arguments: '{"a":1}' } },
        { role: 'function', name: 'f', content: '1' },
      ],
    });

    const { id } = (messages as unknown as { parts: { id: string }[] }[])[1]!.parts[0]!;
    expect(messages[1]).toMatchObject({ parts: [{ kind: 'tool_call', name: 'f', arguments: '{"a":1}' }] });
    expect(messages[2]).toEqual({ role: 'tool', results: [{ callId: id, parts: [{ kind: 'text', text: '1' }] }] });
    expect(tools).toEqual([{ name: 'f', parameters: { type: 'object' } }]);
    expect(toolChoice).toEqual({ kind: 'named', name: 'f' });
    expect(parallelTools).toBe(false);
    expect([...uses.entries()]).toContainEqual(['parallel_tools.off', ['functions']]);
  });

  it('keeps refusals, wherever they stand', () => {
    expect(
      messagesOf(
        { role: 'assistant', content: [{ type: 'refusal', refusal: 'no' }] },
        { role: 'assistant', content: null, refusal: 'never' },
      ),
    ).toEqual([
      { role: 'assistant', parts: [{ kind: 'refusal', text: 'no' }] },
      { role: 'assistant', parts: [{ kind: 'refusal', text: 'never' }] },
    ]);
  });

  it.each(['reasoning_content', 'reasoning'])('reads a thought in %s', (key) => {
    const conversation = decode({ messages: [HI, { role: 'assistant', content: 'a', [key]: 'hm' }] });

    expect(conversation.messages[1]).toEqual({
      role: 'assistant',
      parts: [
        { kind: 'reasoning', text: 'hm' },
        { kind: 'text', text: 'a' },
      ],
    });
    expect(usesOf(conversation)).toEqual({ 'reasoning.history': [`messages[1].${key}`] });
  });

  it('prefers details, which have the proofs, and notes whose they are', () => {
    const openai = { maker: 'openai', kind: 'redacted', value: 'enc', id: 'rs_1' } as const;
    const conversation = decode({
      messages: [
        {
          role: 'assistant',
          content: 'a',
          reasoning: 'hm so',
          reasoning_details: [
            { type: 'reasoning.text', text: 'hm', signature: 'sig' },
            { type: 'reasoning.encrypted', data: 'red', format: 'anthropic-claude-v1' },
            { type: 'reasoning.summary', summary: 'so' },
            { type: 'reasoning.encrypted', data: wrapProof(openai), id: 'rs_1' },
            { type: 'reasoning.encrypted', data: 'whose', format: 'google-gemini-v1' },
          ],
        },
      ],
    });

    expect(conversation.messages[0]).toMatchObject({
      parts: [
        { kind: 'reasoning', text: 'hm', proof: { maker: 'anthropic', kind: 'signature', value: 'sig' } },
        { kind: 'reasoning', text: '', proof: { maker: 'anthropic', kind: 'redacted', value: 'red' } },
        { kind: 'reasoning', text: 'so', proof: openai },
        { kind: 'text', text: 'a' },
      ],
    });
    expect(usesOf(conversation)).toEqual({
      unknown: ['messages[0].reasoning_details[4]'],
      'reasoning.anthropic': ['messages[0].reasoning_details[0]', 'messages[0].reasoning_details[1]'],
      'reasoning.openai': ['messages[0].reasoning_details[2]'],
    });
  });

  it('joins the pieces of a streamed thought that a client kept apart', () => {
    const [message] = messagesOf({
      role: 'assistant',
      content: 'a',
      reasoning_details: [
        { type: 'reasoning.text', text: 'h', index: 0 },
        { type: 'reasoning.text', text: 'm', index: 0 },
        { type: 'reasoning.text', text: '', signature: 'sig', index: 0 },
      ],
    });

    expect(message).toMatchObject({ parts: [{ text: 'hm', proof: { value: 'sig' } }, { text: 'a' }] });
  });

  it('reads cache marks on parts, messages and tools', () => {
    const conversation = decode({
      messages: [
        { role: 'system', content: 's', cache_control: { type: 'ephemeral', ttl: '1h' } },
        { role: 'user', content: [{ type: 'text', text: 'u', prompt_cache_breakpoint: { mode: 'explicit' } }] },
      ],
      tools: [{ ...function_('f'), cache_control: { type: 'ephemeral' } }],
    });

    expect(conversation.messages).toEqual([
      { role: 'system', parts: [{ kind: 'text', text: 's', cache: { ttl: '1h' } }] },
      { role: 'user', parts: [{ kind: 'text', text: 'u', cache: {} }] },
    ]);
    expect(conversation.tools).toEqual([{ name: 'f', cache: {} }]);
    expect(usesOf(conversation)).toEqual({
      cache_control: ['messages[0].cache_control', 'messages[1].content[0].prompt_cache_breakpoint', 'tools[0].cache_control'],
    });
  });

  it('notes what it cannot say, by the path that the client would write', () => {
    const conversation = decode({
      messages: [
        {
          role: 'user',
          content: [
            { type: 'video_url', video_url: {} },
            { type: 'text', text: 5 },
            { type: 'text', text: 'x', new: 1 },
          ],
          extra: true,
        },
        { role: 'assistant', content: 'a', audio: { id: 'audio_1' }, annotations: [{ type: 'url_citation' }], tool_calls: [] },
        { role: 'function', name: 'nobody', content: 'x' },
      ],
    });

    expect(usesOf(conversation)).toEqual({
      'content.unknown': ['messages[0].content[0]', 'messages[0].content[1]', 'messages[1].audio', 'messages[2]'],
      unknown: ['messages[0].extra', 'messages[0].content[2].new'],
      'text.citations': ['messages[1].annotations'],
    });
  });
});

describe('decodeRequest of tools', () => {
  it('reads functions and custom tools with their options', () => {
    const grammar = { type: 'grammar', grammar: { syntax: 'lark', definition: 'x' } };
    const conversation = decode({
      tools: [
        { type: 'function', function: { name: 'f', description: 'd', parameters: { type: 'object' }, strict: true, defer_loading: true } },
        { type: 'function', function: { name: 'g', strict: false } },
        { type: 'custom', custom: { name: 'c', description: 'd', format: grammar } },
      ],
    });

    expect(conversation.tools).toEqual([
      { name: 'f', description: 'd', parameters: { type: 'object' }, strict: true },
      { name: 'g' },
      { name: 'c', description: 'd', isCustom: true, format: { type: 'grammar', syntax: 'lark', definition: 'x' } },
    ]);
    expect(usesOf(conversation)).toEqual({
      'tools.strict': ['tools[0].function.strict'],
      'tools.options': ['tools[0].function.defer_loading'],
      'tools.custom': ['tools[2]'],
    });
  });

  it.each([
    ['auto', undefined, {}],
    ['none', { kind: 'none' }, {}],
    ['required', { kind: 'required' }, { 'tool_choice.required': ['tool_choice'] }],
    [function_('f'), { kind: 'named', name: 'f' }, { 'tool_choice.named': ['tool_choice'] }],
    [{ type: 'custom', custom: { name: 'c' } }, { kind: 'named', name: 'c', isCustom: true }, { 'tool_choice.named': ['tool_choice'] }],
    [
      { type: 'allowed_tools', allowed_tools: { mode: 'required', tools: [function_('f')] } },
      { kind: 'allowed', mode: 'required', names: ['f'] },
      { 'tool_choice.allowed': ['tool_choice'] },
    ],
    [{ type: 'web_search' }, undefined, { 'tools.hosted_forced': ['tool_choice'] }],
  ])('reads the choice %j', (tool_choice, expected, uses) => {
    const conversation = decode({ tools: [function_('f')], tool_choice });

    expect(conversation.toolChoice).toEqual(expected);
    expect(usesOf(conversation)).toEqual(uses);
  });

  it('tells hosted tools that may be used from those that must', () => {
    const tools = [{ type: 'web_search' }, function_('f')];

    expect(usesOf(decode({ tools }))).toEqual({ 'tools.hosted': ['tools[0]'] });
    expect(usesOf(decode({ tools, tool_choice: 'required' }))).toEqual({
      'tools.hosted': ['tools[0]'],
      'tools.hosted_forced': ['tool_choice'],
      'tool_choice.required': ['tool_choice'],
    });
    expect(usesOf(decode({ tools, tool_choice: function_('f') }))).not.toHaveProperty(['tools.hosted_forced']);
  });

  it('reads that tools are to be called one at a time, and takes the default for nothing said', () => {
    expect(decode({ parallel_tool_calls: false }).parallelTools).toBe(false);
    expect(decode({ parallel_tool_calls: true }).parallelTools).toBeUndefined();
  });
});

describe('decodeRequest of settings', () => {
  it('reads every setting and notes it', () => {
    const conversation = decode({
      max_completion_tokens: 9,
      temperature: 0.5,
      top_p: 0.9,
      top_k: 40,
      frequency_penalty: 1,
      presence_penalty: -1,
      logit_bias: { '1': 2 },
      seed: 7,
      stop: 'END',
      n: 2,
      logprobs: true,
      top_logprobs: 3,
      verbosity: 'low',
      service_tier: 'flex',
      metadata: { a: 'b' },
      user: 'u',
      safety_identifier: 's',
      prompt_cache_key: 'k',
      store: true,
    });

    expect(conversation.settings).toEqual({
      maxTokens: 9,
      temperature: 0.5,
      topP: 0.9,
      topK: 40,
      frequencyPenalty: 1,
      presencePenalty: -1,
      logitBias: { '1': 2 },
      seed: 7,
      stop: ['END'],
      choices: 2,
      logprobs: 3,
      verbosity: 'low',
      serviceTier: 'flex',
      metadata: { a: 'b' },
      endUser: 's',
      promptCacheKey: 'k',
      store: true,
    });
    expect(usesOf(conversation)).toMatchObject({ end_user: ['safety_identifier', 'user'], stop: ['stop'], temperature: ['temperature'] });
  });

  it('takes null, defaults and empty values for nothing said', () => {
    const silent = decode({
      max_tokens: null,
      temperature: null,
      n: 1,
      stop: [],
      frequency_penalty: 0,
      service_tier: 'auto',
      metadata: {},
      logit_bias: null,
      store: false,
      logprobs: false,
      tools: null,
      tool_choice: null,
      response_format: { type: 'text' },
      modalities: ['text'],
      whatever: null,
      stream: true,
      stream_options: { include_usage: true },
    });

    expect(silent).toEqual(decode({}));
    expect(usesOf(silent)).toEqual({});
  });

  it('notes fields that only their provider understands', () => {
    const conversation = decode({
      modalities: ['text', 'audio'],
      audio: { voice: 'v', format: 'wav' },
      prediction: { type: 'content' },
      web_search_options: {},
      moderation: {},
      temperature: 1.5,
      stream_options: { include_obfuscation: true },
      verbosity: 5,
      brand_new: 1,
    });

    expect(usesOf(conversation)).toEqual({
      unknown: ['verbosity', 'brand_new'],
      'output.audio': ['audio', 'modalities'],
      prediction: ['prediction'],
      web_search: ['web_search_options'],
      moderation: ['moderation'],
      'temperature.above_1': ['temperature'],
      obfuscation: ['stream_options.include_obfuscation'],
    });
  });

  it.each([
    [{ reasoning_effort: 'high' }, { effort: 'high' }, { 'reasoning.effort': ['reasoning_effort'] }],
    [{ reasoning_effort: 'none' }, { off: true }, { 'reasoning.off': ['reasoning_effort'] }],
    [
      { reasoning: { effort: 'low', max_tokens: 2000, exclude: true } },
      { effort: 'low', budgetTokens: 2000 },
      { unknown: ['reasoning.exclude'], 'reasoning.effort': ['reasoning.effort'], 'reasoning.budget': ['reasoning.max_tokens'] },
    ],
    [{ reasoning: { enabled: false } }, { off: true }, { 'reasoning.off': ['reasoning.enabled'] }],
    [{ thinking: { type: 'disabled' } }, { off: true }, { 'reasoning.off': ['thinking'] }],
    [{ thinking: { type: 'enabled' } }, {}, {}],
    [{ reasoning: 'yes' }, undefined, { unknown: ['reasoning'] }],
  ])('reads the wish to reason in %j', (body, expected, uses) => {
    expect(decode(body).reasoning).toEqual(expected);
    expect(usesOf(decode(body))).toEqual(uses);
  });

  it.each([
    [{ type: 'json_object' }, { kind: 'json' }, { 'output.json': ['response_format'] }],
    [
      { type: 'json_schema', json_schema: { name: 'n', description: 'd', schema: { type: 'object' }, strict: true } },
      { kind: 'schema', name: 'n', description: 'd', schema: { type: 'object' }, strict: true },
      { 'output.schema': ['response_format'] },
    ],
    [{ type: 'grammar' }, undefined, { 'content.unknown': ['response_format'] }],
  ])('reads the form of the answer in %j', (response_format, expected, uses) => {
    const conversation = decode({ response_format });

    expect(conversation.output).toEqual(expected);
    expect(usesOf(conversation)).toEqual(uses);
  });
});
