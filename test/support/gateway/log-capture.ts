import { Writable } from 'node:stream';

/** One line of the gateway's log, parsed. */
export type LogLine = Readonly<Record<string, unknown>>;

const POLL_MS = 5;
const PATIENCE_MS = 2_000;

/** Where a gateway under test logs to: all of it is kept, as text and line by line. */
export class LogCapture extends Writable {
  text = '';

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    done();
  }

  get lines(): readonly LogLine[] {
    const whole = this.text.slice(0, this.text.lastIndexOf('\n') + 1);
    return whole
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as LogLine);
  }

  /** The lines that name this request, as they stand now. */
  linesOf(requestId: string): readonly LogLine[] {
    return this.lines.filter((line) => JSON.stringify(line).includes(requestId));
  }

  /** The lines that name this request, as soon as there is one: a line is written when its response has closed. */
  async untilLinesOf(requestId: string): Promise<readonly LogLine[]> {
    const deadline = Date.now() + PATIENCE_MS;
    while (this.linesOf(requestId).length === 0) {
      if (Date.now() > deadline) throw new Error(`no line in the log names request ${requestId} within ${PATIENCE_MS} ms`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    return this.linesOf(requestId);
  }
}
