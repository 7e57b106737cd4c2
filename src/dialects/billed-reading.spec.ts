import { describe, expect, it } from '@jest/globals';
import type { AnswerReader } from '../core/answer.js';
import type { ChatDialectName } from '../core/call.js';
import { DIALECTS } from './dialects.js';
import { type Translation, translate } from './translation.js';

type Client = Exclude<ChatDialectName, 'ollama'>;
const CLIENTS: readonly Client[] = ['openai-chat', 'openai-responses', 'anthropic-messages'];

const MESSAGES = [{ role: 'user', content: 'hi' }];
const REQUESTS: Readonly<Record<Client, object>> = {
  'openai-chat': { messages: MESSAGES },
  'openai-responses': { input: 'hi' },
  'anthropic-messages': { messages: MESSAGES, max_tokens: 9 },
};

/** On its way from a client of one dialect to a provider that speaks another, or the same. */
function underway(client: Client, provider: Client, stream: boolean): Translation {
  const text = JSON.stringify({ model: 'm', stream, ...REQUESTS[client] });
  const request = DIALECTS[client].parse({ raw: Buffer.from(text), text, parsed: JSON.parse(text) });
  const to = {
    dialects: [provider],
    streamOptions: true,
    hasProviderField: false,
    maxTokensField: 'max_tokens' as const,
    defaultMaxTokens: () => 4096,
    lacks: () => new Set<never>(),
  };
  return translate(request, { provider: to, model: 'm', id: 'id', nowMs: 0 });
}

const frames = (...events: readonly object[]): string => events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('');

const CHAT_USAGE = { prompt_tokens: 5, completion_tokens: 3, cost: 0.000_002 };
const chunk = (more: object): object => ({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [], ...more });
const USAGE = { input_tokens: 5, output_tokens: 3 };
const response = (more: object): object => ({
  id: 'r',
  object: 'response',
  status: 'completed',
  model: 'm',
  usage: USAGE,
  output: [
    { id: 'o', type: 'message', role: 'assistant', status: 'completed', content: [{ type: 'output_text', text: 'a', annotations: [] }] },
  ],
  ...more,
});
const message = (service_tier: string, more: object = {}): object => ({
  id: 'm',
  type: 'message',
  role: 'assistant',
  model: 'm',
  stop_reason: 'end_turn',
  stop_sequence: null,
  content: [{ type: 'text', text: 'a' }],
  usage: { ...USAGE, service_tier },
  ...more,
});

/** An answer of each dialect that was made in this tier: a plain one and a stream. What the stream says first is what was asked for. */
const ANSWERS: Readonly<Record<Client, (tier: string) => { readonly plain: object; readonly stream: string }>> = {
  'openai-chat': (service_tier) => ({
    plain: {
      id: 'c',
      object: 'chat.completion',
      created: 1,
      model: 'm',
      service_tier,
      usage: CHAT_USAGE,
      choices: [{ index: 0, message: { role: 'assistant', content: 'a' }, finish_reason: 'stop' }],
    },
    stream:
      frames(
        chunk({ service_tier: 'auto', choices: [{ index: 0, delta: { role: 'assistant', content: 'a' }, finish_reason: null }] }),
        chunk({ service_tier, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }),
        chunk({ service_tier, usage: CHAT_USAGE }),
      ) + 'data: [DONE]\n\n',
  }),
  'openai-responses': (service_tier) => ({
    plain: response({ service_tier }),
    stream: frames(
      { type: 'response.created', response: response({ status: 'in_progress', output: [], usage: null, service_tier: 'auto' }) },
      { type: 'response.completed', response: response({ service_tier }) },
    ),
  }),
  'anthropic-messages': (service_tier) => ({
    plain: message(service_tier),
    stream: frames(
      { type: 'message_start', message: message(service_tier, { content: [], stop_reason: null }) },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: 'a' } },
      { type: 'content_block_stop', index: 0 },
      { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 3 } },
      { type: 'message_stop' },
    ),
  }),
};

function read(reader: AnswerReader, bytes: string): AnswerReader {
  reader.read(Buffer.from(bytes));
  reader.end();
  return reader;
}

const CELLS = CLIENTS.flatMap((client) => CLIENTS.flatMap((provider) => [false, true].map((stream) => ({ client, provider, stream }))));

describe('the service tier of an answer', () => {
  const tierOf = ({ client, provider, stream }: (typeof CELLS)[number], tier: string): string | undefined => {
    const answer = ANSWERS[provider](tier);
    const { reading } = read(underway(client, provider, stream).reader(), stream ? answer.stream : JSON.stringify(answer.plain));
    expect(reading.usage).toMatchObject({ input: 5, output: 3 });
    return reading.serviceTier;
  };

  it.each(CELLS)('of $provider for a client of $client (stream: $stream)', (cell) => {
    expect(tierOf(cell, 'priority')).toBe('priority');
    expect(tierOf(cell, 'batch')).toBe('batch');
    expect(tierOf(cell, cell.provider === 'anthropic-messages' ? 'standard' : 'default')).toBeUndefined();
    if (cell.provider === 'anthropic-messages') return;
    expect(tierOf(cell, 'flex')).toBe('flex');
    expect(tierOf(cell, 'x'.repeat(5_000))).toBe('other');
  });
});

describe('what a provider reports of an answer that is none', () => {
  const ERROR = { error: { message: 'broken', type: 'server_error', code: 'server_error' } };
  // A response that has failed is an answer like others to whoever relays it, unless it has no output at all.
  const failing = (output: readonly object[] | null) => ({
    'openai-chat': { plain: { ...ERROR, usage: CHAT_USAGE }, stream: frames({ ...ERROR, usage: CHAT_USAGE }) },
    'openai-responses': {
      plain: response({ status: 'failed', output, ...ERROR }),
      stream: frames({ type: 'response.failed', response: response({ status: 'failed', output: [], ...ERROR }) }),
    },
  });

  it.each(CELLS.filter(({ provider }) => provider !== 'anthropic-messages'))(
    'with an error in its place: $provider for $client (stream: $stream)',
    ({ client, provider, stream }) => {
      const answer = failing(client === provider ? null : [])[provider as 'openai-chat' | 'openai-responses'];
      const reader = underway(client, provider, stream).reader();

      expect(() => read(reader, stream ? answer.stream : JSON.stringify(answer.plain))).toThrow('broken');
      expect(reader.reading.usage).toMatchObject({ input: 5, output: 3 });
    },
  );

  it.each(CELLS.filter(({ stream }) => stream))(
    'in one piece where a stream was asked for: $provider for $client',
    ({ client, provider }) => {
      const { plain } = ANSWERS[provider]('priority');
      const translation = underway(client, provider, true);

      const reading = translation.readOtherForm(Buffer.from(JSON.stringify(plain)));

      expect(reading?.usage).toMatchObject({ input: 5, output: 3 });
      expect(reading?.serviceTier).toBe('priority');
      expect(reading?.costNanoUsd).toBe(provider === 'openai-chat' ? 2_000n : undefined);
      expect(translation.readOtherForm(Buffer.from('<html>'))?.usage).toBeUndefined();
    },
  );
});
