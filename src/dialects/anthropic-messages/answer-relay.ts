import { type AnswerReader, type AnswerReading, NO_BYTES } from '../../core/answer.js';
import type { AnswerEvent } from '../../core/answer-event.js';
import { type GatewayError, toGatewayError } from '../../core/errors.js';
import type { Usage } from '../../core/usage.js';
import { MessagePlainDecoder, readRest } from './answer-decoder.js';
import { AnswerEvents } from './answer-events.js';
import { MessageFrames } from './message-frames.js';
import { toServiceTier } from '../wire-usage.js';

const LF = 0x0a;
const BLANK_LINE = Buffer.from('\n\n');

/** Reads along with an answer that goes on as it is. */
class Meter implements AnswerReading {
  usage: Usage | undefined;
  readonly costNanoUsd = undefined;
  serviceTier: string | undefined;
  private readonly generated: string[] = [];

  readonly take = (event: AnswerEvent): void => {
    if (event.kind === 'usage') this.usage = event.usage;
    else if (event.kind === 'start') this.serviceTier = toServiceTier(event.serviceTier);
    else if (event.kind === 'tool_call') this.generated.push(event.name);
    else if (event.kind === 'text' || event.kind === 'reasoning' || event.kind === 'tool_arguments') this.generated.push(event.text);
  };

  generatedText(): string {
    return this.generated.join('');
  }
}

/** Relays a Messages stream: the provider's own frames, byte for byte, with the meter reading along. */
export class MessageStreamRelay implements AnswerReader {
  failure: GatewayError | undefined;
  readonly reading = new Meter();
  private readonly frames = new MessageFrames();
  private readonly events = new AnswerEvents(this.reading.take);
  private readonly early: Buffer[] = [];

  get isDone(): boolean {
    return this.events.isDone;
  }

  read(chunk: Buffer): Buffer {
    if (this.failure || this.isDone) return NO_BYTES;
    const out = this.frames.read(chunk, (payload) => this.take(payload));
    if (this.events.hasBegun && this.early.length === 0) return out;
    this.early.push(out);
    return this.events.hasBegun ? Buffer.concat(this.early.splice(0)) : NO_BYTES;
  }

  end(): Buffer {
    if (this.isDone) return NO_BYTES;
    const rest = this.frames.rest();
    readRest(this.events, rest);
    return Buffer.concat([...this.early, rest, rest.at(-1) === LF ? BLANK_LINE.subarray(1) : BLANK_LINE]);
  }

  /** Before the first event it is the attempt that failed, and another target may hide it; after it the client must be told. */
  private take(payload: string | undefined): boolean {
    if (this.isDone) return false;
    if (payload === undefined) return true;
    try {
      this.events.readEvent(payload);
      return true;
    } catch (error) {
      if (!this.events.hasBegun) throw error;
      this.failure = toGatewayError(error);
      return false;
    }
  }
}

/** Collects a plain Messages answer and lets it go, untouched, only when it is whole and sound. */
export class MessagePlainRelay implements AnswerReader {
  readonly failure = undefined;
  readonly isDone = false;
  readonly reading = new Meter();
  private readonly decoder = new MessagePlainDecoder(this.reading.take);

  read(chunk: Buffer): Buffer {
    this.decoder.read(chunk);
    return NO_BYTES;
  }

  end(): Buffer {
    this.decoder.end();
    return this.decoder.body();
  }
}
