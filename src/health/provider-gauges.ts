import { Inject, Injectable } from '@nestjs/common';
import { ProviderHealth } from '../chat/index.js';
import { PROVIDERS, type Providers } from '../core/provider.js';
import type { BreakerState } from '../core/target-health.js';
import { CallMetrics, GaugeSeries, type Reading } from '../platform/index.js';

const BREAKER_NUMBERS: Record<BreakerState, number> = { closed: 0, half_open: 1, open: 2 };

/** The states of providers and breakers among the metrics. */
@Injectable()
export class ProviderGauges {
  constructor(
    @Inject(PROVIDERS) private readonly providers: Providers,
    private readonly health: ProviderHealth,
    metrics: CallMetrics,
  ) {
    const up = '0 while a provider is unhealthy or switched off by an administrator, else 1.';
    metrics.show(new GaugeSeries('tollgate_provider_up', up, 'min', ['provider'], () => this.readProviders()));
    const breakers = 'Of each model that was asked for: 0 closed, 1 half open, 2 open.';
    metrics.show(new GaugeSeries('tollgate_breaker_state', breakers, 'max', ['provider', 'model'], () => this.readBreakers()));
  }

  private readProviders(): readonly Reading[] {
    return [...this.providers.keys()].map((name) => {
      const state = this.health.stateOf(name);
      return [[name], state === 'unhealthy' || state === 'disabled' ? 0 : 1];
    });
  }

  private readBreakers(): readonly Reading[] {
    return [...this.providers.keys()].flatMap((name) =>
      this.health.breakersOf(name).map(({ model, state }): Reading => [[name, model], BREAKER_NUMBERS[state]]),
    );
  }
}
