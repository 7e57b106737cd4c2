import type { CatalogueModel, PricedModel } from '../core/price.js';
import type { Provider, ProviderType } from '../core/provider.js';
import { GENAI_PRICES, type GenaiPrices } from './prices/genai-prices.js';
import type { OperatorPrices } from './prices/operator-price.js';
import { bySpan, type KnownOverrides, NO_OVERRIDES, overridesAt, toLayer } from './prices/overrides/overrides-in-force.js';
import type { PriceOverride } from './prices/overrides/price-override.js';
import { applyLayer, UNSTATED } from './prices/price-layer.js';
import { priceIdOf } from './prices/price-id.js';
import { factorsOf } from './prices/service-tiers.js';
import { completePrice, type DearestAudio, type StatedRate, type StatedRates } from './prices/stated-price.js';

/**
 * Whose list of genai-prices an account is billed by. A server that merely speaks OpenAI's dialect has none: the same name costs
 * ten times as much at one host as at another and nothing on one's own machine, so its prices are the operator's to state.
 */
const PRICE_LISTS: Record<ProviderType, string | undefined> = {
  openai: 'openai',
  anthropic: 'anthropic',
  deepseek: 'deepseek',
  openrouter: 'openrouter',
  ollama: undefined,
  'openai-compatible': undefined,
  echo: undefined,
};

const NO_AUDIO: DearestAudio = { audioInput: 0n, audioOutput: 0n };
const FREE: StatedRates = [{ holdsAt: undefined, base: { input: 0n, output: 0n }, tiers: [] }];

/** Names come from callers where a provider takes any; beyond this many the memory of them starts anew. */
const MOST_REMEMBERED = 10_000;

/** Prices of the operator that were replaced are kept for the calls that were admitted under them; of this many changes. */
const MOST_EDITIONS = 8;

/** Whose prices are asked for. */
type PricedProvider = Pick<Provider, 'name' | 'type'>;

/** What the operator says from a moment on, and what was concluded from it, by the provider's name. */
interface Edition {
  readonly fromMs: number;
  readonly operator: OperatorPrices;
  readonly shelves: Map<string, Shelf>;
}

/** Prices of a provider by model. A reload may give its name to one of another type. */
interface Shelf {
  readonly type: ProviderType;
  readonly quotes: Map<string, Quote>;
}

/** What a provider has, as of a second. */
interface Listing {
  readonly type: ProviderType;
  readonly second: number;
  readonly models: readonly CatalogueModel[];
}

/** What a model costs at a moment. */
type Quote = (atMs: number) => PricedModel | undefined;

interface Source {
  readonly rates: StatedRates;
  readonly version: string;
}

/**
 * What each model costs: what an administrator says, else the operator's configuration, else what a provider's synchronised list says,
 * else by declaration (free) or the bundled list, else the operator's price for a family. What one source leaves out the next one says.
 * A model that none of them knows has no price, which is never the same as costing nothing.
 */
export class PriceBook {
  /** The one in force first. */
  private editions: readonly Edition[];
  private readonly listings = new Map<string, Listing>();
  /** The revision of the overrides that quotes and listings rest on. */
  private heeded: number;

  constructor(
    operator: OperatorPrices,
    private readonly bundled: GenaiPrices,
    private readonly overrides: KnownOverrides = NO_OVERRIDES,
  ) {
    this.editions = [toEdition(operator, -Infinity)];
    this.heeded = overrides.revision;
  }

  /** The price of a call admitted at `atMs`; after a model's first call a matter of two look-ups. */
  find({ name, type }: PricedProvider, model: string, atMs: number): PricedModel | undefined {
    if (this.heeded !== this.overrides.revision) this.forget();
    const edition = this.editionAt(atMs);
    let shelf = edition.shelves.get(name);
    if (!shelf || shelf.type !== type || shelf.quotes.size >= MOST_REMEMBERED)
      edition.shelves.set(name, (shelf = { type, quotes: new Map() }));
    let quote = shelf.quotes.get(model);
    if (!quote) shelf.quotes.set(model, (quote = this.quote(edition.operator, { name, type }, model)));
    return quote(atMs);
  }

