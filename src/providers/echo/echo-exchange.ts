import type { UpstreamControl, UpstreamHandler } from '../../core/provider.js';

/** Plays prepared frames to a handler the way a connection would: in later turns, pausable, abortable. */
export class EchoExchange implements UpstreamControl {
  aborted = false;
  private paused = false;
  private over = false;
  private scheduled = false;

  constructor(
    private readonly handler: UpstreamHandler,
    private readonly frames: Iterator<Buffer>,
    private readonly frameMs: number,
  ) {}

  start(status: number, contentType: string): void {
    this.handler.onRequestStart(this);
    setImmediate(() => {
      if (this.over) return;
      this.handler.onResponseStart(this, status, { 'content-type': contentType });
      this.play();
    });
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    if (!this.paused) return;
    this.paused = false;
    this.later();
  }

  abort(reason: Error): void {
    if (this.over) return;
    this.over = true;
    this.aborted = true;
    this.handler.onResponseError(this, reason);
  }

  private play(): void {
    while (!this.paused && !this.over) {
      const next = this.frames.next();
      if (next.done) {
        this.over = true;
        return this.handler.onResponseEnd(this);
      }
      this.handler.onResponseData(this, next.value);
      if (this.frameMs > 0) return this.later();
    }
  }

  private later(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    const turn = (): void => {
      this.scheduled = false;
      this.play();
    };
    if (this.frameMs > 0) setTimeout(turn, this.frameMs);
    else setImmediate(turn);
  }
}
