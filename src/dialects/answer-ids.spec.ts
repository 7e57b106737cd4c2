import { describe, expect, it } from '@jest/globals';
import type { ClientDialectName } from '../core/call.js';
import { expectsIds, idsInAnswer } from './answer-ids.js';

describe('the ids that a Responses answer gives', () => {
  const response = {
    object: 'response',
    id: 'resp_1',
    store: true,
    conversation: { id: 'conv_1' },
    output: [
      { type: 'reasoning', id: 'rs_1', summary: [] },
      { type: 'code_interpreter_call', id: 'ci_1', container_id: 'cntr_1' },
      { type: 'shell_call', id: 'sh_1', environment: { type: 'container_reference', container_id: 'cntr_2' } },
      {
        type: 'message',
        id: 'msg_1',
        content: [
          {
            type: 'output_text',
            annotations: [
              { type: 'container_file_citation', container_id: 'cntr_1', file_id: 'cfile_1' },
              { type: 'file_citation', file_id: 'file_of_everybody' },
            ],
          },
        ],
      },
    ],
  };
  const expected = [
    'response resp_1',
    'conversation conv_1',
    'item rs_1',
    'item ci_1',
    'container cntr_1',
    'item sh_1',
    'container cntr_2',
    'item msg_1',
    'container cntr_1',
    'file cfile_1',
  ];

  it('are the answer, its conversation, its items and what they made', () => {
    expect(given('openai-responses', response)).toEqual(expected);
  });

  it('are the same in the last event of a stream', () => {
    expect(given('openai-responses', { type: 'response.completed', response })).toEqual(expected);
    expect(given('openai-responses', { type: 'response.incomplete', response })).toEqual(expected);
  });

  it('are those alone that have to be sent back, when nothing is stored', () => {
    const output = [
      { type: 'reasoning', id: 'rs_1', summary: [] },
      { type: 'reasoning', id: 'rs_2', summary: [], encrypted_content: 'gAAA' },
      { type: 'message', id: 'msg_1', role: 'assistant', content: [] },
    ];

    expect(given('openai-responses', { object: 'response', id: 'resp_1', store: false, output })).toEqual(['item rs_1']);
  });

  it('are taken for stored by a server that does not say', () => {
    expect(given('openai-responses', { object: 'response', id: 'resp_1', output: [] })).toEqual(['response resp_1']);
  });

  it.each([[{ type: 'response.output_text.delta', delta: 'x' }], [{ error: {} }], [null], ['text'], [[]]])('%j: none', (answer) => {
    expect(given('openai-responses', answer)).toEqual([]);
  });
});

describe('the ids that a Messages answer gives', () => {
  const message = { type: 'message', id: 'msg_1', content: [], container: { id: 'container_1', expires_at: '' } };

  it('are its container, and itself if it is kept', () => {
    expect(given('anthropic-messages', message)).toEqual(['container container_1']);
    expect(given('anthropic-messages', message, { thread: { type: 'create' } })).toEqual(['message msg_1', 'container container_1']);
    expect(given('anthropic-messages', message, { diagnostics: { previous_message_id: null } })[0]).toBe('message msg_1');
  });

  it('are told by three events of a stream', () => {
    const request = { thread: { type: 'create' } };

    expect(given('anthropic-messages', { type: 'message_start', message: { ...message, container: null } }, request)).toEqual([
      'message msg_1',
    ]);
    expect(given('anthropic-messages', { type: 'message_delta', delta: { container: { id: 'container_1' } } }, request)).toEqual([
      'container container_1',
    ]);
    expect(given('anthropic-messages', { type: 'content_block_start', content_block: ranCode }, request)).toEqual(['file file_1']);
  });

  it('are the files that code has made', () => {
    expect(given('anthropic-messages', { type: 'message', id: 'msg_1', content: [ranCode] })).toEqual(['file file_1']);
  });

  const ranCode = {
    type: 'bash_code_execution_tool_result',
    content: { type: 'bash_code_execution_result', content: [{ type: 'bash_code_execution_output', file_id: 'file_1' }] },
  };
});

describe('the ids that a chat completion gives', () => {
  it('are those of its sound', () => {
    expect(given('openai-chat', { id: 'chatcmpl-1', choices: [{ message: { audio: { id: 'audio_1', data: '' } } }] })).toEqual([
      'audio audio_1',
    ]);
    expect(given('openai-chat', { id: 'chatcmpl-1', choices: [{ delta: { audio: { id: 'audio_1' } } }] })).toEqual(['audio audio_1']);
    expect(given('openai-chat', { id: 'chatcmpl-1', choices: [{ message: { content: 'hi', audio: null } }] })).toEqual([]);
  });
});

describe('expectsIds', () => {
  it.each([
    ['openai-responses', {}, true],
    ['anthropic-messages', { messages: [], tools: [{ name: 'read' }] }, false],
    ['anthropic-messages', { thread: { type: 'create' } }, true],
    ['anthropic-messages', { diagnostics: {} }, true],
    ['anthropic-messages', { container: { skills: [] } }, true],
    ['anthropic-messages', { tools: [{ type: 'code_execution_20250825', name: 'code_execution' }] }, true],
    ['openai-chat', { messages: [] }, false],
    ['openai-chat', { modalities: ['text', 'audio'] }, true],
    ['embeddings', { input: 'x' }, false],
  ] as const)('%s %j: %j', (dialect, request, expected) => {
    expect(expectsIds(dialect, request)).toBe(expected);
  });
});

function given(dialect: ClientDialectName, answer: unknown, request: unknown = {}): readonly string[] {
  return idsInAnswer(dialect, answer, request).map(({ kind, id }) => `${kind} ${id}`);
}
