import { Injectable } from '@nestjs/common';
import { type Actor, Toggles } from '../platform/index.js';
import { type ForcedState, TargetHealths } from '../routing/index.js';

/** Without a model, all of the provider's. */
export interface BreakerName {
  readonly provider: string;
  readonly model?: string | undefined;
}

const ENABLED = /^provider:([^:]+):enabled$/;
/** A model may have colons in its name, a provider may not. */
const BREAKER = /^breaker:([^:]+)(?::(.+))?$/;

/**
 * What administrators have switched about routes: providers off, breakers open or closed. It holds in every process within a
 * second and is still so after a restart; what is said of one model counts more than what is said of its provider.
 */
@Injectable()
export class RouteToggles {
  private readonly switchedOff = new Set<string>();
  /** By provider, then by model. */
  private readonly forcedModels = new Map<string, Map<string, ForcedState>>();

  constructor(
    private readonly toggles: Toggles,
    private readonly healths: TargetHealths,
  ) {
    toggles.onChange((name, value) => this.apply(name, value));
  }

  /** For each call: has no administrator switched the provider off? */
  readonly isEnabled = (provider: string): boolean => !this.switchedOff.has(provider);

  async setEnabled(provider: string, isEnabled: boolean, by: Actor): Promise<void> {
    await this.toggles.set(`provider:${provider}:enabled`, isEnabled ? undefined : 'false', by);
  }

  /** `state`: undefined gives the breaker back to itself. */
  async force({ provider, model }: BreakerName, state: ForcedState | undefined, by: Actor): Promise<void> {
    await this.toggles.set(model === undefined ? `breaker:${provider}` : `breaker:${provider}:${model}`, state, by);
  }

  /** Closes breakers and forgets what was counted, in every replica. What is forced stays so. */
  reset({ provider, model }: BreakerName): void {
    if (model === undefined) this.healths.reset(provider);
    else this.healths.find(provider, model)?.breaker.reset();
  }

  private apply(name: string, value: string | undefined): void {
    const switched = ENABLED.exec(name)?.[1];
    if (switched !== undefined) return this.switchProvider(switched, value);
    const [, provider, model] = BREAKER.exec(name) ?? [];
    if (provider === undefined) return;
    if (model === undefined) this.forceProvider(provider, toForced(value));
    else this.forceModel(provider, model, toForced(value));
  }

  private switchProvider(provider: string, value: string | undefined): void {
    if (value === 'false') this.switchedOff.add(provider);
    else this.switchedOff.delete(provider);
  }

  private forceProvider(provider: string, forced: ForcedState | undefined): void {
    this.healths.force(provider, forced);
    for (const [model, own] of this.forcedModels.get(provider) ?? []) this.breakerOf(provider, model).force(own);
  }

  private forceModel(provider: string, model: string, forced: ForcedState | undefined): void {
    const models = this.forcedModels.get(provider) ?? new Map<string, ForcedState>();
    if (forced === undefined) models.delete(model);
    else this.forcedModels.set(provider, models.set(model, forced));
    this.breakerOf(provider, model).force(forced ?? this.healths.forcedState(provider));
  }

  private breakerOf(provider: string, model: string) {
    this.healths.of(provider, model);
    return this.healths.find(provider, model)!.breaker;
  }
}

function toForced(value: string | undefined): ForcedState | undefined {
  return value === 'open' || value === 'closed' ? value : undefined;
}
