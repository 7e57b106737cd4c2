import { type AnswerReader, type AnswerReading, NO_BYTES } from '../../core/answer.js';
import type { ModelRequest } from '../../core/call.js';
import { GatewayError } from '../../core/errors.js';
import { NO_USAGE, type Usage } from '../../core/usage.js';
import { toErrorOfAnswer } from '../openai/openai.upstream-error.js';
import { bodyOf, inputsOf } from './embeddings.request.js';
import type { EmbeddingsBody } from './embeddings.schema.js';
import { toEmbeddingsAnswer } from './vectors.js';
import { toTokens } from '../wire-usage.js';
import { notAnAnswer, parseAnswer, WholeAnswer } from './whole-answer.js';

/**
 * An Embeddings request as the body of Ollama's `POST /api/embed`, and the fields that are mere hints and not in it.
 * Throws `unsupported_parameter` for tokens as the input, and for a hint where the client is strict.
 * Source: ollama/ollama, `api/types.go`.
 */
export function toOllamaEmbed(request: ModelRequest, model: string): { body: Buffer; dropped: readonly string[] } {
  const { input, dimensions } = bodyOf(request);
  if (isTokens(input)) {
    const what = 'The provider of this model takes no tokens in `input`. Send the text itself, or ask another model.';
    throw new GatewayError('unsupported_parameter', what, { param: 'input' });
  }
  const dropped = hintsOf(request);
  if (request.strict && dropped.length > 0) throw notCarried(dropped[0]!);
  // Without `truncate: false` the server embeds the beginning of a text that is too long, and says nothing.
  const body = { model, input, truncate: false, ...(dimensions != null && { dimensions }) };
  return { body: Buffer.from(JSON.stringify(body)), dropped };
}

const CARRIED = new Set(['model', 'clamp', 'input', 'encoding_format', 'dimensions']);

function hintsOf(request: ModelRequest): string[] {
  const body = bodyOf(request);
  return Object.keys(body).filter((key) => {
    const isOurs = key === 'provider' && request.providerAsked !== undefined;
    return !CARRIED.has(key) && !isOurs && body[key] != null;
  });
}

function isTokens(input: EmbeddingsBody['input']): boolean {
  return typeof input !== 'string' && typeof input[0] !== 'string';
}

function notCarried(field: string): GatewayError {
  const what = `The provider of this model has no counterpart for \`${field}\`. Leave it out, or send the request without \`x-tollgate-strict\`.`;
  return new GatewayError('unsupported_parameter', what, { param: field });
}

/** Reads an answer of `/api/embed` and gives it on as an Embeddings answer, in the encoding that the client asked for. */
export class OllamaEmbedReader implements AnswerReader {
  readonly failure = undefined;
  readonly isDone = false;
  private readonly answer = new WholeAnswer();
  private readonly asked: EmbeddingsBody;
  private usage: Usage | undefined;

  /** `model` is shown unless the answer names one. */
  constructor(
    request: Pick<ModelRequest, 'parsed'>,
    private readonly model: string,
  ) {
    this.asked = bodyOf(request);
  }

  get reading(): AnswerReading {
    return { usage: this.usage, costNanoUsd: undefined, serviceTier: undefined, generatedText: () => '' };
  }

  read(chunk: Buffer): Buffer {
    this.answer.add(chunk);
    return NO_BYTES;
  }

  end(): Buffer {
    const answer = parseAnswer(this.answer.body());
    if (answer['error'] != null) throw toErrorOfAnswer(answer['error']);
    const vectors = this.vectorsOf(answer['embeddings']);
    const promptTokens = toTokens(answer['prompt_eval_count']);
    if (promptTokens !== undefined) this.usage = { ...NO_USAGE, input: promptTokens };
    const model = typeof answer['model'] === 'string' ? answer['model'] : this.model;
    return toEmbeddingsAnswer(vectors, { model, promptTokens: promptTokens ?? 0, format: this.asked.encoding_format ?? 'float' });
  }

  private vectorsOf(wire: unknown): number[][] {
    if (!isVectors(wire)) throw notAnAnswer('something that is no list of embeddings');
    const asked = inputsOf(this.asked);
    if (wire.length !== asked) throw notAnAnswer(`${wire.length} embeddings for ${asked} inputs`);
    this.checkDimensions(wire);
    return wire;
  }

  /** Ollama shortens vectors and leaves those alone that are too short already. */
  private checkDimensions(vectors: readonly number[][]): void {
    const { dimensions } = this.asked;
    const other = dimensions == null ? undefined : vectors.find((vector) => vector.length !== dimensions);
    if (!other) return;
    const what = `This model makes vectors of ${other.length} \`dimensions\`, not of ${dimensions}. Ask for fewer, or leave it out.`;
    throw new GatewayError('unsupported_parameter', what, { param: 'dimensions' });
  }
}

function isVectors(wire: unknown): wire is number[][] {
  return Array.isArray(wire) && wire.every((vector) => Array.isArray(vector) && vector.every((value) => typeof value === 'number'));
}
