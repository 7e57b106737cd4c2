import type { AnswerDecoder, EventSink } from '../../core/answer-event.js';
import { FrameSplitter, frameEnd } from '../sse/frame-splitter.js';
import { AnswerItems } from './answer-items.js';
import { parseResponse, WholeBody } from './openai-responses.plain.js';
import { readEnd, readStart, readUsage } from './response-ends.js';
import { endedTooEarly, errorOfEvent, errorOfResponse, eventOf, isTerminal } from './wire-event.js';
import { isObject, listOf, type WireObject } from './wire-values.js';

/** Reads a provider's Responses answer, streamed or plain. */
export function responsesDecoder(stream: boolean, sink: EventSink): AnswerDecoder {
  return stream ? new StreamDecoder(sink) : new PlainDecoder(sink);
}

/** These tell nothing of the answer; a failure right after them is one that another target may hide. */
const PRELUDE = new Set(['response.created', 'response.in_progress', 'response.queued']);

class StreamDecoder implements AnswerDecoder {
  private readonly splitter = new FrameSplitter();
  private readonly items: AnswerItems;
  private created: WireObject = {};
  private begun = false;
  private done = false;

  constructor(private readonly sink: EventSink) {
    this.items = new AnswerItems(sink);
  }

  read(chunk: Buffer): void {
    if (this.done) return;
    const bytes = this.splitter.take(chunk);
    if (!bytes) return;
    let at = 0;
    for (let end = frameEnd(bytes, at); end >= 0 && !this.done; end = frameEnd(bytes, at)) {
      this.readFrame(bytes.subarray(at, end));
      at = end;
    }
    this.splitter.hold(bytes.subarray(at));
  }

  end(): void {
    if (this.done) return;
    this.readFrame(this.splitter.rest());
    if (!this.done) throw endedTooEarly(this.begun ? 'before the response was finished' : 'before it sent an answer');
  }

  private readFrame(frame: Buffer): void {
    const event = eventOf(frame);
    if (event) this.readEvent(event);
  }

  private readEvent(event: WireObject): void {
    const error = errorOfEvent(event);
    if (error) throw error;
    const type = String(event['type']);
    const response = isObject(event['response']) ? event['response'] : {};
    if (PRELUDE.has(type)) this.created = { ...this.created, ...response };
    else if (isTerminal(event)) this.finish(type.slice('response.'.length), response);
    else if (type.startsWith('response.')) {
      this.begin();
      this.items.read(event);
    }
  }

  private begin(): void {
    if (this.begun) return;
    this.begun = true;
    readStart(this.created, this.sink);
  }

  private finish(status: string, response: WireObject): void {
    if (status === 'failed') {
      readUsage(response, this.sink);
      throw errorOfResponse(response);
    }
    if (!this.begun) this.created = { ...this.created, ...response };
    this.begin();
    // Some servers stream no items, and tell all of them at the end.
    if (this.items.count === 0) listOf(response['output']).forEach((item, i) => this.items.addWhole(item, i));
    readEnd({ ...response, status }, this.items, this.sink);
    this.done = true;
  }
}

/** A plain answer is a stream whose items come whole. */
class PlainDecoder implements AnswerDecoder {
  private readonly body = new WholeBody();

  constructor(private readonly sink: EventSink) {}

  read(chunk: Buffer): void {
    this.body.add(chunk);
  }

  end(): void {
    const response = parseResponse(this.body.toBuffer());
    if (response['status'] === 'failed') {
      readUsage(response, this.sink);
      throw errorOfResponse(response);
    }
    const items = new AnswerItems(this.sink);
    readStart(response, this.sink);
    listOf(response['output']).forEach((item, i) => items.addWhole(item, i));
    readEnd(response, items, this.sink);
  }
}