  /** The price of the model that goes by this name at the first provider that has it, by the order of their lists. */
  findAnywhere(model: string, atMs: number): PricedModel | undefined {
    for (const type of Object.keys(PRICE_LISTS) as ProviderType[]) {
      const priced = PRICE_LISTS[type] === undefined ? undefined : this.find(anyOf(type), model, atMs);
      if (priced) return priced;
    }
    return this.find(anyOf('openai-compatible'), model, atMs);
  }

  /** The overrides that hold for calls admitted at `atMs`, the one that is asked first before the others. */
  overridesOf(provider: string, model: string, atMs: number): readonly PriceOverride[] {
    return overridesAt(this.overrides.of(provider, model), atMs);
  }

  /** From `fromMs` on the operator's prices are these; calls that were admitted before keep theirs. */
  reprice(operator: OperatorPrices, fromMs: number): void {
    this.editions = [toEdition(operator, fromMs), ...this.editions].slice(0, MOST_EDITIONS);
    this.forget();
  }

  /** The models that can be asked for an answer or for embeddings of this provider, as far as the bundled list knows, at their price of `atMs`. */
  catalogue(provider: PricedProvider, atMs: number): readonly CatalogueModel[] {
    if (this.heeded !== this.overrides.revision) this.forget();
    // Prices change on the second, so what was listed in this one is right; whoever looks up each model makes no list each time.
    const second = Math.floor(atMs / 1000);
    const listing = this.listings.get(provider.name);
    if (listing?.second === second && listing.type === provider.type) return listing.models;
    const models = this.listModels(provider, atMs);
    this.listings.set(provider.name, { type: provider.type, second, models });
    return models;
  }

  /** As `list:model`. */
  roundedModels(): readonly string[] {
    const lists = Object.values(PRICE_LISTS).filter((list) => list !== undefined);
    return lists.flatMap((list) => this.bundled.roundedModels(list).map((model) => `${list}:${model}`));
  }

  private listModels(provider: PricedProvider, atMs: number): readonly CatalogueModel[] {
    const { type } = provider;
    const list = PRICE_LISTS[type];
    if (list === undefined) return [];
    return this.bundled
      .models(list)
      .filter(({ id, rates }) => isOffered(type, id) && (isDeclaredFree(type, id) || isPricedPerToken(rates)))
      .map(({ id, contextWindow }) => ({ id, contextWindow, maxOutputTokens: undefined, priced: this.find(provider, id, atMs) }));
  }

  private editionAt(atMs: number): Edition {
    return this.editions.find(({ fromMs }) => fromMs <= atMs) ?? this.editions.at(-1)!;
  }

  /** Edition by edition it is concluded anew when somebody asks: those that are past are hardly asked any more. */
  private forget(): void {
    this.heeded = this.overrides.revision;
    for (const { shelves } of this.editions) shelves.clear();
    this.listings.clear();
  }

  private quote(operator: OperatorPrices, { name, type }: PricedProvider, model: string): Quote {
    const overrides = this.overrides.of(name, model);
    const quoteWith = (holding: readonly PriceOverride[]): Quote => this.quoteWith(holding, operator, type, model);
    if (overrides.length === 0) return quoteWith(overrides);
    const quoteAt = bySpan(overrides, quoteWith);
    return (atMs) => quoteAt(atMs)(atMs);
  }

  private quoteWith(holding: readonly PriceOverride[], operator: OperatorPrices, type: ProviderType, model: string): Quote {
    const list = PRICE_LISTS[type];
    const source = this.findSource(holding, operator, type, model);
    if (!source) return () => undefined;
    return toQuote(source, list === undefined ? NO_AUDIO : this.bundled.dearestAudio(list), factorsOf(type, model));
  }

