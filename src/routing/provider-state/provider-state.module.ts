import { Module } from '@nestjs/common';
import { CLOCK, type Clock } from '../../core/clock.js';
import { PROVIDER_STATE, type ProviderState } from '../../core/provider-state.js';
import { LOG, type Log } from '../../platform/index.js';
import { ProviderStateStore } from './provider-state.store.js';
import { StoredProviderState } from './stored-provider-state.js';

/** Who owns what providers keep. */
@Module({
  providers: [ProviderStateStore, { provide: PROVIDER_STATE, useFactory: openProviderState, inject: [ProviderStateStore, CLOCK, LOG] }],
  exports: [PROVIDER_STATE],
})
export class ProviderStateModule {}

function openProviderState(store: ProviderStateStore, clock: Clock, log: Log): ProviderState {
  return new StoredProviderState(store, clock, log);
}
