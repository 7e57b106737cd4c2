import type { calcPrice, findProvider, Provider } from '@pydantic/genai-prices';
import { toStatedRates } from './genai-rates.js';
import { larger, type DearestAudio, type StatedRate, type StatedRates } from './stated-price.js';

/** What a ledger row says it was priced with. A test holds it to the installed version. */
export const GENAI_PRICES = 'genai-prices@0.1.8';

/** A model as the bundled price list has it. */
export interface ListedModel {
  readonly id: string;
  /** In tokens. */
  readonly contextWindow: number | undefined;
  readonly rates: StatedRates;
}

interface Library {
  readonly calcPrice: typeof calcPrice;
  readonly findProvider: typeof findProvider;
}

/** Costs 40 ms and most of a megabyte, so only a process that is about to serve calls loads it. */
export async function loadGenaiPrices(): Promise<GenaiPrices> {
  return new GenaiPrices(await import('@pydantic/genai-prices'));
}

/** The price list that comes with the gateway: providers and models under the names that genai-prices has for them. */
export class GenaiPrices {
  private readonly providers = new Map<string, ListedProvider>();

  constructor(private readonly library: Library) {}

  /** A model by any name that its provider knows it by. */
  findModel(provider: string, name: string): ListedModel | undefined {
    const listed = this.provider(provider);
    return listed.callable?.get(name) ?? this.match(listed, provider, name);
  }

  /** The models that can be called by the name they are listed under; the list also has patterns and families. */
  models(provider: string): readonly ListedModel[] {
    const listed = this.provider(provider);
    const isCallable = (model: ListedModel): boolean => !model.id.endsWith('-') && this.match(listed, provider, model.id) === model;
    listed.callable ??= new Map([...listed.models].filter(([, model]) => isCallable(model)));
    return [...listed.callable.values()];
  }

  dearestAudio(provider: string): DearestAudio {
    return this.provider(provider).dearestAudio;
  }

  /** Models of which a price was finer than a pico-dollar per token. */
  roundedModels(provider: string): readonly string[] {
    return this.provider(provider).rounded;
  }

  private match(listed: ListedProvider, provider: string, name: string): ListedModel | undefined {
    // It knows the names; the price that it would work out in floats is of no interest.
    const id = this.library.calcPrice({}, name, { providerId: provider })?.model.id;
    return id === undefined ? undefined : listed.models.get(id);
  }

  private provider(id: string): ListedProvider {
    let listed = this.providers.get(id);
    if (!listed) this.providers.set(id, (listed = new ListedProvider(this.library.findProvider({ providerId: id }))));
    return listed;
  }
}

class ListedProvider {
  readonly models = new Map<string, ListedModel>();
  readonly rounded: string[] = [];
  readonly dearestAudio: DearestAudio;
  /** By the name they are listed under; undefined until somebody asks for them. */
  callable: ReadonlyMap<string, ListedModel> | undefined;

  constructor(provider: Provider | undefined) {
    for (const model of provider?.models ?? []) {
      const { rates, isRounded } = toStatedRates(model);
      this.models.set(model.id, { id: model.id, contextWindow: model.context_window, rates });
      if (isRounded) this.rounded.push(model.id);
    }
    const rates = [...this.models.values()].flatMap((model) => model.rates);
    this.dearestAudio = { audioInput: dearest(rates, 'audioInput'), audioOutput: dearest(rates, 'audioOutput') };
  }
}

function dearest(rates: StatedRates, bucket: keyof DearestAudio): bigint {
  const each = (rate: StatedRate): readonly (bigint | undefined)[] => [
    rate.base[bucket],
    ...rate.tiers.map(({ stated }) => stated[bucket]),
  ];
  return rates.flatMap(each).reduce<bigint>((most, price) => larger(most, price ?? 0n), 0n);
}
