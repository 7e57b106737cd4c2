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
