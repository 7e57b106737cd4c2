import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Attempt } from './attempt.js';

/** Decides what one request gets. It may take as long as it likes: it is told when the socket closes. */
export type Behaviour = (exchange: Exchange) => Promise<void> | void;

/** The upstream's side of one request. Every write waits for the kernel, so a peer that stops reading stops the script. */
export class Exchange {
  constructor(
    readonly attempt: Attempt,
    private readonly response: ServerResponse,
  ) {}

  get closed(): boolean {
    return this.attempt.closure !== undefined;
  }

  /** Sends status and headers now, before any of the body. The first head counts. */
  head(status: number, headers: OutgoingHttpHeaders): void {
    if (this.closed || this.response.headersSent) return;
    this.response.writeHead(status, headers);
    this.response.flushHeaders();
  }

  /** Resolves when the kernel has the bytes and the peer had a turn of the event loop to read them, or the socket is closed. */
  async write(bytes: string | Buffer): Promise<void> {
    if (this.closed || bytes.length === 0) return;
    const chunk = Buffer.from(bytes);
    this.attempt.bytesWritten += chunk.length;
    const taken = new Promise<void>((resolve) => {
      this.response.write(chunk, (error) => {
        if (!error) this.attempt.bytesTaken += chunk.length;
        resolve();
      });
    });
    await Promise.race([taken, this.attempt.closed]);
    await turn();
  }

  end(): void {
    if (!this.closed) this.response.end();
  }

  /** Closes the socket as it stands: an answer under way stays unfinished. */
  cut(): void {
    this.response.socket?.destroy();
  }

  /** The same with a TCP reset. */
  reset(): void {
    this.response.socket?.resetAndDestroy();
  }
}

/** One turn of the event loop for whoever is to read: two, since the first may already have polled. */
async function turn(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
  await new Promise<void>((resolve) => setImmediate(resolve));
}
