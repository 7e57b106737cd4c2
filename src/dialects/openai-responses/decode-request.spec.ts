import { describe, expect, it } from '@jest/globals';
import type { Conversation } from '../../core/conversation.js';
import { wrapProof } from '../reasoning-proof.js';
import { RESPONSES_CODEC } from './openai-responses.dialect.js';

const decode = (body: Record<string, unknown>): Conversation => RESPONSES_CODEC.decodeRequest({ model: 'm', ...body });
const usesOf = (body: Record<string, unknown>) => Object.fromEntries(decode(body).uses.entries());
const text = (said: string) => ({ kind: 'text', text: said });
const call = (id: string) => ({ type: 'function_call', id: `fc_${id}`, call_id: id, name: 'f', arguments: '{}' });
const result = (id: string) => ({ type: 'function_call_output', call_id: id, output: `of ${id}` });
const toolCall = (id: string) => ({ kind: 'tool_call', id, name: 'f', arguments: '{}' });
const toolResult = (id: string) => ({ callId: id, parts: [text(`of ${id}`)] });

describe('the messages of a Responses body', () => {
  it('begin with its instructions', () => {
    expect(decode({ instructions: 'be kind', input: 'hi' }).messages).toEqual([
      { role: 'system', parts: [text('be kind')] },
      { role: 'user', parts: [text('hi')] },
    ]);
  });

  it('are one for all that a model said in a turn, and one for all results', () => {
    const input = [
      { role: 'user', content: 'go' },
      { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'hm' }], encrypted_content: 'gAAA' },
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'well', annotations: [] }] },
      call('a'),
      call('b'),
      result('b'),
      result('a'),
      { role: 'assistant', content: 'done' },
    ];

    expect(decode({ input }).messages).toEqual([
      { role: 'user', parts: [text('go')] },
      {
        role: 'assistant',
        parts: [
          { kind: 'reasoning', text: 'hm', proof: { maker: 'openai', kind: 'signature', value: 'gAAA', id: 'rs_1' } },
          text('well'),
          toolCall('a'),
          toolCall('b'),
        ],
      },
      { role: 'tool', results: [toolResult('b'), toolResult('a')] },
      { role: 'assistant', parts: [text('done')] },
    ]);
  });

  it('have results right behind their calls, wherever they stood', () => {
    const input = [call('a'), call('b'), result('a'), { role: 'user', content: 'wait' }, result('b'), call('c'), result('c')];

    expect(decode({ input }).messages).toEqual([
      { role: 'assistant', parts: [toolCall('a'), toolCall('b')] },
      { role: 'tool', results: [toolResult('a'), toolResult('b')] },
      { role: 'user', parts: [text('wait')] },
      { role: 'assistant', parts: [toolCall('c')] },
      { role: 'tool', results: [toolResult('c')] },
    ]);
  });

  it('keep results whose calls are at the provider', () => {
    const { messages, uses } = decode({ previous_response_id: 'resp_1', input: [result('a'), result('b')] });

    expect(messages).toEqual([{ role: 'tool', results: [toolResult('a'), toolResult('b')] }]);
    expect([...uses.entries()]).toEqual([['state.previous_response', ['previous_response_id']]]);
  });

  it('hold images and files of every kind, and say where', () => {
    const content = [
      { type: 'input_text', text: 'look', prompt_cache_breakpoint: { mode: 'explicit' } },
      { type: 'input_image', image_url: 'data:image/png;base64,AAAA', detail: 'auto' },
      { type: 'input_image', image_url: 'https://a.test/b.png', detail: 'low' },
      { type: 'input_image', file_id: 'file_1' },
      { type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,BBBB' },
      { type: 'input_file', file_url: 'https://a.test/c.pdf' },
      { type: 'input_file', file_id: 'file_2' },
      { type: 'input_audio', input_audio: { data: 'CCCC', format: 'wav' } },
      { type: 'from_tomorrow' },
    ];
    const { messages, uses } = decode({ input: [{ role: 'user', content }] });

    expect(messages).toEqual([
      {
        role: 'user',
        parts: [
          { kind: 'text', text: 'look', cache: {} },
          { kind: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AAAA' } },
          { kind: 'image', source: { kind: 'url', url: 'https://a.test/b.png' }, detail: 'low' },
          { kind: 'image', source: { kind: 'file', id: 'file_1' } },
          { kind: 'document', source: { kind: 'base64', mediaType: 'application/pdf', data: 'BBBB' }, title: 'a.pdf' },
          { kind: 'document', source: { kind: 'url', url: 'https://a.test/c.pdf' } },
          { kind: 'document', source: { kind: 'file', id: 'file_2' } },
          { kind: 'audio', format: 'wav', data: 'CCCC' },
        ],
      },
    ]);
    expect(Object.fromEntries(uses.entries())).toEqual({
      cache_control: ['input[0].content[0].prompt_cache_breakpoint'],
      'image.base64': ['input[0].content[1]'],
      'image.url': ['input[0].content[2]'],
      'image.detail': ['input[0].content[2].detail'],
      'image.file': ['input[0].content[3]'],
      'document.base64': ['input[0].content[4]'],
      'document.url': ['input[0].content[5]'],
      'document.file': ['input[0].content[6]'],
      'audio.input': ['input[0].content[7]'],
      'content.unknown': ['input[0].content[8]'],
    });
  });

  it('note what a history holds', () => {
    const input = [
      {
        role: 'assistant',
        phase: 'commentary',
        content: [
          { type: 'output_text', text: 'a', annotations: [{ type: 'url_citation' }] },
          { type: 'refusal', refusal: 'no' },
        ],
      },
      { type: 'custom_tool_call', call_id: 'c', name: 'g', input: '' },
      { type: 'custom_tool_call_output', call_id: 'c', output: [{ type: 'input_image', image_url: 'https://a.test/b.png' }] },
      { type: 'web_search_call', id: 'ws_1' },
      { type: 'shell_call_output', call_id: 's' },
      { type: 'item_reference', id: 'msg_1' },
      { id: 'msg_2' },
    ];
    const { messages, uses } = decode({ input });

    expect(messages.slice(0, 2)).toMatchObject([
      { parts: [text('a'), { kind: 'refusal', text: 'no' }, { kind: 'tool_call', id: 'c', arguments: '', isCustom: true }] },
      { results: [{ callId: 'c', isCustom: true }] },
    ]);
    expect(Object.fromEntries(uses.entries())).toEqual({
      unknown: ['input[0].phase'],
      'text.citations': ['input[0].content[0].annotations'],
      'refusal.history': ['input[0].content[1]'],
      'tools.custom': ['input[1]', 'input[2]'],
      'image.url': ['input[2].output[0]'],
      'tool_result.image': ['input[2].output'],
      'tools.hosted': ['input[3]'],
      'content.unknown': ['input[4]'],
      'state.previous_response': ['input[5]', 'input[6]'],
    });
  });

  it.each([
    ['its own', { encrypted_content: 'gAAA' }, { maker: 'openai', kind: 'redacted', value: 'gAAA', id: 'rs_1' }, 'reasoning.openai'],
    [
      "another maker's",
      { encrypted_content: wrapProof({ maker: 'anthropic', kind: 'redacted', value: 'x' }) },
      { maker: 'anthropic', kind: 'redacted', value: 'x' },
      'reasoning.anthropic',
    ],
  ])('carry a thought with %s proof', (_, wire, proof, feature) => {
    const { messages, uses } = decode({ input: [{ type: 'reasoning', id: 'rs_1', summary: [], ...wire }] });

    expect(messages).toEqual([{ role: 'assistant', parts: [{ kind: 'reasoning', text: '', proof }] }]);
    expect([...uses.entries()]).toEqual([[feature, ['input[0]']]]);
  });

  it.each([
    ['a summary', { summary: [{ text: 'a' }, { text: 'b' }] }],
    ['an open thought', { content: [{ type: 'reasoning_text', text: 'a\n\nb' }] }],
    ['a mark that there is no proof', { summary: [{ text: 'a\n\nb' }], encrypted_content: 'tollgate.unsigned' }],
  ])('carry a thought that is %s alone', (_, wire) => {
    const { messages, uses } = decode({ input: [{ type: 'reasoning', id: 'rs_1', ...wire }] });

    expect(messages).toEqual([{ role: 'assistant', parts: [{ kind: 'reasoning', text: 'a\n\nb' }] }]);
    expect(uses.has('reasoning.history')).toBe(true);
  });
});

