import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsIn, IsInt, IsOptional, Matches, Max, Min, ValidateBy } from 'class-validator';
import type { Ending } from '../../core/call.js';
import { IsMoment } from '../moment.js';
import { callTimeOf } from './call-time.js';

export const ENDINGS = [
  'complete',
  'client_gone',
  'upstream_cut',
  'timed_out',
  'failed',
  'interrupted',
] as const satisfies readonly Ending[];
export const FORMATS = ['json', 'csv'] as const;
export const USUAL_LIMIT = 50;

/** What a text column can hold. */
const TEXT = /^[^\0\p{Cs}]{1,512}$/u;
const TEXT_FAULT = { message: 'must be 1 to 512 characters' };
const TAG = /^[^\0\p{Cs}=]{1,256}=[^\0\p{Cs}]{1,256}$/u;

function toNumber({ value }: { readonly value: unknown }): number {
  return Number(value);
}

function IsCallId(): PropertyDecorator {
  return ValidateBy({
    name: 'isCallId',
    validator: {
      validate: (value) => typeof value === 'string' && callTimeOf(value) !== undefined,
      defaultMessage: () => 'must be the id of a request, as lists show it',
    },
  });
}

/** Which requests, newest first. */
export class RequestsQueryDto {
  /**
   * Admitted from then on: a time as in RFC 3339, or a date, which begins at midnight UTC. Default: 30 days before `to`.
   * @example 2026-11-01
   */
  @IsOptional()
  @IsMoment()
  readonly from?: string;

  /**
   * Admitted until then: a time as in RFC 3339, which is not included, or a date, which is, to its end in UTC. Default: now.
   * @example 2026-11-30
   */
  @IsOptional()
  @IsMoment()
  readonly to?: string;

  /**
   * The id of a key. For administrators.
   * @example 019512aa-3c5b-7f0c-8a5e-4d3c2b1a0f9e
   */
  @IsOptional()
  @Matches(TEXT, TEXT_FAULT)
  readonly key?: string;

  /**
   * The id of a team, or of a key that has none. For administrators.
   * @example 019512aa-3c5b-7f0c-8a5e-4d3c2b1a0f9e
   */
  @IsOptional()
  @Matches(TEXT, TEXT_FAULT)
  readonly team?: string;

  /**
   * The end user, as calls name it. Together with `team` it is found fast.
   * @example ann
   */
  @IsOptional()
  @Matches(TEXT, TEXT_FAULT)
  readonly user?: string;

  /**
   * A model: as calls asked for it, or as the provider knows it that answered.
   * @example gpt-4o-mini
   */
  @IsOptional()
  @Matches(TEXT, TEXT_FAULT)
  readonly model?: string;

  /**
   * Who answered, or was asked last.
   * @example openai
   */
  @IsOptional()
  @Matches(TEXT, TEXT_FAULT)
  readonly provider?: string;

  /** The status that the client got; 499 = it had left before. */
  @ApiPropertyOptional({ type: 'integer', minimum: 100, maximum: 599, example: 429 })
  @IsOptional()
  @Transform(toNumber)
  @IsInt()
  @Min(100)
  @Max(599)
  readonly status?: number;

  /** How it ended. */
  @ApiPropertyOptional({ enum: ENDINGS })
  @IsOptional()
  @IsIn(ENDINGS)
  readonly ending?: Ending;

  /**
   * What went wrong.
   * @example upstream_unavailable
   */
  @IsOptional()
  @Matches(/^[a-z_]{1,64}$/, { message: 'must be a kind of error, such as upstream_unavailable' })
  readonly error_kind?: string;

  /**
   * A tag, as `name=value`.
   * @example app=search
   */
  @IsOptional()
  @Matches(TAG, { message: 'must be the name and the value of a tag, such as app=search' })
  readonly tag?: string;

  /**
   * The label that calls were given as `x-request-id`. Several may share one.
   * @example nightly-import-7
   */
  @IsOptional()
  @Matches(TEXT, TEXT_FAULT)
  readonly request_id?: string;

  /** Requests on a page. CSV has no pages: there it is everything unless this says how many. */
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 200, default: USUAL_LIMIT })
  @IsOptional()
  @Transform(toNumber)
  @IsInt()
  @Min(1)
  @Max(200)
  readonly limit?: number;

  /**
   * What comes after the request with this id: the `last_id` of the page before.
   * @example 019b76da-a800-7000-8000-000000000001
   */
  @IsOptional()
  @IsCallId()
  readonly after?: string;

  /** `csv` sends everything that was asked for, in one go; so does `Accept: text/csv`. */
  @ApiPropertyOptional({ enum: FORMATS })
  @IsOptional()
  @IsIn(FORMATS)
  readonly format?: (typeof FORMATS)[number];
}
