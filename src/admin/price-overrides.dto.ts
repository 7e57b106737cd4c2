import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsIn, IsObject, IsOptional, ValidateNested } from 'class-validator';
import { ATTRIBUTE_RULES } from '../keys/index.js';
import { PRICE_RULES } from '../usage/index.js';
import { MayObey, Obeys } from './obeys.js';
import { PageQueryDto } from './page.dto.js';
import { ShownRatesDto } from './prices.dto.js';

const AMOUNT = { oneOf: [{ type: 'string' }, { type: 'number' }] };
const MOMENT = { type: String, format: 'date-time' } as const;
const THRESHOLD = { type: 'integer', minimum: 1, example: 200_000 } as const;
const ORIGINS = ['admin', 'sync'] as const;
const MOST_TIERS = 10;

/** US dollars for a million tokens of each kind, exact to a pico-dollar per token; as text, or as a number where that holds all digits. */
export class RatesDto {
  /** Input that is none of the following. */
  @ApiPropertyOptional({ ...AMOUNT, example: '2.50' })
  @MayObey(PRICE_RULES.rate)
  readonly input?: string | number;

  /** Input that the provider had in its cache. */
  @ApiPropertyOptional({ ...AMOUNT, example: '0.25' })
  @MayObey(PRICE_RULES.rate)
  readonly cache_read?: string | number;

  /** Input that the provider put into its cache for five minutes, or for a time of its own choice. */
  @ApiPropertyOptional({ ...AMOUNT, example: '3.125' })
  @MayObey(PRICE_RULES.rate)
  readonly cache_write_5m?: string | number;

  /** The same for an hour. */
  @ApiPropertyOptional({ ...AMOUNT, example: '5' })
  @MayObey(PRICE_RULES.rate)
  readonly cache_write_1h?: string | number;

  /** Output, reasoning included unless that has a rate of its own. */
  @ApiPropertyOptional({ ...AMOUNT, example: '10' })
  @MayObey(PRICE_RULES.rate)
  readonly output?: string | number;

  @ApiPropertyOptional({ ...AMOUNT, example: '40' })
  @MayObey(PRICE_RULES.rate)
  readonly audio_input?: string | number;

  @ApiPropertyOptional({ ...AMOUNT, example: '80' })
  @MayObey(PRICE_RULES.rate)
  readonly audio_output?: string | number;

  /** Images that go in. */
  @ApiPropertyOptional({ ...AMOUNT, example: '2.50' })
  @MayObey(PRICE_RULES.rate)
  readonly image?: string | number;

  /** Output that is reasoning; without it reasoning costs what output does. */
  @ApiPropertyOptional({ ...AMOUNT, example: '3' })
  @MayObey(PRICE_RULES.rate)
  readonly reasoning?: string | number;

  /** US dollars for each call that is answered, besides its tokens. */
  @ApiPropertyOptional({ ...AMOUNT, example: '0.005' })
  @MayObey(PRICE_RULES.fee)
  readonly request?: string | number;
}

export class PriceTierOrderDto {
  /** Calls with more input than that, cached or not, are charged by this tier as a whole. */
  @ApiProperty(THRESHOLD)
  @Obeys(PRICE_RULES.threshold)
  readonly above_input_tokens!: number;

  /** What is left out costs what it does below. */
  @IsObject({ message: 'must be an object of rates, such as {"input": "5"}' })
  @ValidateNested()
  @Type(() => RatesDto)
  readonly rates!: RatesDto;
}

export class CreatePriceOverrideDto {
  /** As the provider knows it: what a call is sent on as, not an alias. */
  @ApiProperty({ example: 'gpt-4o-mini' })
  @Obeys(PRICE_RULES.model)
  readonly model!: string;

  /** The name of a configured provider; without one it holds at every provider, unless another names that provider. */
  @ApiPropertyOptional({ example: 'openai' })
  @MayObey(PRICE_RULES.provider)
  readonly provider?: string;

  /** It holds for calls that are admitted from then on; without it from now on. Not in the past. */
  @ApiPropertyOptional({ ...MOMENT, example: '2027-01-01T00:00:00Z' })
  @MayObey(ATTRIBUTE_RULES.expiresAt)
  readonly from?: string;

  /** What is left out stays as the next source of prices has it. */
  @IsObject({ message: 'must be an object of rates, such as {"input": "2.50", "output": "10"}' })
  @ValidateNested()
  @Type(() => RatesDto)
  readonly rates!: RatesDto;

  /** For large inputs. Without any, `rates` hold for every size. */
  @IsOptional()
  @IsArray({ message: 'must be a list of tiers' })
  @ArrayMaxSize(MOST_TIERS, { message: `must be a list of up to ${MOST_TIERS} tiers` })
  @ValidateNested({ each: true, message: 'must be a list of objects, each with `above_input_tokens` and `rates`' })
  @Type(() => PriceTierOrderDto)
  readonly tiers?: PriceTierOrderDto[];
}

export class PriceOverridesQueryDto extends PageQueryDto {
  /** Those that name this provider. */
  @MayObey(PRICE_RULES.provider)
  readonly provider?: string;

  /** Those of this model. */
  @MayObey(PRICE_RULES.model)
  readonly model?: string;

  @ApiPropertyOptional({ enum: ORIGINS })
  @IsOptional()
  @IsIn(ORIGINS)
  readonly origin?: (typeof ORIGINS)[number];
}

export class OverrideTierDto {
  /** @example 200000 */
  readonly above_input_tokens!: number;
  /** US dollars for a million tokens. */
  readonly rates!: ShownRatesDto;
}

export class PriceOverrideDto {
  /** @example 019512aa-3c5b-7f0c-8a5e-4d3c2b1a0f9e */
  readonly id!: string;
  /** null = wherever the model is. */
  @ApiProperty({ type: String, nullable: true, example: 'openai' })
  readonly provider!: string | null;
  /** @example gpt-4o-mini */
  readonly model!: string;
  @ApiProperty({ ...MOMENT, example: '2026-11-21T09:30:00.000Z' })
  readonly from!: string;
  /** US dollars for a million tokens, as far as it says. */
  readonly rates!: ShownRatesDto;
  readonly tiers!: OverrideTierDto[];
  /** Said by an administrator, or by a provider's own list. */
  @ApiProperty({ enum: ORIGINS, example: 'admin' })
  readonly origin!: (typeof ORIGINS)[number];
  @ApiProperty({ ...MOMENT, example: '2026-11-21T09:30:00.000Z' })
  readonly created_at!: string;
  /**
   * The id of the key that asked for it.
   * @example admin:default
   */
  readonly created_by!: string;
  /** When it was taken back; it held until then. null = it was not. */
  @ApiProperty({ ...MOMENT, nullable: true, example: null })
  readonly removed_at!: string | null;
}

export class PriceOverrideListDto {
  /** @example list */
  readonly object!: string;
  readonly data!: PriceOverrideDto[];
  /** There are more after these. */
  readonly has_more!: boolean;
  /** What to ask `after` for the next page; null = there are none. */
  @ApiProperty({ type: String, nullable: true, example: '019512aa-3c5b-7f0c-8a5e-4d3c2b1a0f9e' })
  readonly last_id!: string | null;
}
