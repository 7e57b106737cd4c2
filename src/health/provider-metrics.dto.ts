import { ApiProperty } from '@nestjs/swagger';

/** Attempts at one provider: a call that was tried twice counts twice. */
export class ProviderMetricsDto {
  /**
   * Since the start, those included that a client gave up.
   * @example 1204
   */
  readonly total_requests!: number;
  /**
   * Of the last five minutes: the share that was answered, from 0 to 1; null without attempts.
   * @example 0.9917
   */
  readonly success_rate!: number | null;
  /**
   * Of the last five minutes: seconds from sending to the end of the answer; null without answers.
   * @example 1.234
   */
  readonly avg_response_time!: number | null;
  /** Since the start, by kind of error. */
  @ApiProperty({ type: 'object', additionalProperties: { type: 'integer' }, example: { upstream_timeout: 2, upstream_rate_limited: 7 } })
  readonly error_counts!: Record<string, number>;
}
