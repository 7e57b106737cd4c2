import type { ModelRequest } from '../../core/call.js';
import { concernsOf, type FieldTable, neutral, OPENROUTER_FIELDS } from '../billing/field-table.js';
import { objectOf } from '../billing/json.js';
import type { PriceBearing } from '../billing/price-bearing.js';
import { bodyOf, inputsOf, promptOf } from './embeddings.request.js';

/** What each field of a body does to its price. Source: OpenAI's published `CreateEmbeddingRequest`. */
const FIELDS: FieldTable = new Map([
  ...OPENROUTER_FIELDS,
  ...neutral('model', 'clamp', 'input', 'encoding_format', 'dimensions', 'user', 'input_type', 'truncate'),
]);

/** All of an Embeddings body that its price can depend on: what goes in, for nothing is generated. */
export function bearingOf(request: ModelRequest): PriceBearing {
  const { texts, extraTokens } = promptOf(request);
  return {
    // Tokens that came ready-made count as what they are.
    prompt: { texts, opaqueBytes: extraTokens, media: [], mediaChars: 0, cache: undefined },
    generates: false,
    limit: undefined,
    mayClamp: false,
    leastAnswer: 0,
    answers: 1,
    predictedBytes: 0,
    speaks: false,
    messages: inputsOf(bodyOf(request)),
    tools: 0,
    hasSchema: false,
    builtInToolTokens: 0,
    keptPrompt: undefined,
    concerns: concernsOf(objectOf(request.parsed), FIELDS),
  };
}
