import { Module } from '@nestjs/common';
import { PROVIDERS, type Providers } from '../core/provider.js';
import { ActiveProbes } from './active-probes.js';
import { LiveProviders } from './live-providers.js';

/** The providers, by name, in order of priority. */
@Module({
  providers: [
    LiveProviders,
    { provide: PROVIDERS, useFactory: ({ byName }: LiveProviders): Providers => byName, inject: [LiveProviders] },
    ActiveProbes,
  ],
  exports: [PROVIDERS, LiveProviders, ActiveProbes],
})
export class ProvidersModule {}
