import type { ChatCodec } from '../dialect.js';
import { decodeRequest } from './ollama.decode-request.js';
import { decoderFor } from './ollama.decode-answer.js';
import { encoderFor } from './ollama.encode-answer.js';
import { encodeRequest } from './ollama.encode-request.js';
import { toUpstreamError } from './ollama.upstream-error.js';

/** Ollama's native `/api/chat`, as a provider speaks it. */
export const OLLAMA_CODEC: ChatCodec = {
  name: 'ollama',
  streamType: 'application/x-ndjson',
  decodeRequest,
  encodeRequest,
  decoder: decoderFor,
  encoder: encoderFor,
  toUpstreamError,
};
