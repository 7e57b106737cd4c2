import type { AnswerDecoder, EventSink } from '../../core/answer-event.js';
import { payloadText } from '../sse/frame-splitter.js';
import { AnswerEvents } from './answer-events.js';
import { toErrorOfAnswer } from './anthropic-messages.upstream-error.js';
import { MessageFrames } from './message-frames.js';
import { asObject, brokenAnswer, endedTooEarly, parsedObject } from './wire-event.js';

const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/** Reads a streamed Messages answer. */
export class MessageStreamDecoder implements AnswerDecoder {
  private readonly frames = new MessageFrames();
  private readonly events: AnswerEvents;

  constructor(sink: EventSink) {
    this.events = new AnswerEvents(sink);
  }

  read(chunk: Buffer): void {
    if (this.events.isDone) return;
    this.frames.read(chunk, (payload) => {
      if (payload !== undefined) this.events.readEvent(payload);
      return !this.events.isDone;
    });
  }

  end(): void {
    if (!this.events.isDone) readRest(this.events, this.frames.rest());
  }
}

/**
 * Reads what was left when the body of a stream ended: a last frame without its blank line, or the plain body of an error.
 * Throws `upstream_protocol` if the answer is not whole even with it.
 */
export function readRest(events: AnswerEvents, rest: Buffer): void {
  const payload = payloadText(rest) ?? rest.toString('utf8');
  const event = parsedObject(payload);
  if (event && !events.hasBegun && asObject(event['error'])) throw toErrorOfAnswer(event);
  if (event) events.readEvent(payload);
  if (!events.isDone) throw endedTooEarly();
}

/** Collects a plain answer and reads it when it is whole. */
export class MessagePlainDecoder implements AnswerDecoder {
  private readonly chunks: Buffer[] = [];
  private bytes = 0;
  private readonly events: AnswerEvents;

  constructor(sink: EventSink) {
    this.events = new AnswerEvents(sink);
  }

  read(chunk: Buffer): void {
    this.bytes += chunk.length;
    if (this.bytes > MAX_ANSWER_BYTES) throw brokenAnswer('sent an answer that is too long to be one');
    this.chunks.push(chunk);
  }

  end(): void {
    const message = parsedObject(this.body().toString('utf8'));
    if (!message) throw brokenAnswer('answered with something that is not JSON');
    this.events.readMessage(message);
  }

  /** All that came, as it came. */
  body(): Buffer {
    return this.chunks.length === 1 ? this.chunks[0]! : Buffer.concat(this.chunks);
  }
}
