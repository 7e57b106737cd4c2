import { type AnswerReader, type AnswerReading, NO_BYTES } from '../../core/answer.js';
import { NO_USAGE, type Usage } from '../../core/usage.js';
import { toErrorOfAnswer } from '../openai/openai.upstream-error.js';
import { toCostNanoUsd, toTokens } from '../wire-usage.js';
import { notAnAnswer, parseAnswer, WholeAnswer } from './whole-answer.js';

/** Collects an Embeddings answer and lets it go, untouched, only when it is whole and sound. */
export class EmbeddingsReader implements AnswerReader {
  readonly failure = undefined;
  readonly isDone = false;
  private readonly answer = new WholeAnswer();
  private usage: Usage | undefined;
  private costNanoUsd: bigint | undefined;

  get reading(): AnswerReading {
    return { usage: this.usage, costNanoUsd: this.costNanoUsd, serviceTier: undefined, generatedText: () => '' };
  }

  read(chunk: Buffer): Buffer {
    this.answer.add(chunk);
    return NO_BYTES;
  }

  end(): Buffer {
    const body = this.answer.body();
    const { data, error, usage } = parseAnswer(body);
    if (error != null && !Array.isArray(data)) throw toErrorOfAnswer(error);
    if (!Array.isArray(data) || !data.every(isEmbedding)) throw notAnAnswer('something that is no list of embeddings');
    this.usage = toUsage(usage);
    this.costNanoUsd = toCostNanoUsd(usage);
    return body;
  }
}

function isEmbedding(entry: unknown): boolean {
  const embedding = (entry as { embedding?: unknown } | null)?.embedding;
  return Array.isArray(embedding) || typeof embedding === 'string';
}

/** Embeddings are all prompt: some servers report only the total. */
function toUsage(wire: unknown): Usage | undefined {
  const { prompt_tokens: prompt, total_tokens: total } = (wire ?? {}) as Record<string, unknown>;
  const input = toTokens(prompt) ?? toTokens(total);
  return input === undefined ? undefined : { ...NO_USAGE, input };
}
