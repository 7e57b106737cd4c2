import type { CatalogueModel, PricedModel } from '../core/price.js';
import type { ProviderType } from '../core/provider.js';
import { GENAI_PRICES, type GenaiPrices } from './prices/genai-prices.js';
import { applyOperatorPrice, type OperatorPrices } from './prices/operator-price.js';
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

/** What the operator says from a moment on, and what was concluded from it. */
interface Edition {
  readonly fromMs: number;
  readonly operator: OperatorPrices;
  readonly quotes: Map<ProviderType, Map<string, Quote>>;
}

/** What a model costs at a moment. */
type Quote = (atMs: number) => PricedModel | undefined;

interface Source {
  readonly rates: StatedRates;
  readonly version: string;
}

/**
 * What each model costs, from the operator's own price, else by declaration (free), else the bundled list, else the operator's
 * price for a family. A model that none of them knows has no price, which is never the same as costing nothing.
 */
export class PriceBook {
  /** The one in force first. */
  private editions: readonly Edition[];
  private readonly listings = new Map<ProviderType, { readonly second: number; readonly models: readonly CatalogueModel[] }>();

  constructor(
    operator: OperatorPrices,
    private readonly bundled: GenaiPrices,
  ) {
    this.editions = [toEdition(operator, -Infinity)];
  }

  /** The price of a call admitted at `atMs`; after a model's first call a matter of two look-ups. */
  find(type: ProviderType, model: string, atMs: number): PricedModel | undefined {
    const edition = this.editionAt(atMs);
    let quotes = edition.quotes.get(type);
    if (!quotes || quotes.size >= MOST_REMEMBERED) edition.quotes.set(type, (quotes = new Map()));
    let quote = quotes.get(model);
    if (!quote) quotes.set(model, (quote = this.quote(edition.operator, type, model)));
    return quote(atMs);
  }

  /** The price of the model that goes by this name at the first provider that has it, by the order of their lists. */
  findAnywhere(model: string, atMs: number): PricedModel | undefined {
    for (const type of Object.keys(PRICE_LISTS) as ProviderType[]) {
      const priced = PRICE_LISTS[type] === undefined ? undefined : this.find(type, model, atMs);
      if (priced) return priced;
    }
    return this.find('openai-compatible', model, atMs);
  }

  /** From `fromMs` on the operator's prices are these; calls that were admitted before keep theirs. */
  reprice(operator: OperatorPrices, fromMs: number): void {
    this.editions = [toEdition(operator, fromMs), ...this.editions].slice(0, MOST_EDITIONS);
    this.listings.clear();
  }

  /** The models that can be asked for an answer or for embeddings of this type of provider, as far as the bundled list knows, at their price of `atMs`. */
  catalogue(type: ProviderType, atMs: number): readonly CatalogueModel[] {
    // Prices change on the second, so what was listed in this one is right; whoever looks up each model makes no list each time.
    const second = Math.floor(atMs / 1000);
    const listing = this.listings.get(type);
    if (listing?.second === second) return listing.models;
    const models = this.listModels(type, atMs);
    this.listings.set(type, { second, models });
    return models;
  }

  /** As `list:model`. */
  roundedModels(): readonly string[] {
    const lists = Object.values(PRICE_LISTS).filter((list) => list !== undefined);
    return lists.flatMap((list) => this.bundled.roundedModels(list).map((model) => `${list}:${model}`));
  }

  private listModels(type: ProviderType, atMs: number): readonly CatalogueModel[] {
    const list = PRICE_LISTS[type];
    if (list === undefined) return [];
    return this.bundled
      .models(list)
      .filter(({ id, rates }) => isOffered(type, id) && (isDeclaredFree(type, id) || isPricedPerToken(rates)))
      .map(({ id, contextWindow }) => ({ id, contextWindow, maxOutputTokens: undefined, priced: this.find(type, id, atMs) }));
  }

  private editionAt(atMs: number): Edition {
    return this.editions.find(({ fromMs }) => fromMs <= atMs) ?? this.editions.at(-1)!;
  }

  private quote(operator: OperatorPrices, type: ProviderType, model: string): Quote {
    const list = PRICE_LISTS[type];
    const source = this.findSource(operator, type, model);
    if (!source) return () => undefined;
    return toQuote(source, list === undefined ? NO_AUDIO : this.bundled.dearestAudio(list), factorsOf(type, model));
  }

  private findSource(operator: OperatorPrices, type: ProviderType, model: string): Source | undefined {
    const list = PRICE_LISTS[type];
    const free = isDeclaredFree(type, model);
    const listed = free || list === undefined ? undefined : this.bundled.findModel(list, model)?.rates;
    const family = operator.findFamily(model);
    const familyRates = family && !free ? applyOperatorPrice(family, undefined) : undefined;
    const known = free ? FREE : (priceable(listed) ?? familyRates);

    const exact = operator.findExact(model);
    const rates = exact && applyOperatorPrice(exact, known);
    if (exact && rates) return { rates, version: exact.version };
    if (!known) return undefined;
    return { rates: known, version: free ? 'declared' : known === familyRates ? 'env' : GENAI_PRICES };
  }
}

function toEdition(operator: OperatorPrices, fromMs: number): Edition {
  return { fromMs, operator, quotes: new Map() };
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
