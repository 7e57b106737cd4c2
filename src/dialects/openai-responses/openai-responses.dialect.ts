import type { GatewayError } from '../../core/errors.js';
import type { ChatCodec, ClientDialect } from '../dialect.js';
import { toOpenAiError } from '../openai/openai.error.js';
import { toUpstreamError } from '../openai/openai.upstream-error.js';
import { decodeResponsesRequest } from './decode-request.js';
import { encodeResponsesRequest } from './encode-request.js';
import { responsesDecoder } from './openai-responses.decoder.js';
import { ResponsesEncoder } from './openai-responses.encoder.js';
import { OpenAiResponsesPlain } from './openai-responses.plain.js';
import { parseResponses, toRelayBody } from './openai-responses.request.js';
import { OpenAiResponsesStream } from './openai-responses.stream.js';
import { promptOf } from './prompt-text.js';
import { bearingOf } from './openai-responses.bound.js';

export const OPENAI_RESPONSES: ClientDialect = {
  name: 'openai-responses',
  parse: parseResponses,
  relayBody: toRelayBody,
  relay: (request) => (request.stream ? new OpenAiResponsesStream() : new OpenAiResponsesPlain()),
  prompt: (request) => promptOf(request.parsed),
  bearing: bearingOf,
  toUpstreamError,
  toError: toOpenAiError,
  toErrorFrame,
};

export const RESPONSES_CODEC: ChatCodec = {
  name: 'openai-responses',
  streamType: 'text/event-stream',
  decodeRequest: decodeResponsesRequest,
  encodeRequest: encodeResponsesRequest,
  decoder: responsesDecoder,
  encoder: (terms) => new ResponsesEncoder(terms),
  toUpstreamError,
};

/** Higher than that of any event before it, which whoever reports an error has not counted: clients take a lower one for a repetition. */
const LAST_NUMBER = 2_147_483_647;

/** Flat as the published schema has it, and nested as the service sends it: some clients know one of the two alone. */
function toErrorFrame(error: GatewayError, requestId: string): string {
  const { error: nested } = JSON.parse(toOpenAiError(error, requestId).body) as { error: Record<string, unknown> };
  const { code, message, param } = nested;
  const event = { type: 'error', sequence_number: LAST_NUMBER, code, message, param, error: nested };
  return `event: error\ndata: ${JSON.stringify(event)}\n\n`;
}
