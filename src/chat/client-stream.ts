import type { FastifyReply } from 'fastify';
import type { Clock } from '../core/clock.js';
import type { GatewayError } from '../core/errors.js';
import type { ClientDialect } from '../dialects/index.js';
import { clientClosed } from './client-closed.js';
import { toChunk, toLastChunks } from './chunked-coding.js';

/** What an answer is written to: Node's response, or whoever stands for it. */
export interface AnswerSink {
  readonly writableEnded: boolean;
  readonly writableFinished: boolean;
  /** Where it writes a body in pieces: whether it frames them itself. */
  chunkedEncoding?: boolean;
  once(event: 'close' | 'drain', listener: () => void): unknown;
  /** `headers` are names and values in turn. */
  writeHead(status: number, headers: string[]): unknown;
  /** False when it cannot take more for now. */
  write(bytes: Buffer): boolean;
  end(bytes: Buffer | string): unknown;
}

/** Keeps what a client gets. */
export interface AnswerCopy {
  add(bytes: Buffer): void;
}

/**
 * The way to the client of one model call. From the hijack on everything that reaches the client goes through here: neither
 * Fastify's hooks nor Nest's filter touch the reply any more.
 */
export class ClientStream {
  hasBegun = false;
  /** The client hung up before it had everything. */
  isGone = false;
  /** The status that was sent; 499 if the client left before there was one. */
  status = 499;
  /** On the clock's scale of spans: when the client last got something. */
  lastWriteAt: number;
  /** What goes to the client goes here too, where that is kept. */
  copy: AnswerCopy | undefined;
  onGone: (() => void) | undefined;
  onDrain: (() => void) | undefined;
  private isChunked = false;
  private isWaiting = false;
  private leaving: AbortController | undefined;

  private constructor(
    private readonly raw: AnswerSink,
    private readonly dialect: ClientDialect,
    private readonly requestId: string,
    private readonly clock: Clock,
  ) {
    this.lastWriteAt = clock.elapsed();
    raw.once('close', () => {
      if (raw.writableFinished) return;
      this.isGone = true;
      this.onGone?.();
      this.leaving?.abort(clientClosed());
    });
  }

  static hijack(reply: FastifyReply, dialect: ClientDialect, clock: Clock): ClientStream {
    reply.hijack();
    return new ClientStream(reply.raw, dialect, reply.request.id, clock);
  }

  /** For an answer that does not leave the gateway. */
  static into(sink: AnswerSink, dialect: ClientDialect, requestId: string, clock: Clock): ClientStream {
    return new ClientStream(sink, dialect, requestId, clock);
  }

  /** Aborts when the client leaves, with `client_closed`; for those who wait. Made only for them: nearly no call has to. */
  get abandoned(): AbortSignal {
    if (!this.leaving) {
      this.leaving = new AbortController();
      if (this.isGone) this.leaving.abort(clientClosed());
    }
    return this.leaving.signal;
  }

  /** Sends the head. `headers` are names and values in turn. */
  begin(status: number, headers: string[]): void {
    this.hasBegun = true;
    this.status = status;
    if (this.isGone) return;
    // What hooks have set before the hijack, such as those of CORS, Node merges by itself.
    this.raw.writeHead(status, headers);
    if (!this.raw.chunkedEncoding) return;
    // Node hands each chunk to the socket as four pieces; we make it one.
    this.raw.chunkedEncoding = false;
    this.isChunked = true;
  }

  /** False when the client cannot take more for now: `onDrain` says when it can. */
  write(bytes: Buffer): boolean {
    this.lastWriteAt = this.clock.elapsed();
    if (this.copy && !this.isGone) this.copy.add(bytes);
    if (this.isGone || this.raw.write(this.isChunked ? toChunk(bytes) : bytes)) return true;
    this.waitForDrain();
    return false;
  }

  /** Once, however much is written meanwhile; nearly no call has to wait, and none pays for it before it does. */
  private waitForDrain(): void {
    if (this.isWaiting) return;
    this.isWaiting = true;
    this.raw.once('drain', () => {
      this.isWaiting = false;
      this.onDrain?.();
    });
  }

  end(bytes: Buffer): void {
    if (this.isGone) return;
    this.copy?.add(bytes);
    this.raw.end(this.isChunked ? toLastChunks(bytes) : bytes);
  }

  /**
   * Tells the client of an error: as an answer of its own or, once a stream has begun, as its last event. What was begun is
   * then ended without the words that would make it look complete.
   */
  fail(error: GatewayError, headers: string[] = []): void {
    if (this.isGone || this.raw.writableEnded) return;
    if (this.hasBegun) {
      this.end(Buffer.from(this.dialect.toErrorFrame(error, this.requestId)));
      return;
    }
    const { status, body } = this.dialect.toError(error, this.requestId);
    const { retryAfterMs } = error.details;
    if (retryAfterMs !== undefined) {
      headers.push('retry-after', String(Math.ceil(retryAfterMs / 1000)), 'retry-after-ms', String(Math.ceil(retryAfterMs)));
    }
    // Asking again would find the same budget.
    if (error.kind === 'budget_exhausted') headers.push('x-should-retry', 'false');
    const length = String(Buffer.byteLength(body));
    this.begin(status, [
      'content-type',
      'application/json; charset=utf-8',
      'content-length',
      length,
      'x-request-id',
      this.requestId,
      // The same under the name that Anthropic's clients read.
      'request-id',
      this.requestId,
      ...headers,
    ]);
    this.copy?.add(Buffer.from(body));
    this.raw.end(body);
  }
}
