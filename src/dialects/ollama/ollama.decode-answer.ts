import type { AnswerDecoder, EventSink } from '../../core/answer-event.js';
import { AnswerLines, notAnAnswer } from './answer-lines.js';
import { LineSplitter } from './line-splitter.js';

const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/** Reads an answer of `/api/chat`. */
export function decoderFor(stream: boolean, sink: EventSink): AnswerDecoder {
  return stream ? new OllamaStreamDecoder(sink) : new OllamaPlainDecoder(sink);
}

class OllamaStreamDecoder implements AnswerDecoder {
  private readonly splitter = new LineSplitter();
  private readonly lines: AnswerLines;

  constructor(sink: EventSink) {
    this.lines = new AnswerLines(sink);
  }

  read(chunk: Buffer): void {
    for (const line of this.splitter.take(chunk)) this.lines.read(line);
  }

  end(): void {
    // The last line may come without its line end.
    this.lines.read(this.splitter.rest());
    if (!this.lines.isDone) throw notAnAnswer('only the beginning of an answer');
  }
}

class OllamaPlainDecoder implements AnswerDecoder {
  private readonly chunks: Buffer[] = [];
  private bytes = 0;

  constructor(private readonly sink: EventSink) {}

  read(chunk: Buffer): void {
    this.bytes += chunk.length;
    if (this.bytes > MAX_ANSWER_BYTES) throw notAnAnswer('an answer that is too long to be one');
    this.chunks.push(chunk);
  }

  end(): void {
    const lines = new AnswerLines(this.sink);
    lines.read(Buffer.concat(this.chunks).toString('utf8'));
    if (!lines.isDone) throw notAnAnswer('only the beginning of an answer');
  }
}
