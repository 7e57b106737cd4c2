import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ExplainedRequestDto } from '../requests/explained-request.dto.js';

/** What was said, as far as it was kept. */
export class BodyDto {
  /** null where only the length was kept, or where it cannot be decrypted. */
  @ApiProperty({ type: String, nullable: true, example: '{"model":"gpt-4o-mini","messages":[{"role":"user","content":"[redacted: 10]"}]}' })
  readonly text!: string | null;
  /** Of all of it, as it went over the wire; null where it cannot be decrypted. */
  @ApiProperty({ type: 'integer', nullable: true, example: 78 })
  readonly bytes!: number | null;
  /** `text` is only its beginning. */
  readonly cut!: boolean;
  /** Lengths stand in the place of what was said. */
  readonly redacted!: boolean;
  /** Why it cannot be decrypted. */
  @ApiProperty({ type: String, nullable: true, example: null })
  readonly unreadable!: string | null;
}

export class BodiesDto {
  /** As the client sent it. */
  @ApiProperty({ type: BodyDto, nullable: true })
  readonly request!: BodyDto | null;
  /** As it went to the client, a stream with all its frames; null where nothing did. */
  @ApiProperty({ type: BodyDto, nullable: true })
  readonly answer!: BodyDto | null;
}

/** A call with all that is known of how it came about, and what was said in it, if that was kept. */
export class RequestWithBodiesDto extends ExplainedRequestDto {
  /** Missing where nothing was kept (`STORE_BODIES`), or no more. */
  @ApiPropertyOptional({ type: BodiesDto })
  readonly bodies?: BodiesDto;
}
