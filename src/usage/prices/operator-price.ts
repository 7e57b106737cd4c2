import { toCostKey, type Config, type PriceOverride, type TokenCost } from '../../platform/index.js';
import type { StatedPrice, StatedRates } from './stated-price.js';

/** What the operator says of a model. A side left out stays as the other sources have it. */
export interface OperatorPrice {
  readonly version: 'yaml' | 'env';
  readonly input: bigint | undefined;
  readonly output: bigint | undefined;
  readonly cacheRead?: bigint | undefined;
  readonly cacheWrite?: bigint | undefined;
}

/** The prices in the YAML and in `COST_PER_TOKEN_…` variables. */
export class OperatorPrices {
  private readonly yaml: ReadonlyMap<string, PriceOverride>;
  private readonly exact: ReadonlyMap<string, TokenCost>;
  private readonly families: readonly TokenCost[];

  constructor(config: Pick<Config, 'prices' | 'costPerToken'>) {
    this.yaml = new Map(config.prices.map((price) => [price.model, price]));
    this.exact = new Map(config.costPerToken.exact.map((cost) => [cost.model, cost]));
    this.families = config.costPerToken.families;
  }

  /** Comes before every other source. */
  findExact(model: string): OperatorPrice | undefined {
    const yaml = this.yaml.get(model);
    if (!yaml) return toOperatorPrice(this.exact.get(toCostKey(model)));
    return {
      version: 'yaml',
      input: yaml.inputPicoUsd,
      output: yaml.outputPicoUsd,
      cacheRead: yaml.cacheReadPicoUsd,
      cacheWrite: yaml.cacheWritePicoUsd,
    };
  }

  /** For what nothing else prices; `vendor/gpt-4-something` belongs to the family too. */
  findFamily(model: string): OperatorPrice | undefined {
    const name = model.slice(model.lastIndexOf('/') + 1).toLowerCase();
    return toOperatorPrice(this.families.find((family) => name.startsWith(family.model)));
  }
}

function toOperatorPrice(cost: TokenCost | undefined): OperatorPrice | undefined {
  return cost && { version: 'env', input: cost.inputPicoUsd, output: cost.outputPicoUsd };
}

/** The operator's figures over those of another source; undefined where both together leave a side unpriced. */
export function applyOperatorPrice(price: OperatorPrice, rates: StatedRates | undefined): StatedRates | undefined {
  if (rates) {
    return rates.map(({ holdsAt, base, tiers }) => ({
      holdsAt,
      base: overlay(base, price),
      tiers: tiers.map((tier) => ({ ...tier, stated: overlay(tier.stated, price) })),
    }));
  }
  if (price.input === undefined || price.output === undefined) return undefined;
  return [{ holdsAt: undefined, base: overlay({}, price), tiers: [] }];
}

function overlay(stated: StatedPrice, price: OperatorPrice): StatedPrice {
  const input = price.input ?? stated.input;
  const cacheRead = price.cacheRead ?? cheaper(stated.cacheRead, input);
  const cacheWrite5m = price.cacheWrite ?? stated.cacheWrite5m;
  const cacheWrite1h = price.cacheWrite ?? stated.cacheWrite1h;
  return { ...stated, ...defined({ input, output: price.output ?? stated.output, cacheRead, cacheWrite5m, cacheWrite1h }) };
}

/** Reading a cache is never dearer than not reading it, also where the operator's input price undercuts the list's cache price. */
function cheaper(cacheRead: bigint | undefined, input: bigint | undefined): bigint | undefined {
  return cacheRead !== undefined && input !== undefined && input < cacheRead ? input : cacheRead;
}

function defined(stated: { readonly [Name in keyof StatedPrice]: bigint | undefined }): StatedPrice {
  return Object.fromEntries(Object.entries(stated).filter(([, pico]) => pico !== undefined));
}
