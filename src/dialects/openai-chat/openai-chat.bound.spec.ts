import { describe, expect, it } from '@jest/globals';
import type OpenAI from 'openai';
import { OPENAI_CHAT } from './openai-chat.dialect.js';

const MESSAGES = [{ role: 'user', content: 'hi' }];

function bearing(body: Record<string, unknown>) {
  const text = JSON.stringify({ model: 'm', messages: MESSAGES, ...body });
  return OPENAI_CHAT.bearing(OPENAI_CHAT.parse({ raw: Buffer.from(text), text, parsed: JSON.parse(text) }));
}
const concerns = (body: Record<string, unknown>) => bearing(body).concerns.map(({ field }) => field);
const says = (content: unknown[]) => ({ messages: [{ role: 'user', content }] });

/** A usual value of every field of OpenAI's own; a new one does not compile until it stands here. */
const OPENAI_FIELDS: Record<keyof OpenAI.Chat.ChatCompletionCreateParams, unknown> = {
  messages: MESSAGES,
  model: 'm',
  audio: { voice: 'alloy', format: 'wav' },
  frequency_penalty: 0.5,
  function_call: 'auto',
  functions: [{ name: 'f' }],
  logit_bias: { 1: 2 },
  logprobs: true,
  max_completion_tokens: null,
  max_tokens: 9,
  metadata: { a: 'b' },
  modalities: ['text', 'audio'],
  moderation: { model: 'omni-moderation-latest' },
  n: 2,
  parallel_tool_calls: false,
  prediction: { type: 'content', content: 'x' },
  presence_penalty: 0.5,
  prompt_cache_key: 'k',
  prompt_cache_options: { mode: 'explicit' },
  prompt_cache_retention: '24h',
  reasoning_effort: 'high',
  response_format: { type: 'json_object' },
  safety_identifier: 'u',
  seed: 1,
  service_tier: 'flex',
  stop: ['a'],
  store: true,
  stream: true,
  stream_options: { include_usage: true },
  temperature: 1,
  tool_choice: 'auto',
  tools: [
    { type: 'function', function: { name: 'f' } },
    { type: 'custom', custom: { name: 'g' } },
  ],
  top_logprobs: 2,
  top_p: 0.5,
  user: 'u',
  verbosity: 'low',
  web_search_options: null,
};

describe('what bears on the price of a Chat Completion', () => {
  it('is known for every field of OpenAI', () => {
    expect(concerns(OPENAI_FIELDS)).toEqual([]);
  });

  it.each([
    [{ web_search_options: {} }, 'web_search_options'],
    [{ search_parameters: { mode: 'auto' } }, 'search_parameters'],
    [{ enable_search: true }, 'enable_search'],
    [{ service_tier: 'priority' }, 'service_tier'],
    [{ service_tier: 'fast' }, 'service_tier'],
    [{ modalities: ['text', 'image'] }, 'modalities'],
    [{ tools: [{ type: 'web_search' }] }, 'tools'],
    [{ models: ['a/b'] }, 'models'],
    [{ route: 'fallback' }, 'route'],
    [{ preset: 'x' }, 'preset'],
    [{ plugins: [{ id: 'web' }] }, 'plugins'],
    [{ provider: { order: ['a'] } }, 'provider'],
    [{ provider: { sort: 'throughput' } }, 'provider'],
  ])('cannot be told for %j', (body, field) => {
    expect(bearing(body).concerns).toEqual([{ field, reason: expect.stringMatching(/\w/), isCarried: field === 'service_tier' }]);
  });

  it.each([
    { provider: 'openai' },
    { provider: { max_price: { prompt: 1 }, sort: 'price' } },
    { plugins: [] },
    { web_search_options: null },
    { service_tier: 'auto' },
    { enable_search: false },
    { usage: { include: true } },
    { clamp: true },
  ])('stays as it is with %j', (body) => {
    expect(concerns(body)).toEqual([]);
  });

  it('is unknown for a field that nobody has heard of', () => {
    expect(bearing({ brand_new: 1 }).concerns).toEqual([{ field: 'brand_new', reason: undefined, isCarried: false }]);
    expect(concerns({ brand_new: null })).toEqual([]);
  });

  it('is unknown for content that nobody has heard of, wherever it stands', () => {
    expect(bearing(says([{ type: 'video_url', video_url: { url: 'https://x' } }])).concerns).toEqual([
      { field: 'messages', part: 'video_url', reason: undefined, isCarried: false },
    ]);
  });

  it('is the limit, the number of answers and what else makes the answer longer', () => {
    expect(bearing({ max_tokens: 7, n: 3 })).toMatchObject({ limit: 7, answers: 3, mayClamp: false, leastAnswer: 16, speaks: false });
    expect(bearing({ max_completion_tokens: 8, n: 2, best_of: 5, clamp: true })).toMatchObject({ limit: 8, answers: 5, mayClamp: true });
    expect(bearing({})).toMatchObject({ limit: undefined, answers: 1, predictedBytes: 0 });
    expect(bearing({ prediction: { type: 'content', content: [{ type: 'text', text: 'déjà' }] } })).toMatchObject({ predictedBytes: 6 });
    expect(bearing({ modalities: ['text', 'audio'] })).toMatchObject({ speaks: true });
    expect(bearing({ reasoning: { max_tokens: 2000 } })).toMatchObject({ leastAnswer: 2016 });
  });

  it('is what the model reads, tools and schemas among it', () => {
    const { prompt, tools, hasSchema, messages } = bearing({
      messages: [
        { role: 'system', content: 'sys' },
        { role: 'user', name: 'Ann', content: [{ type: 'text', text: 'look', cache_control: { type: 'ephemeral' } }] },
        { role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://x', detail: 'low' } }] },
      ],
      tools: [{ type: 'function', function: { name: 'f' } }],
      response_format: { type: 'json_schema', json_schema: { name: 's' } },
    });

    expect(prompt.texts).toEqual([
      'sys',
      'Ann',
      'look',
      '[{"type":"function","function":{"name":"f"}}]',
      '{"type":"json_schema","json_schema":{"name":"s"}}',
    ]);
    expect(prompt).toMatchObject({ cache: '5m', media: [{ kind: 'image', detail: 'low' }] });
    expect({ tools, hasSchema, messages }).toEqual({ tools: 1, hasSchema: true, messages: 3 });
  });

  it('is the mark of a tool for the cache', () => {
    expect(bearing({ tools: [{ type: 'function', function: { name: 'f' }, cache_control: { ttl: '1h' } }] }).prompt.cache).toBe('1h');
  });

  it('is sound that the provider has kept', () => {
    expect(bearing({ messages: [...MESSAGES, { role: 'assistant', audio: { id: 'a' } }] }).keptPrompt).toBe('messages');
    expect(bearing({}).keptPrompt).toBeUndefined();
  });
});
