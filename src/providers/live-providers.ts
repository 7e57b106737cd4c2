import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { CLOCK, type Clock } from '../core/clock.js';
import type { Provider, Providers } from '../core/provider.js';
import { CONFIG, type Config, isSame, LOG, type Log, type Prepared, type ProviderConfig } from '../platform/index.js';
import { DECLARATIONS } from './declarations.js';
import { EchoProvider } from './echo/echo-provider.js';
import { HttpProvider } from './http-provider.js';
import type { DiscoveryReport } from './model-discovery.js';

/** A provider, and what it was made from. */
interface Made {
  readonly config: ProviderConfig;
  readonly provider: Provider;
}

/** Providers of a new configuration, which nobody uses yet. */
export interface PreparedProviders extends Prepared {
  readonly providers: Providers;
}

/**
 * Turns the `providers` section of the configuration into adapters, by name, in order of priority. When the section changes, a
 * provider that it says the same of stays the same object with all that it knows. One that is gone or was made anew finishes its
 * calls, and those that had it in their plans may still ask it for as long as an attempt before that can take.
 */
@Injectable()
export class LiveProviders implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly inUse = new Map<string, Provider>();
  private made: readonly Made[] = [];
  private readonly retired = new Map<Provider, NodeJS.Timeout>();
  private isRunning = false;

  constructor(
    @Inject(CONFIG) config: Pick<Config, 'providers'>,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOG) private readonly log: Log,
  ) {
    this.use(this.make(config));
  }

  /** Always the same map: a reload changes what is in it. */
  get byName(): Providers {
    return this.inUse;
  }

  /** Makes what is new in `config`. */
  prepare(config: Pick<Config, 'providers'>): PreparedProviders {
    const next = this.make(config);
    const fresh = next.filter(({ provider }) => this.inUse.get(provider.name) !== provider);
    return {
      providers: toMap(next),
      apply: () => this.change(next, fresh),
      discard: () => fresh.forEach(({ provider }) => void provider.close()),
    };
  }

  onApplicationBootstrap(): void {
    this.isRunning = true;
    for (const provider of this.inUse.values()) this.discover(provider);
  }

  async onApplicationShutdown(): Promise<void> {
    this.isRunning = false;
    for (const timer of this.retired.values()) clearTimeout(timer);
    await Promise.all([...this.inUse.values(), ...this.retired.keys()].map((provider) => provider.close()));
  }

  private make({ providers }: Pick<Config, 'providers'>): readonly Made[] {
    const enabled = providers.filter((config) => config.enabled).toSorted((a, b) => a.priority - b.priority);
    const before = new Map(this.made.map((one) => [one.config.name, one]));
    return enabled.map((config) => {
      const known = before.get(config.name);
      return known && isSame(known.config, config) ? known : { config, provider: toProvider(config, this.clock) };
    });
  }

  private change(next: readonly Made[], fresh: readonly Made[]): void {
    const kept = new Set(next.map(({ provider }) => provider));
    const gone = this.made.map(({ provider }) => provider).filter((provider) => !kept.has(provider));
    const longestMs = Math.max(0, ...this.made.map(({ config }) => config.timeouts.totalMs));
    this.use(next);
    for (const provider of gone) this.retire(provider, longestMs);
    if (this.isRunning) for (const { provider } of fresh) this.discover(provider);
  }

  private use(made: readonly Made[]): void {
    this.made = made;
    this.inUse.clear();
    for (const { provider } of made) this.inUse.set(provider.name, provider);
  }

  private retire(provider: Provider, afterMs: number): void {
    if (provider instanceof HttpProvider) provider.stopDiscovering();
    const close = (): void => {
      this.retired.delete(provider);
      void provider.close();
    };
    this.retired.set(provider, setTimeout(close, afterMs).unref());
  }

  private discover(provider: Provider): void {
    if (provider instanceof HttpProvider) provider.discover(this.reportOn(provider));
  }

  private reportOn(provider: Provider): DiscoveryReport {
    const { name } = provider;
    return {
      found: (models) => this.log.info({ event: 'models_discovered', provider: name, models: models.length }),
      failed: (error) =>
        this.log.warn({ event: 'model_discovery_failed', provider: name, reason: provider.conceal(reasonOf(error)) }, KEEPS_ASKING),
    };
  }
}

const KEEPS_ASKING = 'the models found before stay listed; it is asked again every minute';

/** A failed connection to several addresses has no words of its own, only a code. */
function reasonOf(error: unknown): string {
  const { message, code } = error as Partial<NodeJS.ErrnoException>;
  return message || code || String(error);
}

function toProvider(config: ProviderConfig, clock: Clock): Provider {
  return config.type === 'echo' ? new EchoProvider(config, clock) : new HttpProvider(config, DECLARATIONS[config.type], clock);
}

function toMap(made: readonly Made[]): Providers {
  return new Map(made.map(({ provider }) => [provider.name, provider]));
}
