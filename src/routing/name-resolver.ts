import type { Provider, Providers, RouteTimeouts } from '../core/provider.js';
import type { Config, ModelAlias, ModelPlace } from '../platform/index.js';
import type { ModelCatalogue } from './model-catalogue.js';
import { byPriority } from './strategies/by-weight.js';
import { asListed, type Ordering } from './strategies/ordering.js';
import { STRATEGY_ORDERINGS } from './strategies/strategies.js';

/** Where a model is, as far as the configuration tells. */
export interface Place {
  readonly provider: Provider;
  /** The name that the provider knows the model by. */
  readonly model: string;
  /** Its share of the calls among places of one rank. */
  readonly weight: number;
}

/** Where a name leads. */
export interface Route {
  readonly places: readonly Place[];
  readonly ordering: Ordering;
  readonly onContextOverflow: readonly Place[];
  readonly onContentPolicy: readonly Place[];
  readonly timeouts?: RouteTimeouts | undefined;
}

/**
 * What names mean, by the configuration alone. A name is looked for in this order: an alias, `provider/model`, the providers
 * that list it, a prefix.
 */
export class NameResolver {
  private readonly aliases: ReadonlyMap<string, ModelAlias>;
  private readonly prefixes: readonly (readonly [string, string])[];

  constructor(
    config: Pick<Config, 'models' | 'routing'>,
    private readonly providers: Providers,
    private readonly catalogue: ModelCatalogue,
  ) {
    this.aliases = new Map(config.models.map((alias) => [alias.name, alias]));
    // The longest prefix that fits is the most particular one.
    this.prefixes = Object.entries(config.routing.prefixes).toSorted(([a], [b]) => b.length - a.length);
  }

  /** Without places where nothing fits. */
  resolve(name: string): Route {
    const alias = this.aliases.get(name);
    if (alias) return this.ofAlias(alias);
    const slash = name.indexOf('/');
    const named = slash > 0 ? this.providers.get(name.slice(0, slash)) : undefined;
    if (named) return toRoute(slash + 1 < name.length ? [toPlace(named, name.slice(slash + 1))] : []);
    const listing = this.catalogue.listing(name);
    if (listing.length > 0) return this.ofListing(listing, name);
    return toRoute(this.byPrefix(name));
  }

  /** Every name that a client can choose from. */
  names(): ReadonlySet<string> {
    const listed = [...this.providers.values()].flatMap((provider) => this.catalogue.modelsOf(provider));
    return new Set([...this.aliases.keys(), ...listed]);
  }

  private ofAlias({ targets, strategy, onContextOverflow, onContentPolicy, timeouts }: ModelAlias): Route {
    return {
      places: targets.flatMap((target) => this.placeAt(target, target.weight)),
      ordering: STRATEGY_ORDERINGS[strategy],
      onContextOverflow: onContextOverflow.flatMap((place) => this.placeAt(place)),
      onContentPolicy: onContentPolicy.flatMap((place) => this.placeAt(place)),
      timeouts,
    };
  }

  /** Chance decides within one priority; where each provider has one of its own the list stands as it is. */
  private ofListing(listing: readonly Provider[], model: string): Route {
    const places = listing.map((provider) => toPlace(provider, model));
    const priorities = new Set(listing.map(({ priority }) => priority));
    return toRoute(places, priorities.size < places.length ? byPriority : asListed);
  }

  private byPrefix(name: string): Place[] {
    const prefix = this.prefixes.find(([start]) => name.startsWith(start));
    if (!prefix) return [];
    // `anthropic-claude-…` is how some clients write the provider's name in front of the model's.
    const model = prefix[0] === 'anthropic-' ? name.slice(prefix[0].length) : name;
    return this.placeAt({ provider: prefix[1], model }).filter(({ provider }) => this.catalogue.accepts(provider, model));
  }

  /** A provider that is named but switched off leads nowhere. */
  private placeAt({ provider: providerName, model }: ModelPlace, weight?: number): Place[] {
    const provider = this.providers.get(providerName);
    return provider ? [toPlace(provider, model, weight)] : [];
  }
}

function toPlace(provider: Provider, model: string, weight = provider.weight): Place {
  return { provider, model, weight };
}

function toRoute(places: readonly Place[], ordering: Ordering = asListed): Route {
  return { places, ordering, onContextOverflow: [], onContentPolicy: [] };
}
