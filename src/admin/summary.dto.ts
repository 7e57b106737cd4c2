import { Transform } from 'class-transformer';
import { IsInt, IsOptional, Max, Min } from 'class-validator';

export class SummaryQueryDto {
  /**
   * How far back to look, in hours.
   * @example 24
   */
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => Number(value))
  @IsInt()
  @Min(1)
  @Max(24 * 92)
  readonly window_hours: number = 24;
}

export class TopDto {
  /** @example gpt-4o-mini */
  readonly name!: string;
  readonly requests!: number;
  /** US dollars, exact to the nano-dollar. */
  readonly cost_usd!: number;
}

export class LatencyDto {
  readonly p50_ms!: number | null;
  readonly p95_ms!: number | null;
  readonly p99_ms!: number | null;
}

export class SummaryDto {
  readonly version!: string;
  readonly uptime_s!: number;
  readonly window_hours!: number;
  readonly requests!: number;
  readonly errors!: number;
  readonly input_tokens!: number;
  readonly output_tokens!: number;
  /** US dollars, exact to the nano-dollar. */
  readonly cost_usd!: number;
  readonly latency!: LatencyDto;
  readonly top_models!: TopDto[];
  readonly top_keys!: TopDto[];
  readonly top_users!: TopDto[];
  /** Names of the providers that are switched on. */
  readonly providers!: string[];
}
