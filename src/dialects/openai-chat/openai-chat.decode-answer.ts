import type { AnswerDecoder, EventSink } from '../../core/answer-event.js';
import { FrameSplitter, frameEnd, payloadText } from '../sse/frame-splitter.js';
import { malformed } from './malformed.js';
import { ChatAnswerReader } from './openai-chat.answer-reader.js';
import { isObject, type WireObject } from './wire-value.js';

const DONE = '[DONE]';
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/** Reads a Chat Completions answer: events of a stream, or the one completion, which says the same things at once. */
export function decodeAnswer(stream: boolean, sink: EventSink): AnswerDecoder {
  return stream ? new ChatStreamDecoder(sink) : new ChatPlainDecoder(sink);
}

class ChatStreamDecoder implements AnswerDecoder {
  private readonly splitter = new FrameSplitter();
  private readonly answer: ChatAnswerReader;
  private isOver = false;

  constructor(sink: EventSink) {
    this.answer = new ChatAnswerReader(sink);
  }

  read(chunk: Buffer): void {
    const bytes = this.splitter.take(chunk);
    if (bytes === undefined) return;
    let at = 0;
    for (let end = frameEnd(bytes, 0); end >= 0 && !this.isOver; end = frameEnd(bytes, at)) {
      this.readFrame(bytes, at, end);
      at = end;
    }
    if (!this.isOver) this.splitter.hold(bytes.subarray(at));
  }

  end(): void {
    if (this.isOver) return;
    const rest = this.splitter.rest();
    // A last event whose blank line never came is one if it can be read.
    this.readText(payloadText(rest));
    if (!this.isOver) this.finish();
  }

  private readFrame(bytes: Buffer, from: number, end: number): void {
    this.readText(payloadText(bytes, from, end));
  }

  private readText(text: string | undefined): void {
    if (text === undefined || text === '') return;
    const trimmed = text.trim();
    if (trimmed === DONE) this.finish();
    else if (trimmed !== '') this.answer.read(parsed(text), false);
  }

  private finish(): void {
    this.isOver = true;
    this.answer.finish();
  }
}

class ChatPlainDecoder implements AnswerDecoder {
  private readonly chunks: Buffer[] = [];
  private bytes = 0;

  constructor(private readonly sink: EventSink) {}

  read(chunk: Buffer): void {
    this.bytes += chunk.length;
    if (this.bytes > MAX_ANSWER_BYTES) throw malformed('it is too long to be one');
    this.chunks.push(chunk);
  }

  end(): void {
    const answer = new ChatAnswerReader(this.sink);
    answer.read(parsed(Buffer.concat(this.chunks).toString('utf8')), true);
    answer.finish();
  }
}

function parsed(text: string): WireObject {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch {
    // Told below: what cannot be read is the same as what is no object.
  }
  throw malformed('it is not a JSON object');
}
