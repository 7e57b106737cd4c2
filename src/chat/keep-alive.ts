import type { Clock } from '../core/clock.js';
import type { ClientStream } from './client-stream.js';

const COMMENT = Buffer.from(': keep-alive\n\n');

/**
 * Sends a comment whenever a stream has been silent for a while, so that nobody between the client and us takes it for dead.
 * It also speaks before the provider does: that commits the status 200, and an error that follows is an event.
 */
export class KeepAlive {
  private timer: NodeJS.Timeout | undefined;

  /** `headers` is asked if the answer has not begun. An interval of 0 means never. */
  constructor(
    private readonly client: ClientStream,
    private readonly intervalMs: number,
    private readonly headers: () => string[],
    private readonly clock: Clock,
  ) {
    if (intervalMs > 0) this.arm();
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private arm(): void {
    const silentMs = this.clock.elapsed() - this.client.lastWriteAt;
    this.timer = setTimeout(() => this.look(), Math.max(1, this.intervalMs - silentMs));
  }

  private look(): void {
    if (this.clock.elapsed() - this.client.lastWriteAt >= this.intervalMs) {
      if (!this.client.hasBegun) this.client.begin(200, this.headers());
      this.client.write(COMMENT);
    }
    this.arm();
  }
}
