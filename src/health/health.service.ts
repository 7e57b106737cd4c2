import { Inject, Injectable } from '@nestjs/common';
import { ProviderStates } from '../chat/index.js';
import { CONFIG, type Config, Database, Lifecycle, RedisWatch } from '../platform/index.js';
import type { DetailedHealthDto, HealthDto } from './health.dto.js';

/** How the gateway is. Every answer comes from background checks and from calls that were made: an open route makes no work for others. */
@Injectable()
export class HealthService {
  constructor(
    @Inject(CONFIG) private readonly config: Pick<Config, 'app'>,
    private readonly providers: ProviderStates,
    private readonly database: Database,
    private readonly redis: RedisWatch,
    private readonly lifecycle: Lifecycle,
  ) {}

  summary(): HealthDto {
    const areStoresUp = this.database.health().state === 'up' && this.redis.health()?.state !== 'down';
    const isOk = areStoresUp && this.providers.healths().every(({ health }) => health !== 'unhealthy');
    return { status: isOk ? 'ok' : 'degraded', version: this.config.app.version, uptime_s: this.lifecycle.uptimeSeconds };
  }

  details(): DetailedHealthDto {
    const redis = this.redis.health();
    return {
      ...this.summary(),
      database: { name: 'postgres', status: this.database.health().state },
      redis: redis ? { name: 'redis', status: redis.state } : null,
      providers: this.providers.healths().map(({ name, health }) => ({ name, status: health })),
    };
  }
}
