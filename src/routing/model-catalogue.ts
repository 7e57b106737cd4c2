import type { Provider, Providers } from '../core/provider.js';

/** Models that are known to exist at a provider, by its name. */
export type KnownModels = ReadonlyMap<string, readonly string[]>;

/**
 * Which provider lists which model. A provider with `models` lists exactly those that fit them; one without lists what is
 * known of its type, and takes any other name if it is asked for by its own name or a prefix.
 */
export class ModelCatalogue {
  private readonly patterns = new Map<string, readonly RegExp[]>();
  private readonly listed = new Map<string, ReadonlySet<string>>();

  constructor(
    private readonly providers: Providers,
    known: KnownModels,
  ) {
    for (const [name, provider] of providers) {
      const patterns = provider.models?.map(toPattern);
      if (patterns) this.patterns.set(name, patterns);
      const exact = provider.models?.filter((model) => !model.includes('*')) ?? [];
      const matching = (known.get(name) ?? []).filter((model) => patterns?.some((pattern) => pattern.test(model)) ?? true);
      this.listed.set(name, new Set([...exact, ...matching]));
    }
  }

  /** May `model` be asked of `provider` when the provider itself was named? */
  accepts(provider: Provider, model: string): boolean {
    return this.patterns.get(provider.name)?.some((pattern) => pattern.test(model)) ?? true;
  }

  /** The providers that list `model`, in order of priority. */
  listing(model: string): Provider[] {
    return [...this.providers.values()].filter((provider) => this.lists(provider, model));
  }

  lists(provider: Provider, model: string): boolean {
    return (
      this.listed.get(provider.name)!.has(model) || (this.patterns.get(provider.name)?.some((pattern) => pattern.test(model)) ?? false)
    );
  }

  /** What can be shown as a list: names, not patterns. */
  modelsOf(provider: Provider): string[] {
    return [...this.listed.get(provider.name)!];
  }
}

function toPattern(model: string): RegExp {
  const escaped = model.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${escaped.join('.*')}$`);
}
