import { Inject, Injectable } from '@nestjs/common';
import { ProviderStates, type ProviderDto, RouteToggles } from '../chat/index.js';
import type { Caller } from '../core/caller.js';
import { GatewayError } from '../core/errors.js';
import { type Actor, LOG, type Log, ProviderStatistics } from '../platform/index.js';
import { ActiveProbes } from '../providers/index.js';
import type { AdminProviderDto, BreakerOrderDto, ProbeDto } from './providers.dto.js';

/** What administrators see of providers and do with them. Each change rejects with `not_found` and `conflict` as `ProviderStates` does. */
@Injectable()
export class AdminProvidersService {
  constructor(
    private readonly states: ProviderStates,
    private readonly toggles: RouteToggles,
    private readonly statistics: ProviderStatistics,
    private readonly probes: ActiveProbes,
    @Inject(LOG) private readonly log: Log,
  ) {}

  list(): AdminProviderDto[] {
    return this.states.list().map((provider) => this.toDto(provider));
  }

  get(name: string): AdminProviderDto {
    return this.toDto(this.states.get(name));
  }

  async setEnabled(name: string, isEnabled: boolean, caller: Caller): Promise<AdminProviderDto> {
    this.states.getProvider(name);
    await this.toggles.setEnabled(name, isEnabled, toActor(caller));
    return this.get(name);
  }

  async force(name: string, { state, model }: BreakerOrderDto, caller: Caller): Promise<AdminProviderDto> {
    this.requireBreaker(name, model);
    await this.toggles.force({ provider: name, model }, state === 'auto' ? undefined : state, toActor(caller));
    return this.get(name);
  }

  /** Nothing is kept of a reset but its line in the log: it changes no setting. */
  reset(name: string, model: string | undefined, caller: Caller): AdminProviderDto {
    this.requireBreaker(name, model);
    this.toggles.reset({ provider: name, model });
    this.log.info({ event: 'breaker_reset', provider: name, model, key_id: caller.keyId });
    return this.get(name);
  }

  /** A breaker belongs to a model by the name that the provider lists it under. */
  private requireBreaker(name: string, model: string | undefined): void {
    this.states.getProvider(name);
    if (model === undefined || this.states.hasBreaker(name, model)) return;
    throw new GatewayError(
      'invalid_request',
      `\`model\`: the provider \`${name}\` lists no such model and was asked for none. Models that it does not list share the breaker \`other\`.`,
      { param: 'model' },
    );
  }

  private toDto(provider: ProviderDto): AdminProviderDto {
    const { name } = provider;
    const { requests, errors } = this.statistics.totals(name);
    const disabledBy = this.states.isConfigured(name) ? ('administrator' as const) : ('configuration' as const);
    return {
      ...provider,
      disabled_by: provider.enabled ? null : disabledBy,
      total_requests: requests,
      error_counts: Object.fromEntries(errors),
      probe: this.toProbe(name),
    };
  }

  private toProbe(name: string): ProbeDto | null {
    const found = this.probes.latest(name);
    return found ? { up: found.isUp, at: new Date(found.at).toISOString(), reason: found.reason ?? null } : null;
  }
}

function toActor({ keyId, keyName }: Caller): Actor {
  return { id: keyId, name: keyName };
}
