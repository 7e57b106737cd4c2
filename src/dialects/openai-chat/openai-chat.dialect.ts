import type { ClientDialect } from '../dialect.js';
import { toOpenAiError } from '../openai/openai.error.js';
import { OpenAiChatPlain } from './openai-chat.plain.js';
import { parseChatCompletion, toUpstreamBody } from './openai-chat.request.js';
import { OpenAiChatStream } from './openai-chat.stream.js';
import { promptOf } from './prompt-text.js';
import { toUpstreamError } from '../openai/openai.upstream-error.js';
import { bearingOf } from './openai-chat.bound.js';

export const OPENAI_CHAT: ClientDialect = {
  name: 'openai-chat',
  parse: parseChatCompletion,
  relayBody: (request, changes) => toUpstreamBody(request, { ...changes, stream: request.stream }),
  relay: (request) => (request.stream ? new OpenAiChatStream(request) : new OpenAiChatPlain()),
  prompt: (request) => promptOf(request.parsed),
  bearing: bearingOf,
  toUpstreamError,
  toError: toOpenAiError,
  toErrorFrame: (error, requestId) => `data: ${toOpenAiError(error, requestId).body}\n\n`,
};
