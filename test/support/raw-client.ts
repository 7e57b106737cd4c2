import { connect, type Socket } from 'node:net';
import { ChunkedBody } from './raw-client/chunked-body.js';

export interface RawRequest {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

export interface RawHead {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

export interface RawAnswer extends RawHead {
  readonly body: Buffer;
  /** The message was framed to its end: all of the content-length, or the last chunk. False for a connection that just closed. */
  readonly whole: boolean;
}

const HEAD_END = '\r\n\r\n';

/** HTTP/1.1 on a bare socket: sees bytes as they come, can stop reading, and can hang up at any moment. One request each. */
export class RawClient {
  readonly head: Promise<RawHead>;
  readonly answer: Promise<RawAnswer>;
  private readonly pieces: Buffer[] = [];
  private bodyBytes = 0;
  private received: Buffer = Buffer.alloc(0);
  private framing: { readonly head: RawHead; readonly chunked: ChunkedBody | undefined } | undefined;
  private settleHead!: (head: RawHead) => void;
  private settleAnswer!: (answer: RawAnswer) => void;
  private fail!: (error: Error) => void;
  private watchers: { readonly reached: (body: Buffer) => boolean; readonly resolve: () => void }[] = [];

  private constructor(
    private readonly socket: Socket,
    private readonly expectsBody: boolean,
  ) {
    this.head = new Promise((resolve) => (this.settleHead = resolve));
    this.answer = new Promise((resolve, reject) => {
      this.settleAnswer = resolve;
      this.fail = reject;
    });
    this.answer.catch(() => undefined);
    socket.on('data', (bytes) => this.read(bytes));
    socket.on('error', () => undefined);
    socket.on('close', () => this.finish(false));
  }

  static async send(baseUrl: string, request: RawRequest): Promise<RawClient> {
    const { hostname, port } = new URL(baseUrl);
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    const client = new RawClient(socket, request.method !== 'HEAD');
    socket.write(Buffer.concat([Buffer.from(toHead(request)), Buffer.from(request.body ?? '')]));
    return client;
  }

  /** The body so far, without its transfer coding. */
  get body(): Buffer {
    if (this.pieces.length > 1) this.pieces.splice(0, this.pieces.length, Buffer.concat(this.pieces));
    return this.pieces[0] ?? Buffer.alloc(0);
  }

  /** Resolves when the body so far fulfils `reached`. */
  until(reached: (body: Buffer) => boolean): Promise<void> {
    if (reached(this.body)) return Promise.resolve();
    return new Promise((resolve) => this.watchers.push({ reached, resolve }));
  }

  /** Reads no more: the kernel's buffers fill, then the peer's writes wait. */
  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  /** Closes the connection now; the answer is `performance.now()` of that moment. */
  hangUp(): number {
    const atMs = performance.now();
    this.socket.destroy();
    return atMs;
  }

  private read(bytes: Buffer): void {
    this.received = this.received.length > 0 ? Buffer.concat([this.received, bytes]) : bytes;
    if (!this.framing && !this.readHead()) return;
    const { head, chunked } = this.framing!;
    const piece = chunked ? chunked.read(this.received) : this.received;
    this.received = Buffer.alloc(0);
    this.pieces.push(piece);
    this.bodyBytes += piece.length;
    this.watchers = this.watchers.filter((watcher) => !(watcher.reached(this.body) && (watcher.resolve(), true)));
    const length = head.headers['content-length'];
    if (!this.expectsBody) this.finish(true);
    else if (chunked ? chunked.done : length !== undefined && this.bodyBytes >= Number(length)) this.finish(true);
  }

  private readHead(): boolean {
    const end = this.received.indexOf(HEAD_END);
    if (end < 0) return false;
    const head = parseHead(this.received.toString('latin1', 0, end));
    this.received = this.received.subarray(end + HEAD_END.length);
    this.framing = { head, chunked: head.headers['transfer-encoding'] === 'chunked' ? new ChunkedBody() : undefined };
    this.settleHead(head);
    return true;
  }

  private finish(whole: boolean): void {
    if (this.framing) this.settleAnswer({ ...this.framing.head, body: this.body, whole });
    else this.fail(new Error('the connection closed before a whole head had come'));
    this.socket.destroy();
  }
}

/** Sends a request and waits for all of its answer. */
export async function rawRequest(baseUrl: string, request: RawRequest): Promise<RawAnswer> {
  const client = await RawClient.send(baseUrl, request);
  return client.answer;
}

function toHead({ method = 'GET', path, headers = {}, body }: RawRequest): string {
  const lines = Object.entries({ host: 'localhost', ...headers }).map(([name, value]) => `${name}: ${value}`);
  const framed = Object.keys(headers).some((name) => /^(content-length|transfer-encoding)$/i.test(name));
  if (body !== undefined && !framed) lines.push(`content-length: ${Buffer.byteLength(body)}`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}${HEAD_END}`;
}

function parseHead(text: string): RawHead {
  const [statusLine = '', ...lines] = text.split('\r\n');
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  return { status: Number(statusLine.split(' ')[1]), headers: Object.fromEntries(headers) };
}