describe('the tools of a Responses body', () => {
  const own = { type: 'function', name: 'f', description: 'd', parameters: { type: 'object' }, strict: true };

  it('are its own; others are noted', () => {
    const tools = [own, { type: 'custom', name: 'g', format: { type: 'text' } }, { type: 'web_search' }, { type: 'namespace', tools: [] }];
    const conversation = decode({ input: 'x', tools });

    expect(conversation.tools).toEqual([
      { name: 'f', description: 'd', parameters: { type: 'object' }, strict: true },
      { name: 'g', isCustom: true, format: { type: 'text' } },
    ]);
    expect(Object.fromEntries(conversation.uses.entries())).toEqual({
      'tools.strict': ['tools[0].strict'],
      'tools.custom': ['tools[1]'],
      'tools.hosted': ['tools[2]', 'tools[3]'],
    });
  });

  it.each([
    ['auto', undefined, undefined],
    ['none', { kind: 'none' }, undefined],
    ['required', { kind: 'required' }, 'tool_choice.required'],
    [{ type: 'function', name: 'f' }, { kind: 'named', name: 'f' }, 'tool_choice.named'],
    [{ type: 'custom', name: 'f' }, { kind: 'named', name: 'f', isCustom: true }, 'tool_choice.named'],
    [
      { type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'f' }] },
      { kind: 'allowed', mode: 'required', names: ['f'] },
      'tool_choice.allowed',
    ],
  ])('are chosen by %j', (choice, expected, feature) => {
    const { toolChoice, uses } = decode({ input: 'x', tools: [{ ...own, strict: false }], tool_choice: choice });

    expect(toolChoice).toEqual(expected);
    expect([...uses.entries()]).toEqual(feature === undefined ? [] : [[feature, ['tool_choice']]]);
  });

  it.each([
    [{ tools: [{ type: 'web_search' }], tool_choice: 'required' }],
    [{ tools: [own, { type: 'web_search' }], tool_choice: { type: 'web_search' } }],
    [{ tools: [{ type: 'mcp' }], tool_choice: { type: 'allowed_tools', mode: 'required', tools: [{ type: 'mcp', name: 'x' }] } }],
  ])('are missed where one that runs at the provider is demanded: %j', (body) => {
    expect(usesOf({ input: 'x', ...body })['tools.hosted_forced']).toEqual(['tool_choice']);
  });

  it('are not missed where a tool of the caller can be called as well', () => {
    expect(usesOf({ input: 'x', tools: [own, { type: 'web_search' }], tool_choice: 'required' })['tools.hosted_forced']).toBeUndefined();
  });
});

