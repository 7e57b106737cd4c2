import { Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { CLOCK, type Clock } from '../core/clock.js';
import { type Provider, PROVIDERS, type Providers } from '../core/provider.js';
import { CONFIG, type Config } from '../platform/index.js';
import { DECLARATIONS } from './declarations.js';
import { EchoProvider } from './echo/echo-provider.js';
import { HttpProvider } from './http-provider.js';

/** Turns the `providers` section of the configuration into live adapters, by name, in order of priority. */
@Module({
  providers: [{ provide: PROVIDERS, useFactory: buildProviders, inject: [CONFIG, CLOCK] }],
  exports: [PROVIDERS],
})
export class ProvidersModule implements OnApplicationShutdown {
  constructor(@Inject(PROVIDERS) private readonly providers: Providers) {}

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([...this.providers.values()].map((provider) => provider.close()));
  }
}

function buildProviders(config: Pick<Config, 'providers'>, clock: Clock): Providers {
  const enabled = config.providers.filter((account) => account.enabled).toSorted((a, b) => a.priority - b.priority);
  const providers = enabled.map((account): Provider => {
    return account.type === 'echo' ? new EchoProvider(account, clock) : new HttpProvider(account, DECLARATIONS[account.type]);
  });
  return new Map(providers.map((provider) => [provider.name, provider]));
}
