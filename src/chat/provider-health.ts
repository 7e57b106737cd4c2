import { Inject, Injectable } from '@nestjs/common';
import { PROVIDERS, type Providers } from '../core/provider.js';
import type { BreakerState } from '../core/target-health.js';
import { ProviderStatistics } from '../platform/index.js';
import { ActiveProbes } from '../providers/index.js';
import { type ForcedState, TargetHealths } from '../routing/index.js';
import { RouteToggles } from './route-toggles.js';

/**
 * `disabled`: switched off, by the configuration or by an administrator. `unhealthy`: calls to it fail, or are kept away: its
 * last probe failed, none of its breakers lets a call through, all its keys are refused or used up, or of three attempts and more
 * in the last minute every one failed. `degraded`: some fail: a breaker of it is not closed, or more than a tenth of the last
 * minute's attempts failed. `unknown`: nothing was heard of it for five minutes. `healthy`: none of all this.
 */
export const HEALTH_STATES = ['healthy', 'degraded', 'unhealthy', 'disabled', 'unknown'] as const;
export type HealthState = (typeof HEALTH_STATES)[number];

const MINUTE_MS = 60_000;
const MIN_ATTEMPTS = 3;
const DEGRADED_RATE = 0.1;

/** How calls to one model are kept from a provider, if they are. */
export interface ModelBreaker {
  readonly model: string;
  readonly state: BreakerState;
  /** As an administrator wants it; undefined = as calls tell. */
  readonly forced: ForcedState | undefined;
  /** When it may be tried again, in milliseconds from now; 0 unless open. */
  readonly retryInMs: number;
}

/** How each provider is, as its calls tell, its probes and those who may switch it. It asks nobody: all of it is in memory. */
@Injectable()
export class ProviderHealth {
  constructor(
    @Inject(PROVIDERS) private readonly providers: Providers,
    private readonly statistics: ProviderStatistics,
    private readonly healths: TargetHealths,
    private readonly toggles: RouteToggles,
    private readonly probes: ActiveProbes,
  ) {}

  /** Also of a provider that is configured and switched off there. */
  stateOf(provider: string): HealthState {
    if (!this.isEnabled(provider)) return 'disabled';
    const breakers = this.breakersOf(provider);
    const lastMinute = this.statistics.outcomes(provider, MINUTE_MS);
    if (
      this.isOut(provider) ||
      this.isKeptAway(provider, breakers) ||
      (lastMinute.attempts >= MIN_ATTEMPTS && lastMinute.failureRate === 1)
    ) {
      return 'unhealthy';
    }
    if (breakers.some(({ state }) => state !== 'closed') || (lastMinute.failureRate ?? 0) > DEGRADED_RATE) return 'degraded';
    const isHeardOf = this.statistics.outcomes(provider).attempts > 0 || this.probes.latest(provider) !== undefined;
    return isHeardOf ? 'healthy' : 'unknown';
  }

  isEnabled(provider: string): boolean {
    return this.providers.has(provider) && this.toggles.isEnabled(provider);
  }

  /** Of every model that was ever asked for there, in no order. */
  breakersOf(provider: string): readonly ModelBreaker[] {
    return [...this.healths.all()]
      .filter((health) => health.provider === provider)
      .map(({ model, state, breaker, retryInMs }) => ({ model, state, forced: breaker.forced, retryInMs }));
  }

  /** The worst of all its breakers: `open`, `half_open`, or `closed` where it has none. */
  worstBreaker(provider: string): BreakerState {
    const states = this.breakersOf(provider).map(({ state }) => state);
    if (states.includes('open') || this.forcedState(provider) === 'open') return 'open';
    return states.includes('half_open') ? 'half_open' : 'closed';
  }

  /** What an administrator wants of all its breakers. */
  forcedState(provider: string): ForcedState | undefined {
    return this.healths.forcedState(provider);
  }

  private isOut(provider: string): boolean {
    // No model has this name: who rests for it rests for all.
    return this.providers.get(provider)?.awake('') === 0 || this.probes.latest(provider)?.isUp === false;
  }

  private isKeptAway(provider: string, breakers: readonly ModelBreaker[]): boolean {
    return breakers.length > 0 ? breakers.every(({ state }) => state === 'open') : this.forcedState(provider) === 'open';
  }
}
