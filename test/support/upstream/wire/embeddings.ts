type Wire = Readonly<Record<string, unknown>>;

export const EMBEDDING_TOKENS = 12;

/** The vector of the input at this place: numbers that 32-bit floats hold exactly. */
export function vectorOf(index: number): number[] {
  return [0.25, -0.5, 0.125, index];
}

/** How many inputs a request has: texts, or lists of tokens. */
function countOf(input: unknown): number {
  return Array.isArray(input) && typeof input[0] !== 'number' ? input.length : 1;
}

function vectorsOf({ input }: Wire): number[][] {
  return Array.from({ length: countOf(input) }, (_, index) => vectorOf(index));
}

/** Little-endian 32-bit floats. */
function toBase64(vector: readonly number[]): string {
  const bytes = Buffer.alloc(vector.length * 4);
  vector.forEach((value, index) => bytes.writeFloatLE(value, index * 4));
  return bytes.toString('base64');
}

/** As OpenAI answers `/v1/embeddings`. */
export function openaiEmbeddings(body: Wire): object {
  const data = vectorsOf(body).map((vector, index) => ({
    object: 'embedding',
    index,
    embedding: body['encoding_format'] === 'base64' ? toBase64(vector) : vector,
  }));
  return { object: 'list', data, model: body['model'], usage: { prompt_tokens: EMBEDDING_TOKENS, total_tokens: EMBEDDING_TOKENS } };
}

/** As Ollama answers `/api/embed`. */
export function ollamaEmbeddings(body: Wire): object {
  const { model } = body;
  return { model, embeddings: vectorsOf(body), total_duration: 14_143_917, load_duration: 1_019_500, prompt_eval_count: EMBEDDING_TOKENS };
}
