import type { Provider, Providers } from '../core/provider.js';

/** Models that are known to exist at a provider, by its name. */
export type KnownModels = ReadonlyMap<string, readonly string[]>;

/**
 * Which provider lists which model. A provider with `models` lists exactly those that fit them; one without lists what is
 * known of its type and what it was found to have, and takes any other name if it is asked for by its own name or a prefix.
 */
export class ModelCatalogue {
  private readonly patterns = new Map<string, readonly RegExp[]>();
  private readonly listed = new Map<string, ReadonlySet<string>>();
  /** What was found at those that are asked, as of the last look. */
  private readonly found = new Map<Provider, readonly string[]>();
  private changes = 0;

  constructor(
    private readonly providers: Providers,
    private readonly known: KnownModels,
  ) {
    for (const [name, provider] of providers) {
      const patterns = provider.models?.map(toPattern);
      if (patterns) this.patterns.set(name, patterns);
      const found = provider.discovered?.() ?? [];
      if (provider.discovered) this.found.set(provider, found);
      this.list(provider, found);
    }
  }

  /** Another number each time a provider was found to have other models: what was concluded from the catalogue is then out of date. */
  get revision(): number {
    this.look();
    return this.changes;
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
    this.look();
    return (
      this.listed.get(provider.name)!.has(model) || (this.patterns.get(provider.name)?.some((pattern) => pattern.test(model)) ?? false)
    );
  }

  /** What can be shown as a list: names, not patterns. */
  modelsOf(provider: Provider): string[] {
    this.look();
    return [...this.listed.get(provider.name)!];
  }

  /** A comparison for each provider that is asked, so that a call can afford it. */
  private look(): void {
    for (const [provider, before] of this.found) {
      const now = provider.discovered!();
      if (now === before) continue;
      this.found.set(provider, now);
      this.list(provider, now);
      this.changes++;
    }
  }

  private list(provider: Provider, found: readonly string[]): void {
    const patterns = this.patterns.get(provider.name);
    const exact = provider.models?.filter((model) => !model.includes('*')) ?? [];
    const existing = [...(this.known.get(provider.name) ?? []), ...found];
    const matching = existing.filter((model) => patterns?.some((pattern) => pattern.test(model)) ?? true);
    this.listed.set(provider.name, new Set([...exact, ...matching]));
  }
}

function toPattern(model: string): RegExp {
  const escaped = model.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${escaped.join('.*')}$`);
}
