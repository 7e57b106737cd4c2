import { Inject, Module, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { CLOCK, type Clock } from '../core/clock.js';
import { type Provider, PROVIDERS, type Providers } from '../core/provider.js';
import { CONFIG, type Config, LOG, type Log } from '../platform/index.js';
import { ActiveProbes } from './active-probes.js';
import { DECLARATIONS } from './declarations.js';
import { EchoProvider } from './echo/echo-provider.js';
import { HttpProvider } from './http-provider.js';
import type { DiscoveryReport } from './model-discovery.js';

/** Turns the `providers` section of the configuration into live adapters, by name, in order of priority. */
@Module({
  providers: [{ provide: PROVIDERS, useFactory: buildProviders, inject: [CONFIG, CLOCK] }, ActiveProbes],
  exports: [PROVIDERS, ActiveProbes],
})
export class ProvidersModule implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    @Inject(PROVIDERS) private readonly providers: Providers,
    @Inject(LOG) private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    for (const provider of this.providers.values()) {
      if (provider instanceof HttpProvider) provider.discover(this.reportOn(provider));
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([...this.providers.values()].map((provider) => provider.close()));
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

function buildProviders(config: Pick<Config, 'providers'>, clock: Clock): Providers {
  const enabled = config.providers.filter((account) => account.enabled).toSorted((a, b) => a.priority - b.priority);
  const providers = enabled.map((account): Provider => {
    return account.type === 'echo' ? new EchoProvider(account, clock) : new HttpProvider(account, DECLARATIONS[account.type], clock);
  });
  return new Map(providers.map((provider) => [provider.name, provider]));
}
