import type { ChatCodec, ClientDialect } from '../dialect.js';
import { MessagePlainDecoder, MessageStreamDecoder } from './answer-decoder.js';
import { MessagePlainEncoder, MessageStreamEncoder } from './answer-encoder.js';
import { MessagePlainRelay, MessageStreamRelay } from './answer-relay.js';
import { toAnthropicError, toAnthropicErrorFrame } from './anthropic-messages.error.js';
import { parseMessages, toRelayBody } from './anthropic-messages.request.js';
import { toUpstreamError } from './anthropic-messages.upstream-error.js';
import { promptOf } from './prompt-text.js';
import { decodeRequest } from './request-decoder.js';
import { encodeRequest, lacksBeside } from './request-encoder.js';
import { bearingOf } from './anthropic-messages.bound.js';

export const ANTHROPIC_MESSAGES: ClientDialect = {
  name: 'anthropic-messages',
  parse: parseMessages,
  relayBody: toRelayBody,
  relay: ({ stream }) => (stream ? new MessageStreamRelay() : new MessagePlainRelay()),
  prompt: ({ parsed }) => promptOf(parsed),
  bearing: bearingOf,
  toUpstreamError,
  toError: toAnthropicError,
  toErrorFrame: toAnthropicErrorFrame,
};

export const ANTHROPIC_CODEC: ChatCodec = {
  name: 'anthropic-messages',
  streamType: 'text/event-stream',
  decodeRequest,
  lacksBeside,
  encodeRequest,
  decoder: (stream, sink) => (stream ? new MessageStreamDecoder(sink) : new MessagePlainDecoder(sink)),
  encoder: (terms) => (terms.stream ? new MessageStreamEncoder(terms) : new MessagePlainEncoder(terms)),
  toUpstreamError,
};
