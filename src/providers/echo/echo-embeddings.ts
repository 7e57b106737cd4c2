import { createHash } from 'node:crypto';
import { wordsOf } from './echo-answer.js';

/** The numbers of a vector whose length nobody asks for. */
const USUAL_DIMENSIONS = 8;
/** More than any model has; a vector's length is the caller's wish. */
const MOST_DIMENSIONS = 4_096;
const NUMBERS_PER_HASH = 8;
const HIGHEST = 0xffff_ffff;

type Input = string | readonly string[] | readonly number[] | readonly (readonly number[])[];

export interface EmbeddingsBody {
  readonly model: string;
  readonly input: Input;
  readonly dimensions?: number | null;
  readonly encoding_format?: string | null;
}

export type EmbeddingsReply = { readonly status: number; readonly body: object };

/** As OpenAI answers: one vector for each input. */
export function replyToEmbeddings(body: EmbeddingsBody): EmbeddingsReply {
  const dimensions = body.dimensions ?? USUAL_DIMENSIONS;
  if (dimensions > MOST_DIMENSIONS) {
    return { status: 400, body: { error: { message: TOO_MANY, type: 'invalid_request_error', param: 'dimensions', code: null } } };
  }
  const inputs = toInputs(body.input);
  const encode = body.encoding_format === 'base64' ? toBase64 : (vector: readonly number[]) => vector;
  const data = inputs.map((input, index) => ({ object: 'embedding', index, embedding: encode(toVector(input, dimensions)) }));
  const tokens = countTokens(inputs);
  return { status: 200, body: { object: 'list', data, model: body.model, usage: { prompt_tokens: tokens, total_tokens: tokens } } };
}

/** As Ollama answers the same. */
export function replyToOllamaEmbed(body: EmbeddingsBody): EmbeddingsReply {
  const dimensions = body.dimensions ?? USUAL_DIMENSIONS;
  if (dimensions > MOST_DIMENSIONS) return { status: 400, body: { error: TOO_MANY } };
  const inputs = toInputs(body.input);
  const embeddings = inputs.map((input) => toVector(input, dimensions));
  return { status: 200, body: { model: body.model, embeddings, prompt_eval_count: countTokens(inputs) } };
}

const TOO_MANY = `\`dimensions\` is too large. Ask for ${MOST_DIMENSIONS} at most.`;

/** Text, or the tokens of one. */
type OneInput = string | readonly number[];

function toInputs(input: Input): readonly OneInput[] {
  if (typeof input === 'string') return [input];
  return typeof input[0] === 'number' ? [input as readonly number[]] : (input as readonly OneInput[]);
}

function countTokens(inputs: readonly OneInput[]): number {
  return inputs.reduce((sum, input) => sum + (typeof input === 'string' ? wordsOf(input) : input).length, 0);
}

/** A point on the unit sphere that depends on the input alone: the same text is the same point, any other lies anywhere. */
function toVector(input: OneInput, dimensions: number): readonly number[] {
  const text = typeof input === 'string' ? input : input.join(' ');
  const numbers: number[] = [];
  for (let block = 0; numbers.length < dimensions; block++) {
    const hash = createHash('sha256').update(`${block}:${text}`).digest();
    for (let at = 0; at < NUMBERS_PER_HASH && numbers.length < dimensions; at++)
      numbers.push((hash.readUInt32BE(at * 4) / HIGHEST) * 2 - 1);
  }
  const length = Math.hypot(...numbers);
  return numbers.map((number) => Math.fround(number / length));
}

/** Little-endian numbers of 32 bits, as OpenAI packs them. */
function toBase64(vector: readonly number[]): string {
  const bytes = Buffer.alloc(vector.length * 4);
  vector.forEach((number, at) => bytes.writeFloatLE(number, at * 4));
  return bytes.toString('base64');
}
