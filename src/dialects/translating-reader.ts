import { type AnswerReader, type AnswerReading, NO_BYTES } from '../core/answer.js';
import type { AnswerDecoder, AnswerEncoder, AnswerEvent, EventSink } from '../core/answer-event.js';
import { type GatewayError, toGatewayError } from '../core/errors.js';
import type { Usage } from '../core/usage.js';
import { toServiceTier } from './wire-usage.js';

/** Reads an answer of one dialect and gives it on in another, event by event, with the meter between the two. */
export class TranslatingReader implements AnswerReader {
  failure: GatewayError | undefined;
  private readonly decoder: AnswerDecoder;
  private readonly generated: string[] = [];
  private out = '';
  private begun = false;
  private done = false;
  private usage: Usage | undefined;
  private costNanoUsd: bigint | undefined;
  private serviceTier: string | undefined;

  constructor(
    decoderFor: (sink: EventSink) => AnswerDecoder,
    private readonly encoder: AnswerEncoder,
  ) {
    this.decoder = decoderFor((event) => this.take(event));
  }

  get isDone(): boolean {
    return this.done;
  }

  get reading(): AnswerReading {
    const { usage, costNanoUsd, serviceTier } = this;
    return { usage, costNanoUsd, serviceTier: toServiceTier(serviceTier), generatedText: () => this.generated.join('') };
  }

  read(chunk: Buffer): Buffer {
    if (this.failure || this.done) return NO_BYTES;
    this.attempt(() => this.decoder.read(chunk));
    return this.takeOut();
  }

  end(): Buffer {
    if (!this.done) {
      this.attempt(() => this.decoder.end());
      if (this.failure) throw this.failure;
    }
    return this.takeOut();
  }

  /** Before the first event it is the attempt that failed, and another target may hide it; after it the client must be told. */
  private attempt(read: () => void): void {
    try {
      read();
    } catch (error) {
      if (!this.begun) throw error;
      this.failure = toGatewayError(error);
    }
  }

  private take(event: AnswerEvent): void {
    this.meter(event);
    if (event.kind === 'usage' && !this.begun) return;
    this.begun = true;
    this.out += this.encoder.encode(event);
    if (event.kind === 'end') this.done = true;
  }

  private meter(event: AnswerEvent): void {
    switch (event.kind) {
      case 'text':
      case 'reasoning':
      case 'refusal':
      case 'tool_arguments':
        this.generated.push(event.text);
        break;
      case 'tool_call':
        this.generated.push(event.name);
        break;
      case 'start':
        this.serviceTier = event.serviceTier;
        break;
      case 'usage':
        this.usage = event.usage;
        this.serviceTier = event.serviceTier ?? this.serviceTier;
        this.costNanoUsd = event.costNanoUsd ?? this.costNanoUsd;
        break;
      default:
    }
  }

  private takeOut(): Buffer {
    if (this.out === '') return NO_BYTES;
    const bytes = Buffer.from(this.out);
    this.out = '';
    return bytes;
  }
}
