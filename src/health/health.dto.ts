import { ApiProperty } from '@nestjs/swagger';
import { HEALTH_STATES, type HealthState } from '../chat/index.js';

export class HealthDto {
  /** `ok`, or `degraded` while a store is down or a provider unhealthy. */
  readonly status!: 'ok' | 'degraded';
  /** @example 0.1.0 */
  readonly version!: string;
  readonly uptime_s!: number;
}

export class ComponentDto {
  /** @example postgres */
  readonly name!: string;
  readonly status!: 'up' | 'down';
}

export class ProviderStatusDto {
  /** @example openai */
  readonly name!: string;
  @ApiProperty({
    enum: HEALTH_STATES,
    example: 'healthy',
    description: '`unhealthy`: calls to it fail or are kept away. `degraded`: some fail. `unknown`: nothing was heard of it lately.',
  })
  readonly status!: HealthState;
}

export class DetailedHealthDto extends HealthDto {
  readonly database!: ComponentDto;
  /** null = none is configured. */
  readonly redis!: ComponentDto | null;
  readonly providers!: ProviderStatusDto[];
}
