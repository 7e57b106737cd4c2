import { type AnswerReader, type AnswerReading, NO_BYTES } from '../../core/answer.js';
import { GatewayError } from '../../core/errors.js';
import type { Usage } from '../../core/usage.js';
import { toErrorOfAnswer } from '../openai/openai.upstream-error.js';
import { toCostNanoUsd, toServiceTier } from '../wire-usage.js';
import { toUsage } from './openai-chat.usage.js';

const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/** Collects a plain Chat Completions answer and lets it go, untouched, only when it is whole and sound: a stream of one frame. */
export class OpenAiChatPlain implements AnswerReader {
  readonly failure = undefined;
  readonly isDone = false;
  private readonly chunks: Buffer[] = [];
  private bytes = 0;
  private answer: Record<string, unknown> | undefined;
  private usage: Usage | undefined;
  private costNanoUsd: bigint | undefined;
  private serviceTier: string | undefined;

  get reading(): AnswerReading {
    return {
      usage: this.usage,
      costNanoUsd: this.costNanoUsd,
      serviceTier: this.serviceTier,
      generatedText: () => generatedText(this.answer),
    };
  }

  read(chunk: Buffer): Buffer {
    this.bytes += chunk.length;
    if (this.bytes > MAX_ANSWER_BYTES)
      throw new GatewayError('upstream_protocol', 'The provider sent an answer that is too long to be one.');
    this.chunks.push(chunk);
    return NO_BYTES;
  }

  end(): Buffer {
    const body = this.chunks.length === 1 ? this.chunks[0]! : Buffer.concat(this.chunks);
    const answer = parsed(body);
    // What comes without an answer, or with an error in its place, may have cost something all the same.
    this.usage = toUsage(answer['usage']);
    this.costNanoUsd = toCostNanoUsd(answer['usage']);
    this.serviceTier = toServiceTier(answer['service_tier']);
    // OpenRouter answers 200 with an error when the model had already started.
    if (answer['error'] != null && !Array.isArray(answer['choices'])) throw toErrorOfAnswer(answer['error']);
    if (!Array.isArray(answer['choices'])) {
      throw new GatewayError('upstream_protocol', 'The provider answered with something that is not a chat completion.');
    }
    this.answer = answer;
    return body;
  }
}

function parsed(body: Buffer): Record<string, unknown> {
  try {
    const answer: unknown = JSON.parse(body.toString('utf8'));
    if (typeof answer === 'object' && answer !== null) return answer as Record<string, unknown>;
  } catch {
    // Told below: what cannot be read is the same as what is no object.
  }
  throw new GatewayError('upstream_protocol', 'The provider answered with something that is not JSON.');
}

/** Every string of every choice's message: text, thinking, tool names and arguments. */
function generatedText(answer: Record<string, unknown> | undefined): string {
  const texts: string[] = [];
  const walk = (value: unknown): void => {
    if (typeof value === 'string') texts.push(value);
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(walk);
  };
  for (const choice of (answer?.['choices'] as { message?: unknown }[] | undefined) ?? []) walk(choice?.message);
  return texts.join('\n');
}
