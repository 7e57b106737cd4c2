import type { ModelRequest } from '../core/call.js';
import { GatewayError } from '../core/errors.js';
import type { Provider, Providers } from '../core/provider.js';
import type { Plan, Target } from '../core/target.js';
import type { Config } from '../platform/index.js';
import type { ModelCatalogue } from './model-catalogue.js';

/**
 * Says where a call may go. Pure: it reads what was configured and nothing else. A name is looked for in this order: the
 * request's `provider` field, an alias, `provider/model`, the providers that list it, a prefix.
 */
export class RoutePlanner {
  private readonly aliases: ReadonlyMap<string, Config['models'][number]>;
  private readonly prefixes: readonly (readonly [string, string])[];
  /** Names that were found, so that a call costs one look-up. Bounded: any name goes through to some providers. */
  private readonly found = new Map<string, Plan>();
  /** The revision of the catalogue that they were found in. */
  private foundIn = 0;

  constructor(
    config: Pick<Config, 'models' | 'routing'>,
    private readonly providers: Providers,
    private readonly catalogue: ModelCatalogue,
  ) {
    this.aliases = new Map(config.models.map((alias) => [alias.name, alias]));
    // The longest prefix that fits is the most particular one.
    this.prefixes = Object.entries(config.routing.prefixes).toSorted(([a], [b]) => b.length - a.length);
  }

  /** The targets in the order to try; throws `unknown_model` or, for the `provider` field, `invalid_request`. */
  plan(request: Pick<ModelRequest, 'modelAsked' | 'providerAsked' | 'hasProviderPreferences'>): Plan {
    if (request.providerAsked !== undefined) return { targets: [this.pinned(request.providerAsked, request.modelAsked)] };
    const plan = this.named(request);
    return request.hasProviderPreferences ? withPreferences(plan) : plan;
  }

  private named(request: Pick<ModelRequest, 'modelAsked'>): Plan {
    this.forgetOutdated();
    const known = this.found.get(request.modelAsked);
    if (known) return known;
    const targets = this.resolve(request.modelAsked);
    if (targets.length === 0) {
      throw new GatewayError(
        'unknown_model',
        `The model \`${shortened(request.modelAsked)}\` does not exist here. GET /v1/models lists what this key may use.`,
        {
          param: 'model',
        },
      );
    }
    if (this.found.size >= MAX_REMEMBERED) this.found.clear();
    this.found.set(request.modelAsked, { targets });
    return { targets };
  }

  private forgetOutdated(): void {
    const { revision } = this.catalogue;
    if (revision === this.foundIn) return;
    this.found.clear();
    this.foundIn = revision;
  }

  /** Every name that a client can choose from, with the providers behind it in order. */
  names(): { name: string; targets: readonly Target[] }[] {
    const listed = [...this.providers.values()].flatMap((provider) => this.catalogue.modelsOf(provider));
    const names = new Set([...this.aliases.keys(), ...listed]);
    return [...names].map((name) => ({ name, targets: this.resolve(name) })).filter(({ targets }) => targets.length > 0);
  }

  private pinned(name: string, model: string): Target {
    const provider = this.providers.get(name);
    if (!provider) {
      const names = [...this.providers.keys()].join(', ');
      throw new GatewayError('invalid_request', `\`provider\`: there is no provider "${shortened(name)}" here. Configured are: ${names}.`, {
        param: 'provider',
      });
    }
    // Whoever names the provider means it: any name of a model goes through, and the provider judges it.
    return this.target(provider, model.startsWith(`${name}/`) ? model.slice(name.length + 1) : model);
  }

  private resolve(name: string): Target[] {
    const alias = this.aliases.get(name);
    if (alias) return alias.targets.flatMap(({ provider, model }) => this.targetAt(provider, model));
    const slash = name.indexOf('/');
    const named = slash > 0 ? this.providers.get(name.slice(0, slash)) : undefined;
    if (named) {
      const model = name.slice(slash + 1);
      return model === '' ? [] : [this.target(named, model)];
    }
    const listing = this.catalogue.listing(name);
    if (listing.length > 0) return listing.map((provider) => this.target(provider, name));
    return this.byPrefix(name);
  }

  private byPrefix(name: string): Target[] {
    const prefix = this.prefixes.find(([start]) => name.startsWith(start));
    if (!prefix) return [];
    // `anthropic-claude-…` is how some clients write the provider's name in front of the model's.
    const model = prefix[0] === 'anthropic-' ? name.slice(prefix[0].length) : name;
    return this.targetAt(prefix[1], model).filter(({ provider }) => this.catalogue.accepts(provider, model));
  }

  /** A provider that is named but switched off leads nowhere. */
  private targetAt(providerName: string, model: string): Target[] {
    const provider = this.providers.get(providerName);
    return provider ? [this.target(provider, model)] : [];
  }

  private target(provider: Provider, model: string): Target {
    return { provider, model, metricModel: this.catalogue.lists(provider, model) ? model : 'other' };
  }
}

/** Only a provider with a field of that name knows what to make of preferences; to leave them out would change what is meant. */
function withPreferences({ targets }: Plan): Plan {
  const able = targets.filter(({ provider }) => provider.hasProviderField);
  if (able.length > 0) return { targets: able };
  throw new GatewayError('invalid_request', '`provider`: expected the name of a provider; only OpenRouter takes an object.', {
    param: 'provider',
  });
}

const MAX_REMEMBERED = 10_000;

function shortened(name: string): string {
  return name.length > 100 ? `${name.slice(0, 100)}…` : name;
}
