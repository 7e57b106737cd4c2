import type { Dispatcher } from 'undici';
import type { UpstreamControl, UpstreamHandler, UpstreamHeaders } from '../core/provider.js';
import type { Demand } from '../platform/index.js';

/** Those of a provider's headers that anybody here asks for. */
const READ: ReadonlySet<string> = new Set(['content-type', 'content-encoding', 'retry-after', 'retry-after-ms']);
const LENGTHS: ReadonlySet<number> = new Set([...READ].map((name) => name.length));

/**
 * Hands one answer from undici to its reader, and is the control over it. It takes the callbacks that undici itself works with:
 * around the newer ones, whose shape our port has, undici 7 puts two objects of its own, and it reads every header into a third,
 * at 7 µs a call (`docs/decisions/0006-undici-callbacks.md`).
 */
export class UpstreamAnswer implements Dispatcher.DispatchHandler, UpstreamControl {
  aborted = false;
  private isPaused = false;
  private abortRequest: ((reason: Error) => void) | undefined;
  private resumeReading: (() => void) | undefined;

  private isWaiting = true;

  constructor(
    private readonly handler: UpstreamHandler,
    private readonly demand: Demand,
  ) {
    demand.waiting++;
  }

  onConnect(abort: (reason?: Error) => void): void {
    this.stopWaiting();
    this.abortRequest = abort;
    this.handler.onRequestStart(this);
  }

  onHeaders(status: number, headers: Buffer[], resume: () => void): boolean {
    this.resumeReading = resume;
    this.handler.onResponseStart(this, status, toHeaders(headers));
    return !this.isPaused;
  }

  onData(chunk: Buffer): boolean {
    this.handler.onResponseData(this, chunk);
    return !this.isPaused;
  }

  onComplete(): void {
    this.release();
    this.handler.onResponseEnd(this);
  }

  onError(error: Error): void {
    this.stopWaiting();
    this.release();
    this.handler.onResponseError(this, error);
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    if (!this.isPaused) return;
    this.isPaused = false;
    this.resumeReading?.();
  }

  abort(reason: Error): void {
    if (this.aborted) return;
    this.aborted = true;
    this.abortRequest?.(reason);
  }

  private stopWaiting(): void {
    if (this.isWaiting) this.demand.waiting--;
    this.isWaiting = false;
  }

  /** What undici gave us holds its request, which holds us: a ring that a young collection would carry on if one of it were old. */
  private release(): void {
    this.abortRequest = undefined;
    this.resumeReading = undefined;
  }
}

/** Names and values in turn, as they came. Of a header that comes twice the last one counts. */
function toHeaders(raw: readonly Buffer[]): UpstreamHeaders {
  const headers: Record<string, string> = {};
  for (let at = 0; at < raw.length; at += 2) {
    if (!LENGTHS.has(raw[at]!.length)) continue;
    const name = raw[at]!.toString('latin1').toLowerCase();
    if (READ.has(name)) headers[name] = raw[at + 1]!.toString('latin1');
  }
  return headers;
}
