import type { EncodingFormat } from './embeddings.schema.js';

const FLOAT_BYTES = 4;

/** A vector as base64 of little-endian float32, as the Embeddings API packs it. */
function toBase64(vector: readonly number[]): string {
  const bytes = Buffer.allocUnsafe(vector.length * FLOAT_BYTES);
  vector.forEach((value, index) => bytes.writeFloatLE(value, index * FLOAT_BYTES));
  return bytes.toString('base64');
}

/** What an answer says besides its vectors, and how it says them. */
interface VectorTerms {
  readonly model: string;
  readonly promptTokens: number;
  readonly format: EncodingFormat;
}

/** An Embeddings answer of these vectors, in their order. */
export function toEmbeddingsAnswer(vectors: readonly (readonly number[])[], { model, promptTokens, format }: VectorTerms): Buffer {
  const data = vectors.map((vector, index) => ({
    object: 'embedding',
    index,
    embedding: format === 'base64' ? toBase64(vector) : vector,
  }));
  const usage = { prompt_tokens: promptTokens, total_tokens: promptTokens };
  return Buffer.from(JSON.stringify({ object: 'list', data, model, usage }));
}
