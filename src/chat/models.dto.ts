/** Prices for people: US dollars per million tokens. */
export class PricingDto {
  /** @example USD per million tokens */
  readonly unit!: string;
  /** @example 2.5 */
  readonly input!: number;
  /** @example 1.25 */
  readonly cached_input!: number;
  /** @example 2.5 */
  readonly cache_write!: number;
  /** @example 10 */
  readonly output!: number;
  /**
   * Output that is reasoning, where it has a price of its own.
   * @example 3
   */
  readonly reasoning?: number;
  /**
   * US dollars for each call besides its tokens, where there is such a fee.
   * @example 0.005
   */
  readonly request?: number;
}

/** A model in OpenAI's shape, with what the gateway knows besides. */
export class ModelDto {
  /** @example gpt-4o-mini */
  readonly id!: string;
  /** @example model */
  readonly object!: string;
  /** Epoch seconds. */
  readonly created!: number;
  /** The provider that is asked first. */
  readonly owned_by!: string;
  /** Every provider that may answer, in order. */
  readonly providers!: string[];
  /** Tokens; null = unknown. */
  readonly context_window!: number | null;
  /** Tokens; null = unknown. */
  readonly max_output_tokens!: number | null;
  /** null = no price is known, which does not mean free. */
  readonly pricing!: PricingDto | null;
}

export class ModelListDto {
  /** @example list */
  readonly object!: string;
  readonly data!: ModelDto[];
}

/** A model in Anthropic's shape. */
export class AnthropicModelDto {
  /** @example model */
  readonly type!: string;
  /** @example claude-sonnet-5 */
  readonly id!: string;
  /** @example claude-sonnet-5 */
  readonly display_name!: string;
  /**
   * RFC 3339.
   * @example 2026-01-01T00:00:00.000Z
   */
  readonly created_at!: string;
  /** Tokens; null = unknown. */
  readonly max_input_tokens!: number | null;
  /** The most that `max_tokens` may be; null = unknown. */
  readonly max_tokens!: number | null;
}

export class AnthropicModelListDto {
  readonly data!: AnthropicModelDto[];
  /** There are more models the way that was asked for. */
  readonly has_more!: boolean;
  /** What `before_id` takes for the page before this one; null if the page is empty. */
  readonly first_id!: string | null;
  /** What `after_id` takes for the page after this one; null if the page is empty. */
  readonly last_id!: string | null;
}
