import { Inject, Injectable } from '@nestjs/common';
import { GatewayError } from '../core/errors.js';
import { type Provider, PROVIDERS, type Providers } from '../core/provider.js';
import { CONFIG, type Config, ProviderStatistics } from '../platform/index.js';
import { type HealthState, type ModelBreaker, ProviderHealth } from './provider-health.js';
import type { BreakerDto, ModelBreakerDto, ProviderDto, RecentAttemptsDto } from './provider-states.dto.js';
import { Routes } from './routes.js';

/** What a provider is called and how it was configured, whether it is switched on or not. */
type Known = Pick<Provider, 'name' | 'type' | 'models' | 'priority' | 'weight'>;

/** The providers as those may see them who call models: no secret, no address. */
@Injectable()
export class ProviderStates {
  constructor(
    @Inject(CONFIG) private readonly config: Pick<Config, 'providers'>,
    @Inject(PROVIDERS) private readonly providers: Providers,
    private readonly routes: Routes,
    private readonly health: ProviderHealth,
    private readonly statistics: ProviderStatistics,
  ) {}

  /** In order of priority; last those that the configuration switches off. */
  names(): readonly string[] {
    return this.known().map(({ name }) => name);
  }

  /** The same with how each is. Cheap enough for a route that is open to everybody. */
  healths(): readonly { readonly name: string; readonly health: HealthState }[] {
    return this.names().map((name) => ({ name, health: this.health.stateOf(name) }));
  }

  list(): ProviderDto[] {
    const models = this.modelsByProvider();
    return this.known().map((provider) => this.toDto(provider, models.get(provider.name)));
  }

  /** Throws `not_found` with the names that there are. */
  get(name: string): ProviderDto {
    return this.toDto(this.getKnown(name), this.modelsByProvider().get(name));
  }

  /** Throws `not_found` for what is configured nowhere, and `conflict` for what the configuration switches off. */
  getProvider(name: string): Provider {
    const { name: known } = this.getKnown(name);
    const provider = this.providers.get(known);
    if (provider) return provider;
    throw new GatewayError('conflict', `The configuration switches the provider \`${known}\` off. Set its \`enabled\` to true there.`);
  }

  /** Is it in use as far as the configuration goes, whatever administrators have switched? */
  isConfigured(name: string): boolean {
    return this.providers.has(name);
  }

  /** Is there a breaker of this name, or will there be one when its model is asked for? */
  hasBreaker(name: string, model: string): boolean {
    const exists = this.health.breakersOf(name).some((breaker) => breaker.model === model);
    return exists || model === OTHER || (this.modelsByProvider().get(name) ?? NO_MODELS).has(model);
  }

  /** The models of each provider that a name of `GET /v1/models` can lead to. */
  modelsByProvider(): ReadonlyMap<string, ReadonlySet<string>> {
    const models = new Map<string, Set<string>>();
    for (const { targets } of this.routes.planner.names()) {
      for (const { provider, model } of targets) {
        const known = models.get(provider.name) ?? new Set<string>();
        models.set(provider.name, known.add(model));
      }
    }
    return models;
  }

  private getKnown(name: string): Known {
    const known = this.known().find((provider) => provider.name === name);
    if (known) return known;
    const names = this.names().join(', ');
    throw new GatewayError('not_found', `There is no provider \`${name.slice(0, 100)}\` here. Configured are: ${names}.`);
  }

  private known(): readonly Known[] {
    return [...this.providers.values(), ...this.config.providers.filter(({ name }) => !this.providers.has(name))];
  }

  private toDto({ name, type, models, priority, weight }: Known, reachable: ReadonlySet<string> = NO_MODELS): ProviderDto {
    const lastError = this.statistics.lastError(name);
    return {
      name,
      type,
      models: [...new Set([...(models ?? []), ...reachable])],
      enabled: this.health.isEnabled(name),
      priority,
      weight,
      health: this.health.stateOf(name),
      breaker: this.toBreaker(name),
      recent: this.toRecent(name),
      last_error: lastError ? { kind: lastError.kind, at: new Date(lastError.at).toISOString() } : null,
    };
  }

  private toBreaker(name: string): BreakerDto {
    const notable = this.health.breakersOf(name).filter(({ state, forced }) => state !== 'closed' || forced !== undefined);
    return { state: this.health.worstBreaker(name), forced: this.health.forcedState(name) ?? null, models: notable.map(toModelBreaker) };
  }

  private toRecent(name: string): RecentAttemptsDto {
    const { attempts, successRate } = this.statistics.outcomes(name);
    const { averageMs, p50Ms, p95Ms } = this.statistics.latency(name);
    return {
      requests: attempts,
      success_rate: successRate === undefined ? null : rounded(successRate),
      avg_response_time: toSeconds(averageMs),
      p50_response_time: toSeconds(p50Ms),
      p95_response_time: toSeconds(p95Ms),
    };
  }
}

/** The models that nobody lists share one breaker. */
const OTHER = 'other';
const NO_MODELS: ReadonlySet<string> = new Set();

function toModelBreaker({ model, state, forced, retryInMs }: ModelBreaker): ModelBreakerDto {
  return { model, state, forced: forced ?? null, retry_in_ms: Math.ceil(retryInMs) };
}

function toSeconds(ms: number | undefined): number | null {
  return ms === undefined ? null : rounded(ms / 1000);
}

/** To four places: what comes after them is chance. */
function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
