/** Prices of one model, in whole pico-dollars per token; one that is left out stays as the built-in list has it. */
export interface PriceOverride {
  readonly model: string;
  readonly inputPicoUsd: bigint;
  readonly outputPicoUsd: bigint;
  readonly cacheReadPicoUsd: bigint | undefined;
  readonly cacheWritePicoUsd: bigint | undefined;
  readonly reasoningPicoUsd?: bigint | undefined;
  /** Pico-dollars for each call, besides its tokens. */
  readonly requestPicoUsd?: bigint | undefined;
}

/** What `COST_PER_TOKEN_…` variables say; a side that none of them names is undefined. Pico-dollars per token. */
export interface TokenCost {
  /** For an exact price the model's name as `toCostKey` writes it (`GPT_4O`), for a family what its models' names begin with (`gpt-4`). */
  readonly model: string;
  readonly inputPicoUsd: bigint | undefined;
  readonly outputPicoUsd: bigint | undefined;
}

/** `exact` comes before the built-in price book, `families` after it. */
export interface TokenCosts {
  readonly exact: readonly TokenCost[];
  readonly families: readonly TokenCost[];
}

/** What happens to a call of a model without a price. */
export type UnpricedPolicy = { readonly policy: 'reject' | 'unbudgeted' } | { readonly policy: 'price_as'; readonly model: string };