  private findSource(holding: readonly PriceOverride[], operator: OperatorPrices, type: ProviderType, model: string): Source | undefined {
    const known = this.findKnown(operator, type, model);
    const exact = operator.findExact(model);
    const [ofAdmins, ofLists] = (['admin', 'sync'] as const).map((origin) => holding.filter((override) => override.origin === origin));
    const layers = [...ofAdmins!.map(toLayer), ...(exact ? [exact] : []), ...ofLists!.map(toLayer)];
    const [first] = layers;
    if (!first) return known;
    const rates = layers.reduceRight((lesser, layer) => applyLayer(layer, lesser), known?.rates ?? UNSTATED);
    return known || hasBothSides(rates) ? { rates, version: first.version } : undefined;
  }

  /** What is known of a model that nobody has set a price for by its name. */
  private findKnown(operator: OperatorPrices, type: ProviderType, model: string): Source | undefined {
    if (isDeclaredFree(type, model)) return { rates: FREE, version: 'declared' };
    const list = PRICE_LISTS[type];
    const listed = list === undefined ? undefined : priceable(this.bundled.findModel(list, model)?.rates);
    if (listed) return { rates: listed, version: GENAI_PRICES };
    const family = operator.findFamily(model);
    const rates = family && applyLayer(family, UNSTATED);
    return rates && hasBothSides(rates) ? { rates, version: family.version } : undefined;
  }
}

function toEdition(operator: OperatorPrices, fromMs: number): Edition {
  return { fromMs, operator, shelves: new Map() };
}

/** Who has no name of his own is charged what no override says of one provider alone. No provider's name has a slash. */
function anyOf(type: ProviderType): PricedProvider {
  return { name: `/${type}`, type };
}

/** Half a price that no other source completes is none. */
function hasBothSides(rates: StatedRates): boolean {
  return rates.every(({ base }) => base.input !== undefined && base.output !== undefined);
}

/** `:free` means something at OpenRouter only; elsewhere a caller could add it to any name. */
function isDeclaredFree(type: ProviderType, model: string): boolean {
  return type === 'echo' || type === 'ollama' || (type === 'openrouter' && model.endsWith(':free'));
}

/** The list also keeps names that OpenRouter once had without their vendor. */
function isOffered(type: ProviderType, model: string): boolean {
  return type !== 'openrouter' || model.includes('/');
}

/** What is sold by the picture or the minute cannot be asked for here. Embeddings have a price for what goes in alone. */
function isPricedPerToken(rates: StatedRates): boolean {
  const base = rates.at(-1)?.base;
  return (base?.output ?? base?.input) !== undefined;
}

/** A list may name a model and no price for its tokens. */
function priceable(rates: StatedRates | undefined): StatedRates | undefined {
  return rates?.some(({ base }) => base.input !== undefined || base.output !== undefined) ? rates : undefined;
}

function toQuote({ rates, version }: Source, dearest: DearestAudio, factors: PricedModel['factors']): Quote {
  const priced = rates.map((rate) => ({
    holdsAt: rate.holdsAt,
    model: toPricedModel(rate, { version, ...(factors && { factors }) }, dearest),
  }));
  const [only] = priced;
  if (priced.length === 1) return () => only?.model;
  return (atMs) => priced.find(({ holdsAt }) => holdsAt === undefined || holdsAt(atMs))?.model;
}

function toPricedModel(rate: StatedRate, terms: Pick<PricedModel, 'version' | 'factors'>, dearest: DearestAudio): PricedModel | undefined {
  const price = completePrice(rate.base, dearest);
  const tiers = rate.tiers.flatMap(({ aboveInputTokens, stated }) => {
    const tierPrice = completePrice(stated, dearest);
    return tierPrice ? [{ aboveInputTokens, price: tierPrice }] : [];
  });
  if (!price) return undefined;
  const priced = tiers.length > 0 ? { price, tiers, ...terms } : { price, ...terms };
  return { ...priced, id: priceIdOf(priced) };
}
