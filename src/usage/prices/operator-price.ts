import { toCostKey, type Config, type PriceOverride, type TokenCost } from '../../platform/index.js';
import type { PriceLayer } from './price-layer.js';
import type { StatedPrice } from './stated-price.js';

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

  /** Comes before what lists say. */
  findExact(model: string): PriceLayer | undefined {
    const yaml = this.yaml.get(model);
    return yaml ? toYamlLayer(yaml) : toEnvironmentLayer(this.exact.get(toCostKey(model)));
  }

  /** For what nothing else prices; `vendor/gpt-4-something` belongs to the family too. */
  findFamily(model: string): PriceLayer | undefined {
    const name = model.slice(model.lastIndexOf('/') + 1).toLowerCase();
    return toEnvironmentLayer(this.families.find((family) => name.startsWith(family.model)));
  }
}

function toYamlLayer(price: PriceOverride): PriceLayer {
  const { inputPicoUsd: input, outputPicoUsd: output, cacheReadPicoUsd: cacheRead, cacheWritePicoUsd: cacheWrite } = price;
  const { reasoningPicoUsd: reasoning, requestPicoUsd: request } = price;
  return {
    version: 'yaml',
    base: definedOf({ input, output, cacheRead, cacheWrite5m: cacheWrite, cacheWrite1h: cacheWrite, reasoning, request }),
    tiers: [],
  };
}

function toEnvironmentLayer(cost: TokenCost | undefined): PriceLayer | undefined {
  return cost && { version: 'env', base: definedOf({ input: cost.inputPicoUsd, output: cost.outputPicoUsd }), tiers: [] };
}

function definedOf(stated: { readonly [Name in keyof StatedPrice]: bigint | undefined }): StatedPrice {
  return Object.fromEntries(Object.entries(stated).filter(([, pico]) => pico !== undefined));
}
