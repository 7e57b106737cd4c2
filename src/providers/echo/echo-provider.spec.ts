import { describe, expect, it } from '@jest/globals';
import { testProvider } from '../../../test/support/config.js';
import type { AnswerEvent } from '../../core/answer-event.js';
import type { ChatDialectName } from '../../core/call.js';
import type { Endpoint, UpstreamHandler } from '../../core/provider.js';
import { CODECS } from '../../dialects/index.js';
import { EchoProvider } from './echo-provider.js';

const CLOCK = { now: () => 1_700_000_000_000, elapsed: () => 0 };
const MESSAGES = [{ role: 'user', content: 'alpha beta gamma' }];
const TOOL = { name: 'get_weather', description: 'Says it.' };
const CITY = { type: 'object', properties: { city: { type: 'string' } } };

/** How each dialect asks for the same thing. */
const DIALECTS: readonly {
  readonly dialect: ChatDialectName;
  readonly endpoint: Endpoint;
  readonly body: object;
  readonly tools: object;
}[] = [
  {
    dialect: 'openai-chat',
    endpoint: 'openai-chat',
    body: { messages: MESSAGES, stream_options: { include_usage: true } },
    tools: { tools: [{ type: 'function', function: { ...TOOL, parameters: CITY } }] },
  },
  {
    dialect: 'openai-responses',
    endpoint: 'openai-responses',
    body: { input: 'alpha beta gamma' },
    tools: { tools: [{ type: 'function', ...TOOL, parameters: CITY }] },
  },
  {
    dialect: 'anthropic-messages',
    endpoint: 'anthropic-messages',
    body: { messages: MESSAGES, max_tokens: 100 },
    tools: { tools: [{ ...TOOL, input_schema: CITY }] },
  },
  {
    dialect: 'ollama',
    endpoint: 'ollama-chat',
    body: { messages: MESSAGES },
    tools: { tools: [{ type: 'function', function: { ...TOOL, parameters: CITY } }] },
  },
];

interface Reply {
  readonly status: number;
  readonly contentType: string;
  readonly frames: readonly Buffer[];
}

const provider = new EchoProvider(testProvider({ name: 'echo' }), CLOCK);

function send(endpoint: Endpoint, body: object, stream = false): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const reply = { status: 0, contentType: '', frames: [] as Buffer[] };
    const handler: UpstreamHandler = {
      onRequestStart: () => undefined,
      onResponseStart: (_, status, headers) => Object.assign(reply, { status, contentType: headers['content-type'] }),
      onResponseData: (_, chunk) => reply.frames.push(chunk),
      onResponseEnd: () => resolve(reply),
      onResponseError: (_, error) => reject(error),
    };
    provider.send({ endpoint, headers: {}, model: 'echo', stream, body: Buffer.from(JSON.stringify({ ...body, stream })) }, handler);
  });
}

describe.each(DIALECTS)('the pretend model in $dialect', ({ dialect, endpoint, body, tools }) => {
  const codec = CODECS[dialect];

  async function eventsOf(asked: object, stream: boolean): Promise<readonly AnswerEvent[]> {
    const events: AnswerEvent[] = [];
    const decoder = codec.decoder(stream, (event) => events.push(event));
    for (const frame of (await send(endpoint, { model: 'echo', ...asked }, stream)).frames) decoder.read(frame);
    decoder.end();
    return events;
  }

  it.each([false, true])('says the last message again, and what it used (stream: %s)', async (stream) => {
    const events = await eventsOf(body, stream);

    expect(textOf(events)).toBe('alpha beta gamma');
    expect(events).toContainEqual(expect.objectContaining({ kind: 'finish', reason: 'stop' }));
    expect(events.findLast(({ kind }) => kind === 'usage')).toMatchObject({ usage: { input: 6, output: 3 } });
    expect(events.at(-1)).toEqual({ kind: 'end' });
  });

  it.each([false, true])('calls a tool (stream: %s)', async (stream) => {
    const events = await eventsOf({ ...body, ...tools }, stream);

    expect(events).toContainEqual(expect.objectContaining({ kind: 'tool_call', name: 'get_weather' }));
    const pieces = events.flatMap((event) => (event.kind === 'tool_arguments' ? [event.text] : []));
    expect(JSON.parse(pieces.join(''))).toEqual({ city: 'echo' });
    expect(events).toContainEqual(expect.objectContaining({ kind: 'finish', reason: 'tool_calls' }));
  });

  it('streams a word at a time, in the content type of its dialect', async () => {
    const streamed = await send(endpoint, { model: 'echo', ...body }, true);
    const plain = await send(endpoint, { model: 'echo', ...body });

    for (const word of ['alpha', 'beta', 'gamma']) {
      const carrying = streamed.frames.filter((frame) => frame.toString().includes(word));
      expect(carrying.some((frame) => !frame.toString().includes(word === 'alpha' ? 'beta' : 'alpha'))).toBe(true);
    }
    expect([streamed.status, streamed.contentType]).toEqual([200, `${codec.streamType}; charset=utf-8`]);
    expect([plain.status, plain.contentType, plain.frames.length]).toEqual([200, 'application/json', 1]);
  });
});

describe('the pretend model', () => {
  it('gives no usage in a stream of Chat Completions that does not ask for it', async () => {
    const { frames } = await send('openai-chat', { model: 'echo', messages: MESSAGES }, true);

    expect(Buffer.concat(frames).toString()).not.toContain('prompt_tokens');
  });

  it('counts the tokens of a message', async () => {
    const { frames } = await send('anthropic-count-tokens', { model: 'echo', messages: MESSAGES });

    expect(JSON.parse(Buffer.concat(frames).toString())).toEqual({ input_tokens: 6 });
  });

  it('makes embeddings for either kind of asking', async () => {
    const openai = await send('embeddings', { model: 'echo', input: 'hello' });
    const ollama = await send('ollama-embed', { model: 'echo', input: 'hello' });

    const vector = JSON.parse(openai.frames.join('')) as { data: { embedding: number[] }[] };
    expect(JSON.parse(ollama.frames.join(''))).toMatchObject({ embeddings: [vector.data[0]?.embedding] });
  });

  it('refuses a vector that is too long as a provider would', async () => {
    expect(await send('embeddings', { model: 'echo', input: 'hello', dimensions: 1e6 })).toMatchObject({ status: 400 });
  });
});

function textOf(events: readonly AnswerEvent[]): string {
  return events.flatMap((event) => (event.kind === 'text' ? [event.text] : [])).join('');
}
