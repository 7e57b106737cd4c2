import type { AnswerReading } from '../core/answer.js';
import type { TokenCounter } from '../platform/index.js';

/** Nobody looks at every chunk. */
const LEAST_STEP = 4_096;
/** Other tokenizers than the one that we count by may make fewer tokens of a text. */
const COUNTING_SLACK = 2;

/**
 * Watches a streamed answer that was held at so many tokens, for providers that go on beyond the limit they were given. A token is
 * at least a byte, so that nothing has to be counted before there are more bytes of text than tokens were held.
 */
export class BoundWatch {
  private bytes = 0;
  private most = Infinity;
  private nextAt = Infinity;
  private isCounting = false;

  constructor(private readonly tokens: Pick<TokenCounter, 'count'>) {}

  /** From the next byte on an answer of at most so many tokens may come. */
  expect(tokens: number): void {
    this.most = tokens * COUNTING_SLACK;
    this.bytes = 0;
    this.nextAt = this.most;
  }

  /** So many more bytes have come; `onExceeded` is called, later, if there are too many tokens in the text. */
  saw(bytes: number, reading: AnswerReading, onExceeded: () => void): void {
    this.bytes += bytes;
    if (this.bytes <= this.nextAt || this.isCounting) return;
    const text = reading.generatedText();
    const size = Buffer.byteLength(text);
    if (size <= this.most) this.look(this.most - size);
    else void this.count(text, onExceeded);
  }

  private async count(text: string, onExceeded: () => void): Promise<void> {
    this.isCounting = true;
    const [tokens] = (await this.tokens.count([text])) ?? [0];
    this.isCounting = false;
    if (tokens! > this.most) onExceeded();
    else this.look(this.most - tokens!);
  }

  /** Not before so many bytes more; a long answer is not counted again and again. */
  private look(after: number): void {
    this.nextAt = this.bytes + Math.max(LEAST_STEP, after, this.bytes / 8);
  }
}
