import { type AnswerReader, type AnswerReading, NO_BYTES } from '../../core/answer.js';
import { GatewayError } from '../../core/errors.js';
import type { Usage } from '../../core/usage.js';
import { toErrorOfAnswer } from '../openai/openai.upstream-error.js';
import { toCostNanoUsd, toServiceTier } from '../wire-usage.js';
import { toUsage } from './openai-responses.usage.js';
import { parseObject } from './wire-event.js';
import { listOf, type WireObject } from './wire-values.js';

const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/** Collects a body until it is whole. */
export class WholeBody {
  private readonly chunks: Buffer[] = [];
  private bytes = 0;

  add(chunk: Buffer): void {
    this.bytes += chunk.length;
    if (this.bytes > MAX_ANSWER_BYTES) {
      throw new GatewayError('upstream_protocol', 'The provider sent an answer that is too long to be one.');
    }
    this.chunks.push(chunk);
  }

  toBuffer(): Buffer {
    return this.chunks.length === 1 ? this.chunks[0]! : Buffer.concat(this.chunks);
  }
}

/** A plain answer as a response object. Throws the error that stands in its place, and `upstream_protocol` for what is neither. */
export function parseResponse(body: Buffer): WireObject {
  return checkResponse(parseBody(body));
}

function parseBody(body: Buffer): WireObject {
  const response = parseObject(body.toString('utf8'));
  if (!response) throw new GatewayError('upstream_protocol', 'The provider answered with something that is not JSON.');
  return response;
}

function checkResponse(response: WireObject): WireObject {
  if (Array.isArray(response['output'])) return response;
  if (response['error'] != null) throw toErrorOfAnswer(response['error']);
  throw new GatewayError('upstream_protocol', 'The provider answered with something that is not a response.');
}

/**
 * Lets a plain Responses answer go, untouched, only when it is whole and sound. Whatever status it has is the provider's
 * answer: `queued` is how one that is made in the background begins, and `failed` says so itself.
 */
export class OpenAiResponsesPlain implements AnswerReader {
  readonly failure = undefined;
  readonly isDone = false;
  private readonly body = new WholeBody();
  private response: WireObject | undefined;
  private usage: Usage | undefined;
  private costNanoUsd: bigint | undefined;
  private serviceTier: string | undefined;

  get reading(): AnswerReading {
    const { usage, costNanoUsd, serviceTier } = this;
    return { usage, costNanoUsd, serviceTier, generatedText: () => textsOf(listOf(this.response?.['output'])).join('\n') };
  }

  read(chunk: Buffer): Buffer {
    this.body.add(chunk);
    return NO_BYTES;
  }

  end(): Buffer {
    const body = this.body.toBuffer();
    const response = parseBody(body);
    // What comes with an error in its place may have cost something all the same.
    this.usage = toUsage(response['usage']);
    this.costNanoUsd = toCostNanoUsd(response['usage']);
    this.serviceTier = toServiceTier(response['service_tier']);
    this.response = checkResponse(response);
    return body;
  }
}

/** What a model says in an item: text, thoughts, refusals, a tool's name and arguments. Encrypted thoughts cannot be counted. */
const GENERATED = new Set(['text', 'refusal', 'name', 'arguments', 'input', 'code']);

function textsOf(value: unknown, name = ''): string[] {
  if (typeof value === 'string') return GENERATED.has(name) ? [value] : [];
  if (Array.isArray(value)) return value.flatMap((one) => textsOf(one));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => textsOf(inner, key));
}
