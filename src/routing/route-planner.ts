import type { ModelRequest } from '../core/call.js';
import { GatewayError } from '../core/errors.js';
import type { Providers } from '../core/provider.js';
import type { ProviderTraffic, TargetHealth } from '../core/target-health.js';
import type { Plan, Target } from '../core/target.js';
import type { Config } from '../platform/index.js';
import type { ModelCatalogue } from './model-catalogue.js';
import { NameResolver, type Place } from './name-resolver.js';
import { keptTargets } from './kept-targets.js';
import { asListed, type Ordering, type OrderingSources, type SizedRequest } from './strategies/ordering.js';
import { orderPlan } from './strategies/order-plan.js';

/** Who knows how targets and providers fare. */
export interface Healths {
  of(provider: string, metricModel: string): TargetHealth;
  /** `maxConcurrency`: calls at the same time; 0 = no limit. */
  trafficOf(provider: string, maxConcurrency: number): ProviderTraffic;
}

/** All that planning goes by. */
export interface RouteSources extends OrderingSources {
  readonly config: Pick<Config, 'models' | 'routing' | 'providers'>;
  readonly providers: Providers;
  readonly catalogue: ModelCatalogue;
  readonly healths: Healths;
  /** `false`: an administrator has switched the provider off for now. */
  readonly isEnabled: (providerName: string) => boolean;
}

/** What of a request decides where it goes. */
export type RouteRequest = Pick<ModelRequest, 'modelAsked' | 'providerAsked' | 'hasProviderPreferences'> & SizedRequest;

/** A plan before it is put in the order of one call. */
interface PlanTemplate {
  readonly plan: Plan;
  readonly ordering: Ordering;
}

/**
 * Says where a call may go. Pure: it reads what it was given and remembers what names mean; how targets fare is looked at anew
 * for each call. The usual call (one target, or several that stay as listed) is given the remembered plan itself.
 */
export class RoutePlanner {
  private readonly resolver: NameResolver;
  private readonly maxConcurrency: ReadonlyMap<string, number>;
  /** Names that were found, so that a call costs one look-up. Bounded: any name goes through to some providers. */
  private readonly found = new Map<string, PlanTemplate>();
  /** The revision of the catalogue that they were found in. */
  private foundIn = 0;
  private readonly isOn = ({ provider }: Place): boolean => this.sources.isEnabled(provider.name);

  constructor(private readonly sources: RouteSources) {
    const { config, providers, catalogue } = sources;
    this.resolver = new NameResolver(config, providers, catalogue);
    this.maxConcurrency = new Map(config.providers.map(({ name, maxConcurrency }) => [name, maxConcurrency]));
  }

  /**
   * The targets in the order to try, without those that `mayUse` says no to. Throws `unknown_model`; `invalid_request` for the
   * `provider` field; `upstream_unavailable` where all providers are switched off; `forbidden` where `mayUse` leaves nothing.
   */
  plan(request: RouteRequest, mayUse?: (target: Target) => boolean): Plan {
    const { plan, ordering } = request.providerAsked === undefined ? this.named(request) : this.pinned(request.providerAsked, request);
    const able = request.hasProviderPreferences ? withPreferences(plan) : plan;
    const on = this.switchedOn(able, request);
    return orderPlan(mayUse ? permitted(on, mayUse, request) : on, ordering, request, this.sources);
  }

  /** Where a name leads, as listed, without providers that are switched off; throws `unknown_model` where that is nowhere. */
  find(name: string): readonly Place[] {
    const places = this.resolver.resolve(name).places.filter(this.isOn);
    if (places.length === 0) throw unknownModel(name);
    return places;
  }

  /** Every name that a client can choose from, with the places behind it as listed. */
  names(): { readonly name: string; readonly targets: readonly Place[] }[] {
    const names = [...this.resolver.names()].map((name) => ({ name, targets: this.resolver.resolve(name).places.filter(this.isOn) }));
    return names.filter(({ targets }) => targets.length > 0);
  }

  private named({ modelAsked }: RouteRequest): PlanTemplate {
    this.forgetOutdated();
    const known = this.found.get(modelAsked);
    if (known) return known;
    const { places, ordering, onContextOverflow, onContentPolicy, timeouts } = this.resolver.resolve(modelAsked);
    if (places.length === 0) throw unknownModel(modelAsked);
    if (this.found.size >= MAX_REMEMBERED) this.found.clear();
    const plan = {
      targets: places.map((place) => this.target(place)),
      onContextOverflow: onContextOverflow.map((place) => this.target(place)),
      onContentPolicy: onContentPolicy.map((place) => this.target(place)),
      timeouts,
    };
    const template = { plan, ordering };
    this.found.set(modelAsked, template);
    return template;
  }

  private forgetOutdated(): void {
    const { revision } = this.sources.catalogue;
    if (revision === this.foundIn) return;
    this.found.clear();
    this.foundIn = revision;
  }

  private pinned(name: string, { modelAsked }: RouteRequest): PlanTemplate {
    const provider = this.sources.providers.get(name);
    if (!provider) {
      const names = [...this.sources.providers.keys()].join(', ');
      throw new GatewayError('invalid_request', `\`provider\`: there is no provider "${shortened(name)}" here. Configured are: ${names}.`, {
        param: 'provider',
      });
    }
    // Whoever names the provider means it: any name of a model goes through, and the provider judges it.
    const model = modelAsked.startsWith(`${name}/`) ? modelAsked.slice(name.length + 1) : modelAsked;
    const target = this.target({ provider, model, weight: provider.weight });
    return { plan: { targets: [target], onContextOverflow: [], onContentPolicy: [] }, ordering: asListed };
  }

  private target({ provider, model, weight }: Place): Target {
    const { catalogue, healths } = this.sources;
    const metricModel = catalogue.lists(provider, model) ? model : 'other';
    const health = healths.of(provider.name, metricModel);
    const traffic = healths.trafficOf(provider.name, this.maxConcurrency.get(provider.name) ?? 0);
    return { provider, model, metricModel, weight, health, traffic };
  }

  private switchedOn(plan: Plan, { modelAsked }: RouteRequest): Plan {
    const on = keptTargets(plan, this.isOn);
    if (on.targets.length > 0) return on;
    const message = `Every provider of the model \`${shortened(modelAsked)}\` is switched off here. Ask for another model, or try again later.`;
    throw new GatewayError('upstream_unavailable', message);
  }
}

function permitted(plan: Plan, mayUse: (target: Target) => boolean, { modelAsked }: RouteRequest): Plan {
  const allowed = keptTargets(plan, mayUse);
  if (allowed.targets.length > 0) return allowed;
  const message = `This key may not use the model \`${shortened(modelAsked)}\`. GET /v1/models lists what it may use.`;
  throw new GatewayError('forbidden', message, { param: 'model' });
}

/** Only a provider with a field of that name knows what to make of preferences; to leave them out would change what is meant. */
function withPreferences(plan: Plan): Plan {
  const able = keptTargets(plan, ({ provider }) => provider.hasProviderField);
  if (able.targets.length > 0) return able;
  throw new GatewayError('invalid_request', '`provider`: expected the name of a provider; only OpenRouter takes an object.', {
    param: 'provider',
  });
}

const MAX_REMEMBERED = 10_000;

function unknownModel(name: string): GatewayError {
  const message = `The model \`${shortened(name)}\` does not exist here. GET /v1/models lists what this key may use.`;
  return new GatewayError('unknown_model', message, { param: 'model' });
}

function shortened(name: string): string {
  return name.length > 100 ? `${name.slice(0, 100)}…` : name;
}
