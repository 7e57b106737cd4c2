import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../core/clock.js';
import { GatewayError, toGatewayError } from '../core/errors.js';
import type { PricedTarget } from '../core/target.js';
import { DIALECTS } from '../dialects/index.js';
import type { ClientStream } from './client-stream.js';
import { Exchange } from './exchange.js';
import type { LiveCall } from './live-call.js';

/** Asks targets in order and commits to the first whose first event arrives. */
@Injectable()
export class Attempts {
  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  /**
   * Until the client has seen something, a recoverable failure is hidden behind the next target. After it, an error belongs
   * to the client: falling back would repeat text.
   */
  async carry(targets: readonly PricedTarget[], live: LiveCall, client: ClientStream): Promise<void> {
    const dialect = DIALECTS[live.call.request.dialect];
    let failure: GatewayError | undefined;
    for (const target of targets) {
      live.target = target;
      live.reader = undefined;
      live.ending = 'failed';
      try {
        await new Exchange(target, live, client, dialect, this.clock).run();
        live.ending = 'complete';
        return;
      } catch (error) {
        failure = toGatewayError(error);
        if (live.firstByteMs !== undefined || !failure.isRecoverable) break;
      }
    }
    throw failure ?? new GatewayError('upstream_unavailable', 'No provider is available for this model.');
  }
}
