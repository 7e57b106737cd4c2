import { type BeforeApplicationShutdown, Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../core/clock.js';

/** Where the process is in its life. */
@Injectable()
export class Lifecycle implements BeforeApplicationShutdown {
  private readonly startedAt: number;
  private started = false;
  private draining = false;

  constructor(@Inject(CLOCK) private readonly clock: Clock) {
    this.startedAt = clock.now();
  }

  /** It listens. */
  get isStarted(): boolean {
    return this.started;
  }

  /** It is going down: new work belongs elsewhere. */
  get isDraining(): boolean {
    return this.draining;
  }

  get uptimeSeconds(): number {
    return Math.floor((this.clock.now() - this.startedAt) / 1000);
  }

  markStarted(): void {
    this.started = true;
  }

  beforeApplicationShutdown(): void {
    this.draining = true;
  }
}
