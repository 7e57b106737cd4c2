import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../core/clock.js';
import { GatewayError, toGatewayError } from '../core/errors.js';
import { PROVIDER_STATE, type ProviderState } from '../core/provider-state.js';
import type { Plan, PricedTarget, Target } from '../core/target.js';
import { CONFIG, type Config } from '../platform/index.js';
import { PriceBook } from '../usage/index.js';
import { streamHeaders } from './answer-headers.js';
import type { ClientStream } from './client-stream.js';
import { Exchange } from './exchange.js';
import { KeepAlive } from './keep-alive.js';
import type { LiveCall } from './live-call.js';

/** Asks targets in order and commits to the first whose first event arrives. */
@Injectable()
export class Attempts {
  constructor(
    private readonly prices: PriceBook,
    @Inject(PROVIDER_STATE) private readonly state: ProviderState,
    @Inject(CONFIG) private readonly config: Pick<Config, 'http'>,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Resolves when the client has the whole answer; rejects with the `GatewayError` that it must be told. */
  carry(plan: Plan, live: LiveCall, client: ClientStream): Promise<void> {
    return live.call.request.stream ? this.carryStream(plan, live, client) : this.tryInTurn(plan, live, client);
  }

  private async carryStream(plan: Plan, live: LiveCall, client: ClientStream): Promise<void> {
    const keepAlive = new KeepAlive(client, this.config.http.keepAliveIntervalMs, () => streamHeaders(live), this.clock);
    try {
      await this.tryInTurn(plan, live, client);
    } finally {
      keepAlive.stop();
    }
  }

  /**
   * Until the client has seen something, a recoverable failure is hidden behind the next target. After it, an error belongs
   * to the client: falling back would repeat text.
   */
  private async tryInTurn(plan: Plan, live: LiveCall, client: ClientStream): Promise<void> {
    let failure: GatewayError | undefined;
    for (const target of plan.targets) {
      const priced = (live.target = this.priced(target, live.call.admittedAt));
      live.reader = undefined;
      live.ending = 'failed';
      try {
        await new Exchange(priced, live, client, this.clock).run();
        live.ending = 'complete';
        this.rememberIds(live);
        return;
      } catch (error) {
        failure = toGatewayError(error);
        if (live.firstByteMs !== undefined || !failure.isRecoverable) break;
      }
    }
    throw failure ?? new GatewayError('upstream_unavailable', 'No provider is available for this model.');
  }

  /** What the provider now keeps for this tenant, later calls of the tenant may name. */
  private rememberIds({ reader, target, account, call }: LiveCall): void {
    const ids = reader?.ids;
    if (ids && ids.length > 0) this.state.remember(call.caller.tenant, { provider: target!.provider.name, account }, ids);
  }

  private priced({ provider, model, metricModel }: Target, atMs: number): PricedTarget {
    return { provider, model, metricModel, priced: this.prices.find(provider.type, model, atMs) };
  }
}
