import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsInt, IsOptional, IsUUID, Max, Min } from 'class-validator';

export class PageSizeDto {
  /** Entries on a page. */
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 200, default: 50 })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => Number(value))
  @IsInt()
  @Min(1)
  @Max(200)
  readonly limit: number = 50;
}

/** Which part of a list, newest first. */
export class PageQueryDto extends PageSizeDto {
  /** The page after the entry with this id: the `last_id` of the page before. */
  @IsOptional()
  @IsUUID()
  readonly after?: string;
}

interface Page<Shown> {
  readonly object: string;
  readonly data: Shown[];
  readonly has_more: boolean;
  readonly last_id: string | null;
}

/** `found` is one more than fits on the page where there are more. */
export function toPage<Thing, Shown extends { readonly id: string }>(
  found: readonly Thing[],
  limit: number,
  show: (thing: Thing) => Shown,
): Page<Shown> {
  const data = found.slice(0, limit).map(show);
  return { object: 'list', data, has_more: found.length > limit, last_id: data.at(-1)?.id ?? null };
}
