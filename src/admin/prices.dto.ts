import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsInt, IsOptional, Matches, Max, Min } from 'class-validator';
import { PRICE_RULES } from '../usage/index.js';
import { MayObey } from './obeys.js';
import { PageSizeDto } from './page.dto.js';

const MOMENT = { type: String, format: 'date-time' } as const;

export class PricesQueryDto extends PageSizeDto {
  /** The name of a configured provider. */
  @MayObey(PRICE_RULES.provider)
  readonly provider?: string;

  /**
   * As the provider knows it.
   * @example gpt-4o-mini
   */
  @MayObey(PRICE_RULES.model)
  readonly model?: string;

  /**
   * The page after the entry with this provider and model: the `last_id` of the page before.
   * @example openai/gpt-4o-mini
   */
  @IsOptional()
  @Matches(/^[^/\s]+\/\S+$/, { message: 'must be a provider and a model, as `last_id` shows them' })
  readonly after?: string;
}

export class UnpricedQueryDto {
  /** How far back to look. */
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 366, default: 30 })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => Number(value))
  @IsInt()
  @Min(1)
  @Max(366)
  readonly days: number = 30;

  /** Entries at most. */
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 1000, default: 200 })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => Number(value))
  @IsInt()
  @Min(1)
  @Max(1000)
  readonly limit: number = 200;
}

/** Amounts are text: a JSON number does not hold every digit of all of them. */
export class ShownRatesDto {
  /** @example 2.5 */
  readonly input?: string;
  /** @example 1.25 */
  readonly cache_read?: string;
  /** @example 2.5 */
  readonly cache_write_5m?: string;
  /** @example 2.5 */
  readonly cache_write_1h?: string;
  /** @example 10 */
  readonly output?: string;
  /** @example 40 */
  readonly audio_input?: string;
  /** @example 80 */
  readonly audio_output?: string;
  /** @example 2.5 */
  readonly image?: string;
  /**
   * Output that is reasoning, where it has a price of its own.
   * @example 3
   */
  readonly reasoning?: string;
  /**
   * For each call, besides its tokens; in US dollars, or in pico-dollars where the others are.
   * @example 0.005
   */
  readonly request?: string;
}

export class PriceTierDto {
  /** @example 200000 */
  readonly above_input_tokens!: number;
  /** US dollars for a million tokens. */
  readonly rates!: ShownRatesDto;
  /** Whole pico-dollars (US$0.000000000001) for a token: what costs are worked out with. */
  readonly pico_usd_per_token!: ShownRatesDto;
}

/** What a model costs at a provider now; all nulls where nobody knows, which does not mean free. */
export class PriceDto {
  /** @example openai */
  readonly provider!: string;
  /** @example gpt-4o-mini */
  readonly model!: string;
  /** A digest of all the rest: what ledger rows are explained by. */
  @ApiProperty({ type: String, nullable: true, example: '5c1f0a9be2d34c7788aa01f3bd926e40' })
  readonly id!: string | null;
  /** Where it comes from: `admin`, `yaml`, `env`, `sync`, `declared`, or the bundled list with its version. */
  @ApiProperty({ type: String, nullable: true, example: 'genai-prices@0.1.8' })
  readonly version!: string | null;
  /** The ids of the overrides that hold for it now, the one that is asked first before the others. */
  readonly overrides!: string[];
  /** US dollars for a million tokens. */
  @ApiProperty({ type: ShownRatesDto, nullable: true })
  readonly rates!: ShownRatesDto | null;
  /** Whole pico-dollars (US$0.000000000001) for a token: what costs are worked out with. */
  @ApiProperty({ type: ShownRatesDto, nullable: true })
  readonly pico_usd_per_token!: ShownRatesDto | null;
  /** What calls with large inputs cost, as a whole. */
  readonly tiers!: PriceTierDto[];
  /** What of it calls cost that were answered in a service tier, as exact fractions. */
  @ApiProperty({ type: Object, additionalProperties: { type: 'string' }, example: { batch: '1/2' } })
  readonly service_tiers!: Record<string, string>;
}

export class PriceListDto {
  /** @example list */
  readonly object!: string;
  readonly data!: PriceDto[];
  /** There are more after these. */
  readonly has_more!: boolean;
  /** What to ask `after` for the next page; null = there are none. */
  @ApiProperty({ type: String, nullable: true, example: 'openai/gpt-4o-mini' })
  readonly last_id!: string | null;
}

export class UnpricedModelDto {
  /** null = the call got to none. */
  @ApiProperty({ type: String, nullable: true, example: 'local' })
  readonly provider!: string | null;
  /** @example llama-3.3-70b */
  readonly model!: string;
  /** Calls that used tokens and had no price. */
  readonly calls!: number;
  /** Cached or not. */
  readonly input_tokens!: number;
  readonly output_tokens!: number;
  @ApiProperty({ ...MOMENT, example: '2026-11-21T09:30:00.000Z' })
  readonly last_called_at!: string;
  /** It has a price by now, for the calls that come. */
  readonly priced_now!: boolean;
}

export class UnpricedListDto {
  /** @example list */
  readonly object!: string;
  /** The most used first. */
  readonly data!: UnpricedModelDto[];
  /** There are more than `limit`. */
  readonly has_more!: boolean;
}