describe('the settings of a Responses body', () => {
  it('are read, and noted with their fields', () => {
    const body = {
      input: 'x',
      max_output_tokens: 100,
      temperature: 1.5,
      top_p: 0.5,
      top_logprobs: 2,
      include: ['message.output_text.logprobs', 'reasoning.encrypted_content', 'file_search_call.results'],
      text: { verbosity: 'low', format: { type: 'json_schema', name: 'n', schema: { type: 'object' }, strict: true } },
      reasoning: { effort: 'high', summary: 'auto', context: 'all_turns' },
      parallel_tool_calls: false,
      metadata: { a: 'b' },
      user: 'u',
      store: true,
      service_tier: 'flex',
      prompt_cache_key: 'k',
      prompt_cache_retention: '24h',
      truncation: 'auto',
      max_tool_calls: 3,
      background: true,
      conversation: 'conv_1',
      prompt: { id: 'pmpt_1' },
      moderation: {},
      context_management: [],
      stream_options: { include_obfuscation: true },
      client_metadata: { a: 1 },
      provider: 'ours',
    };
    const { settings, output, reasoning, parallelTools, uses } = decode(body);

    expect({ settings, output, reasoning, parallelTools }).toEqual({
      settings: {
        maxTokens: 100,
        temperature: 1.5,
        topP: 0.5,
        logprobs: 2,
        verbosity: 'low',
        serviceTier: 'flex',
        metadata: { a: 'b' },
        endUser: 'u',
        promptCacheKey: 'k',
        store: true,
      },
      output: { kind: 'schema', name: 'n', schema: { type: 'object' }, strict: true },
      reasoning: { effort: 'high', summary: 'auto' },
      parallelTools: false,
    });
    expect(Object.fromEntries(uses.entries())).toEqual({
      'parallel_tools.off': ['parallel_tool_calls'],
      'output.schema': ['text.format'],
      unknown: ['reasoning.context', 'prompt_cache_retention', 'client_metadata'],
      'reasoning.effort': ['reasoning.effort'],
      'reasoning.summary': ['reasoning.summary'],
      logprobs: ['include[0]'],
      temperature: ['temperature'],
      'temperature.above_1': ['temperature'],
      top_p: ['top_p'],
      verbosity: ['text.verbosity'],
      service_tier: ['service_tier'],
      metadata: ['metadata'],
      end_user: ['user'],
      prompt_cache: ['prompt_cache_key'],
      store: ['store'],
      'state.background': ['background'],
      truncation: ['truncation'],
      obfuscation: ['stream_options.include_obfuscation'],
      include: ['include[2]'],
      max_tool_calls: ['max_tool_calls'],
      'state.conversation': ['conversation'],
      'state.prompt': ['prompt'],
      moderation: ['moderation'],
      context_management: ['context_management'],
    });
  });

  it('say nothing where they say what holds anyway', () => {
    const body = {
      input: 'x',
      tool_choice: 'auto',
      truncation: 'disabled',
      service_tier: 'auto',
      store: false,
      background: false,
      metadata: {},
      reasoning: {},
      text: { format: { type: 'text' } },
      include: ['reasoning.encrypted_content'],
      stream: true,
      stream_options: { include_obfuscation: false },
      previous_response_id: null,
      top_logprobs: 0,
    };
    const { settings, reasoning, output, toolChoice, uses } = decode(body);

    expect({ settings, reasoning, output, toolChoice }).toEqual({
      settings: {},
      reasoning: undefined,
      output: undefined,
      toolChoice: undefined,
    });
    expect([...uses.entries()]).toEqual([]);
  });

  it('can forbid reasoning, and ask for JSON', () => {
    const { reasoning, output, uses } = decode({ input: 'x', reasoning: { effort: 'none' }, text: { format: { type: 'json_object' } } });

    expect({ reasoning, output }).toEqual({ reasoning: { off: true }, output: { kind: 'json' } });
    expect(uses.has('reasoning.off') && uses.has('output.json')).toBe(true);
  });
});
