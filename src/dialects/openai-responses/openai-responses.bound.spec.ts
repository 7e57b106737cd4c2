import { describe, expect, it } from '@jest/globals';
import type OpenAI from 'openai';
import { OPENAI_RESPONSES } from './openai-responses.dialect.js';

function bearing(body: Record<string, unknown>) {
  const text = JSON.stringify({ model: 'm', input: 'hi', ...body });
  return OPENAI_RESPONSES.bearing(OPENAI_RESPONSES.parse({ raw: Buffer.from(text), text, parsed: JSON.parse(text) }));
}

/** A usual value of every field of OpenAI's own; a new one does not compile until it stands here. */
const OPENAI_FIELDS: Record<keyof OpenAI.Responses.ResponseCreateParams, unknown> = {
  background: false,
  context_management: null,
  conversation: 'conv_1',
  include: ['reasoning.encrypted_content'],
  input: 'hi',
  instructions: 'be kind',
  max_output_tokens: 9,
  metadata: { a: 'b' },
  model: 'm',
  moderation: { model: 'omni-moderation-latest' },
  parallel_tool_calls: true,
  previous_response_id: null,
  prompt: null,
  prompt_cache_key: 'k',
  prompt_cache_options: { mode: 'implicit' },
  prompt_cache_retention: '24h',
  reasoning: { effort: 'high', mode: 'standard' },
  safety_identifier: 'u',
  service_tier: 'auto',
  store: false,
  stream: true,
  stream_options: { include_obfuscation: false },
  temperature: 1,
  text: { format: { type: 'text' } },
  tool_choice: 'auto',
  tools: [{ type: 'function', name: 'f', parameters: {} }],
  top_logprobs: 1,
  top_p: 0.5,
  truncation: 'auto',
  user: 'u',
};

const CALL = { type: 'function_call', call_id: 'c', name: 'f', arguments: '{"a":1}' };

describe('what bears on the price of a Response', () => {
  it('is known for every field of OpenAI', () => {
    expect(bearing(OPENAI_FIELDS).concerns).toEqual([]);
  });

  it.each([
    [{ background: true }, 'background'],
    [{ prompt: { id: 'pmpt_1' } }, 'prompt'],
    [{ context_management: [{ type: 'compaction' }] }, 'context_management'],
    [{ reasoning: { mode: 'pro' } }, 'reasoning'],
    [{ service_tier: 'priority' }, 'service_tier'],
    [{ tools: [{ type: 'web_search' }] }, 'tools'],
    [{ tools: [{ type: 'namespace', name: 'n', tools: [{ type: 'mcp' }] }] }, 'tools'],
    [{ tools: [{ type: 'shell', environment: { type: 'container_auto' } }] }, 'tools'],
    [{ tools: [{ type: 'tool_search', execution: 'server' }] }, 'tools'],
    [{ input: [{ type: 'additional_tools', role: 'developer', tools: [{ type: 'code_interpreter' }] }] }, 'input'],
    [{ models: ['a'] }, 'models'],
  ])('cannot be told for %j', (body, field) => {
    expect(bearing(body).concerns).toEqual([{ field, reason: expect.stringMatching(/\w/), isCarried: field === 'service_tier' }]);
  });

  it('is known for tools that the client runs, and for what Codex sends', () => {
    const tools = [
      {
        type: 'custom',
        name: 'p',
      },
      { type: 'local_shell' },
      {
        type: 'shell',
        environment: { type: 'local' },
      },
      {
        type: 'namespace',
        name: 'n',
        tools: [
          {
            type: 'function',
            name: 'f',
          },
        ],
      },
      {
        type: 'tool_search',
        execution: 'client',
      },
    ];

    expect(bearing({ tools, client_metadata: { a: 'b' } })).toMatchObject({ concerns: [], builtInToolTokens: 2048, tools: 5 });
    expect(bearing({ input: [{ type: 'additional_tools', tools: [{ type: 'function', name: 'f' }] }] }).concerns).toEqual([]);
  });

  it.each([
    [[{ role: 'user', content: [{ type: 'input_film', film: 'x' }] }], 'input_film'],
    [[{ type: 'quantum_call', id: 'q' }], 'quantum_call'],
  ])('is unknown for content and items that nobody has heard of: %j', (input, part) => {
    expect(bearing({ input }).concerns).toEqual([{ field: 'input', part, reason: undefined, isCarried: false }]);
  });

  it('is the limit, and what is kept at the provider', () => {
    expect(bearing({ max_output_tokens: 9, clamp: true })).toMatchObject({ limit: 9, mayClamp: true, answers: 1, keptPrompt: undefined });
    expect(bearing({ previous_response_id: 'resp_1' }).keptPrompt).toBe('previous_response_id');
    expect(bearing({ conversation: { id: 'conv_1' } }).keptPrompt).toBe('conversation');
    expect(bearing({ input: [{ type: 'item_reference', id: 'msg_1' }] }).keptPrompt).toBe('input');
  });

  it('is what the model reads', () => {
    const { prompt, hasSchema } = bearing({
      instructions: 'be kind',
      input: [
        {
          role: 'user',
          content: [
            { type: 'input_text', text: 'look' },
            { type: 'input_image', image_url: 'data:x', detail: 'high' },
          ],
        },
        CALL,
        { type: 'function_call_output', call_id: 'c', output: [{ type: 'input_file', file_data: 'data:y', filename: 'a.pdf' }] },
        { type: 'reasoning', summary: [{ type: 'summary_text', text: 'thought' }], encrypted_content: 'gAAAA' },
      ],
      tools: [{ type: 'function', name: 'f' }],
      text: { format: { type: 'json_schema', name: 's', schema: {} } },
    });

    expect(prompt.texts).toEqual([
      'be kind',
      'look',
      'c',
      'f',
      '{"a":1}',
      'c',
      'a.pdf',
      'thought',
      '[{"type":"function","name":"f"}]',
      '{"type":"json_schema","name":"s","schema":{}}',
    ]);
    expect(prompt).toMatchObject({ opaqueBytes: 5, mediaChars: 16, media: [{ kind: 'image', detail: 'high' }, { kind: 'document' }] });
    expect(hasSchema).toBe(true);
  });
});
