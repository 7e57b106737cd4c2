import type { OnApplicationShutdown } from '@nestjs/common';
import type { Caller } from '../../core/caller.js';
import type { Clock } from '../../core/clock.js';
import { GatewayError } from '../../core/errors.js';
import type { NamedProviderId, PinnedAccount, ProviderAccount, ProviderId, ProviderState } from '../../core/provider-state.js';
import type { Log } from '../../platform/index.js';
import { type Binding, isPlausible, toIdKey } from './binding.js';
import { BindingLookups, type FoundBindings, inTime } from './binding-lookups.js';
import { BindingWriter, type WriterLimits } from './binding-writer.js';
import { KnownBindings } from './known-bindings.js';
import { type OwnedId, pinOf, unknownId } from './pin.js';
import type { ProviderStateStore } from './provider-state.store.js';

export interface ProviderStateLimits extends WriterLimits {
  /** How long a call may wait for the database, both looks together. */
  readonly waitMs: number;
  /** Between the two looks for an id: time for another replica to store what it has just handed out. */
  readonly secondLookMs: number;
  readonly maxKnown: number;
  /** Ids in one question; what comes on top of them is a flood and is turned away. */
  readonly maxAsked: number;
}

export const PROVIDER_STATE_LIMITS: ProviderStateLimits = {
  waitMs: 225,
  secondLookMs: 75,
  maxKnown: 100_000,
  maxAsked: 10_000,
  batchRows: 500,
  maxWaiting: 100_000,
  retryMs: 100,
  maxRetryMs: 5_000,
  closeMs: 2_000,
};

/** Provider state in Postgres, with what was used last in memory. */
export class StoredProviderState implements ProviderState, OnApplicationShutdown {
  private readonly known: KnownBindings;
  private readonly lookups: BindingLookups;
  private readonly writer: BindingWriter;

  constructor(
    store: Pick<ProviderStateStore, 'load' | 'insert'>,
    clock: Clock,
    log: Log,
    private readonly limits: ProviderStateLimits = PROVIDER_STATE_LIMITS,
  ) {
    this.known = new KnownBindings(limits.maxKnown);
    this.lookups = new BindingLookups((ids) => store.load(ids), limits);
    // The database knows who was first; memory, which may have it wrong, is to ask it.
    this.writer = new BindingWriter(store, clock, log, limits, (taken) => taken.forEach((binding) => this.known.forget(binding)));
  }

  resolve(
    caller: Pick<Caller, 'tenant' | 'allowProviderState'>,
    ids: readonly NamedProviderId[],
  ): PinnedAccount | undefined | Promise<PinnedAccount | undefined> {
    if (ids.length === 0) return undefined;
    const owned = ids.map((id): OwnedId => ({ id, places: this.known.ownedBy(caller.tenant, id) }));
    return owned.every(({ places }) => places.length > 0) ? pinOf(owned) : this.lookUp(caller, owned);
  }

  remember(tenant: string, { provider, account }: ProviderAccount, ids: readonly ProviderId[]): void {
    for (const { kind, id } of ids) {
      const binding: Binding = { kind, id, provider, account, tenant };
      if (isPlausible(binding) && this.known.add(binding)) this.writer.add(binding);
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.writer.close();
  }

  private async lookUp(
    caller: Pick<Caller, 'tenant' | 'allowProviderState'>,
    owned: readonly OwnedId[],
  ): Promise<PinnedAccount | undefined> {
    const missing = owned.filter(({ places }) => places.length === 0).map(({ id }) => id);
    const found = await inTime(this.look(caller, missing.filter(isPlausible)), this.limits.waitMs).catch(cannotCheck);
    const all = owned.map(({ id, places }): OwnedId => ({ id, places: places.length > 0 ? places : this.ownIn(found, caller.tenant, id) }));
    for (const { id, places } of all) {
      const isForeign = places.length === 0 && found.has(toIdKey(id));
      if (isForeign || (places.length === 0 && !caller.allowProviderState)) throw unknownId(id);
    }
    return pinOf(all);
  }

  /** What was handed out a moment ago may still be on its way to the database, so that an unknown id is looked for twice. */
  private async look(
    { tenant, allowProviderState }: Pick<Caller, 'tenant' | 'allowProviderState'>,
    ids: readonly ProviderId[],
  ): Promise<FoundBindings> {
    const found = await this.find(ids);
    const unknown = ids.filter((id) => this.ownIn(found, tenant, id).length === 0);
    if (unknown.length === 0 || allowProviderState) return found;
    await pause(this.limits.secondLookMs);
    return new Map([...found, ...(await this.find(unknown))]);
  }

  private async find(ids: readonly ProviderId[]): Promise<FoundBindings> {
    if (ids.length === 0) return new Map();
    const found = await this.lookups.find(ids);
    for (const id of ids) found.get(toIdKey(id))?.forEach((binding) => this.known.add(binding));
    return found;
  }

  /** Memory too: what it learned while the database was asked. */
  private ownIn(found: FoundBindings, tenant: string, id: ProviderId): readonly ProviderAccount[] {
    const own = found.get(toIdKey(id))?.filter((binding) => binding.tenant === tenant) ?? [];
    return own.length > 0 ? own : this.known.ownedBy(tenant, id);
  }
}

function cannotCheck(cause: unknown): never {
  const message =
    'The ids that this call names cannot be checked at the moment, because the database does not answer. Try again in a few seconds.';
  throw new GatewayError('service_unavailable', message, { retryAfterMs: 2_000, cause });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
