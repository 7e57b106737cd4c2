import type { RawAnswer } from '../../support/raw-client.js';
import { hearChatPlain, hearChatStream } from './hear-chat.js';
import { hearMessagesPlain, hearMessagesStream } from './hear-messages.js';
import { hearResponsesPlain, hearResponsesStream } from './hear-responses.js';
import type { Heard } from './heard.js';

/** How a client of one dialect asks, and what it makes of the bytes that come back. */
export interface Client {
  readonly dialect: string;
  readonly path: string;
  /** An ordinary question, with a tool on offer. */
  body(model: string, stream: boolean): Record<string, unknown>;
  hear(answer: RawAnswer, stream: boolean): Heard;
}

const QUESTION = 'Say hello, then look at the weather in Zürich.';
const SCHEMA = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const TOOL = { name: 'get_weather', description: 'The weather.' };

export const CHAT: Client = {
  dialect: 'openai-chat',
  path: '/v1/chat/completions',
  body: (model, stream) => ({
    model,
    messages: [{ role: 'user', content: QUESTION }],
    tools: [{ type: 'function', function: { ...TOOL, parameters: SCHEMA } }],
    ...(stream ? { stream, stream_options: { include_usage: true } } : {}),
  }),
  hear: ({ body }, stream) => (stream ? hearChatStream(body.toString()) : hearChatPlain(body.toString())),
};

export const RESPONSES: Client = {
  dialect: 'openai-responses',
  path: '/v1/responses',
  body: (model, stream) => ({ model, input: QUESTION, tools: [{ type: 'function', ...TOOL, parameters: SCHEMA, strict: false }], stream }),
  hear: ({ body }, stream) => (stream ? hearResponsesStream(body.toString()) : hearResponsesPlain(body.toString())),
};

export const MESSAGES: Client = {
  dialect: 'anthropic-messages',
  path: '/v1/messages',
  body: (model, stream) => ({
    model,
    max_tokens: 512,
    messages: [{ role: 'user', content: QUESTION }],
    tools: [{ ...TOOL, input_schema: SCHEMA }],
    stream,
  }),
  hear: ({ body }, stream) => (stream ? hearMessagesStream(body.toString()) : hearMessagesPlain(body.toString())),
};

export const CLIENTS: readonly Client[] = [CHAT, RESPONSES, MESSAGES];
