import { describe, expect, it } from '@jest/globals';
import type Anthropic from '@anthropic-ai/sdk';
import { ANTHROPIC_MESSAGES } from './anthropic-messages.dialect.js';

const MESSAGES = [{ role: 'user', content: 'hi' }];

function bearing(body: Record<string, unknown>) {
  const text = JSON.stringify({ model: 'm', max_tokens: 9, messages: MESSAGES, ...body });
  return ANTHROPIC_MESSAGES.bearing(ANTHROPIC_MESSAGES.parse({ raw: Buffer.from(text), text, parsed: JSON.parse(text) }));
}
const says = (...content: unknown[]) => ({ messages: [{ role: 'user', content }] });

type Fields = keyof Anthropic.Beta.Messages.MessageCreateParams;

/** A usual value of every field of Anthropic's own, beta ones too; a new one does not compile until it stands here. Headers are none. */
const ANTHROPIC_FIELDS: Record<Exclude<Fields, 'betas' | 'workspace_id'>, unknown> = {
  max_tokens: 9,
  messages: MESSAGES,
  model: 'm',
  billing_policy: null,
  cache_control: { type: 'ephemeral' },
  compaction: { type: 'summarize' },
  container: null,
  context_management: { edits: [{ type: 'clear_thinking_20251015' }, { type: 'clear_tool_uses_20250919' }] },
  diagnostics: { previous_message_id: null },
  fallback_credit_token: null,
  fallbacks: null,
  inference_geo: 'global',
  mcp_servers: [],
  metadata: { user_id: 'u' },
  output_config: { effort: 'low' },
  output_format: null,
  service_tier: 'auto',
  speed: 'standard',
  stop_sequences: ['a'],
  stream: true,
  system: 'be kind',
  thinking: { type: 'adaptive' },
  thread: { type: 'create' },
  tool_choice: { type: 'auto' },
  tools: [{ name: 'f', input_schema: { type: 'object' } }],
  user_profile_id: 'p',
};

/** Of the API's versions before 2026-10-21. */
const EARLIER_FIELDS = { temperature: 1, top_k: 5, top_p: 0.5 };

describe('what bears on the price of a Message', () => {
  it('is known for every field of Anthropic', () => {
    expect(bearing({ ...ANTHROPIC_FIELDS, ...EARLIER_FIELDS }).concerns).toEqual([]);
  });

  it.each([
    [{ speed: 'fast' }, 'speed'],
    [{ inference_geo: 'us' }, 'inference_geo'],
    [{ service_tier: 'priority' }, 'service_tier'],
    [{ workspace_id: 'wrkspc_1' }, 'workspace_id'],
    [{ billing_policy: { type: 'billing_policy', bill_to: 'user_profile' } }, 'billing_policy'],
    [{ fallbacks: 'default' }, 'fallbacks'],
    [{ fallback_credit_token: 't' }, 'fallback_credit_token'],
    [{ mcp_servers: [{ url: 'https://x' }] }, 'mcp_servers'],
    [{ container: 'c' }, 'container'],
    [{ context_management: { edits: [{ type: 'compact_20260112' }] } }, 'context_management'],
    [{ tools: [{ type: 'web_search_20250305', name: 'web_search' }] }, 'tools'],
    [{ tools: [{ name: 'f', input_schema: {}, allowed_callers: ['code_execution_20260120'] }] }, 'tools'],
    [says({ type: 'tool_addition', tool: { type: 'tool_definition', definition: { type: 'web_fetch_20250910', name: 'w' } } }), 'messages'],
  ])('cannot be told for %j', (body, field) => {
    expect(bearing(body).concerns).toEqual([{ field, reason: expect.stringMatching(/\w/), isCarried: field === 'service_tier' }]);
  });

  it('is known for tools that the client runs, whose descriptions are Anthropic’s', () => {
    const tools = [
      { type: 'bash_20250124', name: 'bash' },
      { type: 'custom', name: 'f', input_schema: {}, allowed_callers: ['direct'] },
    ];
    const added = { type: 'tool_addition', tool: { type: 'tool_definition', definition: { name: 'g', input_schema: {} } } };

    expect(bearing({ tools, ...says(added) })).toMatchObject({ concerns: [], builtInToolTokens: 2048, tools: 3 });
  });

  it('is unknown for blocks and fields that nobody has heard of', () => {
    expect(bearing({ ...says({ type: 'hologram', data: 'x' }), brand_new: 1 }).concerns).toEqual([
      { field: 'brand_new', reason: undefined, isCarried: false },
      { field: 'messages', part: 'hologram', reason: undefined, isCarried: false },
    ]);
  });

  it('is the limit, which stays above a budget of thinking, and what is kept at the provider', () => {
    expect(bearing({ clamp: true, thinking: { type: 'enabled', budget_tokens: 1024 }, max_tokens: 4000 })).toMatchObject({
      limit: 4000,
      mayClamp: true,
      leastAnswer: 1040,
      keptPrompt: undefined,
    });
    expect(bearing({ thread: { type: 'continue', previous_message_id: 'msg_1' } }).keptPrompt).toBe('thread');
  });

  it('is what the model reads', () => {
    const { prompt } = bearing({
      system: [{ type: 'text', text: 'be kind', cache_control: { type: 'ephemeral', ttl: '1h' } }],
      tools: [{ name: 'f', input_schema: { type: 'object' }, cache_control: { type: 'ephemeral' } }],
      messages: [
        { role: 'user', content: [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'abcd' } }] },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'hm', signature: 'sig' },
            { type: 'redacted_thinking', data: 'xx' },
            { type: 'tool_use', id: 't1', name: 'f', input: { city: 'Rome' } },
          ],
        },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't1', content: [{ type: 'text', text: 'sunny' }] }] },
        { role: 'user', content: [{ type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'page' }, title: 'T' }] },
      ],
    });

    expect(prompt.texts).toEqual([
      'be kind',
      'hm',
      't1',
      'f',
      '{"city":"Rome"}',
      't1',
      'sunny',
      'page',
      'T',
      '[{"name":"f","input_schema":{"type":"object"},"cache_control":{"type":"ephemeral"}}]',
    ]);
    expect(prompt).toMatchObject({ opaqueBytes: 5, cache: '1h', media: [{ kind: 'image' }] });
  });

  it('is a mark for the cache, wherever it stands', () => {
    expect(bearing({}).prompt.cache).toBeUndefined();
    expect(bearing({ cache_control: { type: 'ephemeral', ttl: '1h' } }).prompt.cache).toBe('1h');
    expect(bearing({ tools: [{ name: 'f', input_schema: {}, cache_control: { type: 'ephemeral' } }] }).prompt.cache).toBe('5m');
    expect(bearing(says({ type: 'text', text: 'a', cache_control: { type: 'ephemeral' } })).prompt.cache).toBe('5m');
  });
});
