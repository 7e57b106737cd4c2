import { ApiProperty } from '@nestjs/swagger';

export class ProviderTestErrorDto {
  /** @example upstream_timeout */
  readonly kind!: string;
  /** @example The provider could not be reached in time. Try again later. */
  readonly message!: string;
}

/** What came of one tiny call. */
export class ProviderTestDto {
  readonly ok!: boolean;
  /** @example openai */
  readonly provider!: string;
  /** @example gpt-4o-mini */
  readonly model!: string;
  /**
   * Until the whole answer was there.
   * @example 812.4
   */
  readonly latency_ms!: number;
  /** What the model said; null if nothing came. */
  @ApiProperty({ type: String, nullable: true, example: 'ok' })
  readonly text!: string | null;
  @ApiProperty({ type: ProviderTestErrorDto, nullable: true, example: null })
  readonly error!: ProviderTestErrorDto | null;
  /** US dollars, exact to the nano-dollar; null while it is not known, or where the model has no price. */
  @ApiProperty({ type: Number, nullable: true, example: 0.0000024 })
  readonly cost_usd!: number | null;
  /**
   * Of the call's row in the ledger.
   * @example req_019512aa3c5b7f0c8a5e4d3c2b1a0f9e
   */
  readonly request_id!: string;
}
