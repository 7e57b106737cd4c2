import { describe, expect, it } from '@jest/globals';
import type { ClientDialectName } from '../core/call.js';
import { idsInRequest } from './provider-ids.js';

describe('the ids that a Responses request names', () => {
  it.each([
    [{ previous_response_id: 'resp_1' }, 'response resp_1 at previous_response_id'],
    [{ conversation: 'conv_1' }, 'conversation conv_1 at conversation'],
    [{ conversation: { id: 'conv_1' } }, 'conversation conv_1 at conversation.id'],
    [{ prompt: { id: 'pmpt_1', version: '2' } }, 'prompt pmpt_1 at prompt.id'],
    [{ prompt: { variables: { scan: { type: 'input_file', file_id: 'file_1' } } } }, 'file file_1 at prompt.variables.scan.file_id'],
    [{ input: [{ type: 'item_reference', id: 'msg_1' }] }, 'item msg_1 at input[0].id'],
    [{ input: [{ id: 'msg_1' }] }, 'item msg_1 at input[0].id'],
    [{ input: [{ id: 'msg_1', type: null }] }, 'item msg_1 at input[0].id'],
    [{ input: [{ type: 'reasoning', id: 'rs_1', summary: [] }] }, 'item rs_1 at input[0].id'],
    [{ input: [{ type: 'image_generation_call', id: 'ig_1' }] }, 'item ig_1 at input[0].id'],
    [{ input: [user({ type: 'input_file', file_id: 'file_1' })] }, 'file file_1 at input[0].content[0].file_id'],
    [{ input: [user({ type: 'input_image', file_id: 'file_1' })] }, 'file file_1 at input[0].content[0].file_id'],
    [
      { input: [{ type: 'function_call_output', call_id: 'c', output: [{ type: 'input_file', file_id: 'file_1' }] }] },
      'file file_1 at input[0].output[0].file_id',
    ],
    [{ input: [{ type: 'code_interpreter_call', id: 'ci_1', container_id: 'cntr_1' }] }, 'container cntr_1 at input[0].container_id'],
    [{ tools: [{ type: 'code_interpreter', container: 'cntr_1' }] }, 'container cntr_1 at tools[0].container'],
    [
      { tools: [{ type: 'code_interpreter', container: { type: 'auto', file_ids: ['file_1'] } }] },
      'file file_1 at tools[0].container.file_ids[0]',
    ],
    [
      { tools: [{ type: 'shell', environment: { type: 'container_reference', container_id: 'cntr_1' } }] },
      'container cntr_1 at tools[0].environment.container_id',
    ],
    [{ tools: [{ type: 'file_search', vector_store_ids: ['vs_1'] }] }, 'vector_store vs_1 at tools[0].vector_store_ids[0]'],
    [
      { tools: [{ type: 'image_generation', input_image_mask: { file_id: 'file_1' } }] },
      'file file_1 at tools[0].input_image_mask.file_id',
    ],
  ])('%j', (body, expected) => {
    expect(found('openai-responses', body)).toEqual([expected]);
  });

  it.each([
    [{ previous_response_id: null, conversation: null, prompt: null }],
    [{ input: 'previous_response_id: resp_1' }],
    [
      {
        input: [
          { role: 'user', content: 'file_id' },
          { type: 'message', id: 'msg_1', role: 'assistant', content: [] },
        ],
      },
    ],
    [{ input: [{ type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'gAAA' }] }],
    [{ input: [{ type: 'image_generation_call', id: 'ig_1', result: 'iVBO' }] }],
    [{ input: [{ type: 'function_call', id: 'fc_1', call_id: 'c', name: 'read', arguments: '{"file_id":"file_1"}' }] }],
    [{ input: [user({ type: 'output_text', text: 'See.', annotations: [{ type: 'file_citation', file_id: 'file_1' }] })] }],
    [{ metadata: { file_id: 'ours', container: 'blue' }, client_metadata: { file_id: 'ours' } }],
    [{ tools: [{ type: 'function', name: 'read', parameters: { properties: { a: { examples: [{ file_id: 'x' }] } } } }] }],
    [{ text: { format: { type: 'json_schema', schema: { properties: { file_id: { const: 'x' } }, default: { file_id: 'x' } } } } }],
    [{ prompt: { variables: { file_id: 'a word' } } }],
  ])('%j: none', (body) => {
    expect(found('openai-responses', body)).toEqual([]);
  });

  it('are all found, with where they stand', () => {
    const body = {
      previous_response_id: 'resp_1',
      input: [
        { type: 'item_reference', id: 'rs_1' },
        user({ type: 'input_file', file_id: 'file_1' }, { type: 'input_file', file_id: 'file_2' }),
      ],
    };

    expect(found('openai-responses', body)).toEqual([
      'response resp_1 at previous_response_id',
      'file file_1 at input[1].content[0].file_id',
      'file file_2 at input[1].content[1].file_id',
      'item rs_1 at input[0].id',
    ]);
  });

  it('cannot be hidden by an escape', () => {
    const body: unknown = JSON.parse('{"previous\\u005fresponse_id":"resp_1","input":[{"type":"item\\u005freference","id":"rs_1"}]}');

    expect(found('openai-responses', body)).toEqual(['response resp_1 at previous_response_id', 'item rs_1 at input[0].id']);
  });
});

