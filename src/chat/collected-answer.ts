import type { AnswerSink } from './client-stream.js';

/** Takes a whole answer for somebody inside the gateway who asked a question; it never hangs up and never has to wait. */
export class CollectedAnswer implements AnswerSink {
  private readonly chunks: Buffer[] = [];
  writableEnded = false;

  get writableFinished(): boolean {
    return this.writableEnded;
  }

  get body(): Buffer {
    return Buffer.concat(this.chunks);
  }

  once(): void {}

  writeHead(): void {}

  write(bytes: Buffer): boolean {
    this.chunks.push(bytes);
    return true;
  }

  end(bytes: Buffer | string): void {
    this.write(Buffer.from(bytes));
    this.writableEnded = true;
  }
}
