import type { AnswerReader, AnswerReading } from '../core/answer.js';
import type { ClientDialectName, ModelRequest } from '../core/call.js';
import type { GatewayError } from '../core/errors.js';
import type { ProviderId } from '../core/provider-state.js';
import { idsInAnswer } from './answer-ids.js';
import { frameEnd, payloadText } from './sse/frame-splitter.js';

/** The events of a stream that name what the provider keeps, by a word that stands in them. */
const EVENTS: Readonly<Record<ClientDialectName, RegExp>> = {
  'openai-responses': /"response\.(?:completed|incomplete|failed|created)"/,
  'anthropic-messages': /"(?:message_start|content_block_start|message_delta)"/,
  'openai-chat': /"audio"/,
  embeddings: /(?!)/,
};

/** A relay that also reads the ids which the answer gives its tenant: later requests may name them. */
export class IdReader implements AnswerReader {
  readonly ids: ProviderId[] = [];

  constructor(
    private readonly relay: AnswerReader,
    private readonly request: Pick<ModelRequest, 'dialect' | 'stream' | 'parsed'>,
  ) {}

  get isDone(): boolean {
    return this.relay.isDone;
  }

  get failure(): GatewayError | undefined {
    return this.relay.failure;
  }

  get reading(): AnswerReading {
    return this.relay.reading;
  }

  read(chunk: Buffer): Buffer {
    return this.look(this.relay.read(chunk));
  }

  end(): Buffer {
    return this.look(this.relay.end());
  }

  /** What the relay lets go is whole: frames of a stream, or the whole of a plain answer. */
  private look(bytes: Buffer): Buffer {
    if (bytes.length === 0) return bytes;
    if (!this.request.stream) this.add(bytes.toString('utf8'));
    else this.lookAtFrames(bytes);
    return bytes;
  }

  private lookAtFrames(bytes: Buffer): void {
    let at = 0;
    for (let end = frameEnd(bytes, at); end >= 0; end = frameEnd(bytes, at)) {
      const frame = bytes.subarray(at, end);
      at = end;
      if (!EVENTS[this.request.dialect].test(frame.toString('latin1'))) continue;
      const payload = payloadText(frame);
      if (payload !== undefined) this.add(payload);
    }
  }

  private add(json: string): void {
    const known = new Set(this.ids.map(({ id }) => id));
    const ids = idsInAnswer(this.request.dialect, JSON.parse(json) as unknown, this.request.parsed);
    this.ids.push(...ids.filter(({ id }) => !known.has(id)));
  }
}
