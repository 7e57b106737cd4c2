import type { ChatCodec } from '../dialect.js';
import { toUpstreamError } from '../openai/openai.upstream-error.js';
import { decodeAnswer } from './openai-chat.decode-answer.js';
import { decodeRequest } from './openai-chat.decode-request.js';
import { ChatPlainEncoder } from './openai-chat.encode-plain.js';
import { encodeRequest } from './openai-chat.encode-request.js';
import { ChatStreamEncoder } from './openai-chat.encode-stream.js';

export const OPENAI_CHAT_CODEC: ChatCodec = {
  name: 'openai-chat',
  streamType: 'text/event-stream',
  decodeRequest,
  encodeRequest,
  decoder: decodeAnswer,
  encoder: (terms) => (terms.stream ? new ChatStreamEncoder(terms) : new ChatPlainEncoder(terms)),
  toUpstreamError,
};