describe('the ids that a Messages request names', () => {
  it.each([
    [{ container: 'container_1' }, 'container container_1 at container'],
    [{ container: { id: 'container_1', skills: [] } }, 'container container_1 at container.id'],
    [{ container: { skills: [{ type: 'custom', skill_id: 'skill_1' }] } }, 'skill skill_1 at container.skills[0].skill_id'],
    [{ thread: { type: 'continue', previous_message_id: 'msg_1' } }, 'message msg_1 at thread.previous_message_id'],
    [{ diagnostics: { previous_message_id: 'msg_1' } }, 'message msg_1 at diagnostics.previous_message_id'],
    [
      { messages: [user({ type: 'document', source: { type: 'file', file_id: 'file_1' } })] },
      'file file_1 at messages[0].content[0].source.file_id',
    ],
    [{ messages: [user({ type: 'container_upload', file_id: 'file_1' })] }, 'file file_1 at messages[0].content[0].file_id'],
    [
      {
        messages: [
          user({ type: 'tool_result', tool_use_id: 't', content: [{ type: 'image', source: { type: 'file', file_id: 'file_1' } }] }),
        ],
      },
      'file file_1 at messages[0].content[0].content[0].source.file_id',
    ],
  ])('%j', (body, expected) => {
    expect(found('anthropic-messages', body)).toEqual([expected]);
  });

  it.each([
    [{ thread: { type: 'create' }, container: null }],
    [{ container: { skills: [{ type: 'anthropic', skill_id: 'pptx' }] } }],
    [
      {
        messages: [
          { role: 'assistant', content: [{ type: 'tool_use', id: 't', name: 'read', input: { file_id: 'ours', container: 'blue' } }] },
        ],
      },
    ],
    [
      {
        messages: [
          user({ type: 'bash_code_execution_tool_result', content: { content: [{ type: 'bash_code_execution_output', file_id: 'f' }] } }),
        ],
      },
    ],
    [{ messages: [user({ type: 'text', text: 'A', citations: [{ type: 'char_location', file_id: 'f' }] })] }],
    [{ tools: [{ name: 'read', input_schema: { properties: {} }, input_examples: [{ file_id: 'x' }] }] }],
  ])('%j: none', (body) => {
    expect(found('anthropic-messages', body)).toEqual([]);
  });
});

describe('the ids that other requests name', () => {
  it('are files and sound in Chat Completions', () => {
    const body = {
      messages: [user({ type: 'file', file: { file_id: 'file_1' } }), { role: 'assistant', audio: { id: 'audio_1' } }],
      audio: { voice: 'alloy', format: 'wav' },
    };

    expect(found('openai-chat', body)).toEqual([
      'file file_1 at messages[0].content[0].file.file_id',
      'audio audio_1 at messages[1].audio.id',
    ]);
  });

  it('are found in a part that nobody has heard of', () => {
    expect(found('openai-chat', { messages: [user({ type: 'film', film: { source: { file_id: 'file_1' } } })] })).toHaveLength(1);
  });

  it('are none in most, which costs no list', () => {
    const [a, b] = [{ messages: [{ role: 'user', content: 'hi' }] }, { messages: [user({ type: 'text', text: '"file_id":"f"' })] }];

    expect(idsInRequest('openai-chat', a)).toEqual([]);
    expect(idsInRequest('openai-chat', a)).toBe(idsInRequest('openai-chat', b));
    expect(found('embeddings', { input: 'hi', file_id: 'x' })).toEqual([]);
  });

  it('are not looked for without end', () => {
    const deep: unknown = JSON.parse(`${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`);
    const many = { file_ids: Array.from({ length: 5_001 }, (_, at) => `file_${at}`) };

    expect(() => idsInRequest('openai-chat', deep)).toThrow(expect.objectContaining({ kind: 'invalid_request' }));
    expect(() => idsInRequest('openai-chat', many)).toThrow(expect.objectContaining({ kind: 'invalid_request' }));
  });

  it('are told by a field of bounded length', () => {
    const ids = idsInRequest('openai-chat', { ['x'.repeat(10_000)]: { file_id: 'f' } });

    expect(ids.map(({ field }) => field)).toEqual([`${'x'.repeat(200)}…`]);
  });
});

function user(...content: readonly unknown[]) {
  return { role: 'user', content };
}

function found(dialect: ClientDialectName, body: unknown): readonly string[] {
  return idsInRequest(dialect, body).map(({ kind, id, field }) => `${kind} ${id} at ${field}`);
}
