import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

/** How the exchange of one attempt came to its end, as the upstream saw it. */
export interface Closure {
  /** `performance.now()` when the answer was over or its socket closed. */
  readonly atMs: number;
  /** False if the socket closed before the whole answer was written: the peer hung up, or the script cut it. */
  readonly wholeAnswer: boolean;
}

/** The journal of one request: what the upstream was sent and what it gave away. */
export class Attempt {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** Bytes of the body, as they came. Empty until `received`. */
  body: Buffer = Buffer.alloc(0);
  /** Bytes of the answer's body that were handed to the socket before it closed. */
  bytesWritten = 0;
  /** Of these, the bytes the kernel has taken: what stops growing when the peer reads no more. */
  bytesTaken = 0;
  closure: Closure | undefined;
  readonly received: Promise<void>;
  readonly closed: Promise<Closure>;
  private settleReceived!: () => void;
  private settleClosed!: (closure: Closure) => void;

  constructor(
    readonly number: number,
    request: IncomingMessage,
  ) {
    this.method = request.method ?? '';
    this.path = request.url ?? '';
    this.headers = request.headers;
    this.received = new Promise((resolve) => (this.settleReceived = resolve));
    this.closed = new Promise((resolve) => (this.settleClosed = resolve));
  }

  /** The provider key this attempt came with. */
  get apiKey(): string | undefined {
    return /^Bearer (.+)$/.exec(this.headers.authorization ?? '')?.[1];
  }

  get json(): Record<string, unknown> {
    return JSON.parse(this.body.toString()) as Record<string, unknown>;
  }

  receive(body: Buffer): void {
    this.body = body;
    this.settleReceived();
  }

  close(wholeAnswer: boolean): void {
    if (this.closure) return;
    this.closure = { atMs: performance.now(), wholeAnswer };
    this.settleClosed(this.closure);
  }
}
