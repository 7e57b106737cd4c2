import { GatewayError } from '../../core/errors.js';

const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/** Collects a plain answer. */
export class WholeAnswer {
  private readonly chunks: Buffer[] = [];
  private bytes = 0;

  add(chunk: Buffer): void {
    this.bytes += chunk.length;
    if (this.bytes > MAX_ANSWER_BYTES) throw notAnAnswer('an answer that is too long to be one');
    this.chunks.push(chunk);
  }

  body(): Buffer {
    return this.chunks.length === 1 ? this.chunks[0]! : Buffer.concat(this.chunks);
  }
}

/** The JSON object that a body is; throws `upstream_protocol` if it is none. */
export function parseAnswer(body: Buffer): Record<string, unknown> {
  try {
    const answer: unknown = JSON.parse(body.toString('utf8'));
    if (typeof answer === 'object' && answer !== null) return answer as Record<string, unknown>;
  } catch {
    // Told below: what cannot be read is the same as what is no object.
  }
  throw notAnAnswer('something that is not JSON');
}

export function notAnAnswer(what: string): GatewayError {
  return new GatewayError('upstream_protocol', `The provider answered with ${what}.`);
}
