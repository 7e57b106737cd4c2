export class HealthDto {
  /** `ok`, or `degraded` while a store or a provider is down. */
  readonly status!: 'ok' | 'degraded';
  /** @example 0.1.0 */
  readonly version!: string;
  readonly uptime_s!: number;
}

export class ComponentDto {
  /** @example postgres */
  readonly name!: string;
  readonly status!: 'up' | 'down' | 'enabled';
}

export class DetailedHealthDto extends HealthDto {
  readonly database!: ComponentDto;
  /** null = none is configured. */
  readonly redis!: ComponentDto | null;
  readonly providers!: ComponentDto[];
}
