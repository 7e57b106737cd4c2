import type { ClientDialect } from '../dialect.js';
import { toOpenAiError } from '../openai/openai.error.js';
import { toUpstreamError } from '../openai/openai.upstream-error.js';
import { EmbeddingsReader } from './embeddings.reader.js';
import { parseEmbeddings, promptOf, toUpstreamBody } from './embeddings.request.js';
import { bearingOf } from './embeddings.bound.js';

/** OpenAI's Embeddings. They never stream. */
export const EMBEDDINGS: ClientDialect = {
  name: 'embeddings',
  parse: parseEmbeddings,
  relayBody: toUpstreamBody,
  relay: () => new EmbeddingsReader(),
  prompt: promptOf,
  bearing: bearingOf,
  toUpstreamError,
  toError: toOpenAiError,
  toErrorFrame: (error, requestId) => `data: ${toOpenAiError(error, requestId).body}\n\n`,
};
