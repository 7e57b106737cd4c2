import type { Clock } from '../core/clock.js';

/** After a failure a store is left alone for so long: else everybody would wait for the client's time-out of 100 ms. */
const REST_MS = 1_000;

/** Tells whether a store is worth asking. After each rest one may try; when it is answered, all may again. */
export class Outage {
  private isOn = false;
  private retryAtMs = 0;

  /** Changes are told, each once. */
  constructor(
    private readonly clock: Clock,
    private readonly onDown: (reason: string) => void,
    private readonly onUp: () => void,
  ) {}

  mayAsk(): boolean {
    if (!this.isOn) return true;
    const nowMs = this.clock.elapsed();
    if (nowMs < this.retryAtMs) return false;
    this.retryAtMs = nowMs + REST_MS;
    return true;
  }

  failed(error: unknown): void {
    this.retryAtMs = this.clock.elapsed() + REST_MS;
    if (this.isOn) return;
    this.isOn = true;
    this.onDown(String(error));
  }

  answered(): void {
    if (!this.isOn) return;
    this.isOn = false;
    this.onUp();
  }
}
