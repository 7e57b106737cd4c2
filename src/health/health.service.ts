import { Inject, Injectable } from '@nestjs/common';
import { PROVIDERS, type Providers } from '../core/provider.js';
import { CONFIG, type Config, Database, Lifecycle, RedisWatch } from '../platform/index.js';
import type { DetailedHealthDto, HealthDto } from './health.dto.js';

/** How the gateway is. Every answer comes from background checks: an open route makes no work for a store. */
@Injectable()
export class HealthService {
  constructor(
    @Inject(CONFIG) private readonly config: Pick<Config, 'app'>,
    @Inject(PROVIDERS) private readonly providers: Providers,
    private readonly database: Database,
    private readonly redis: RedisWatch,
    private readonly lifecycle: Lifecycle,
  ) {}

  summary(): HealthDto {
    const isOk = this.database.health().state === 'up' && this.redis.health()?.state !== 'down';
    return { status: isOk ? 'ok' : 'degraded', version: this.config.app.version, uptime_s: this.lifecycle.uptimeSeconds };
  }

  details(): DetailedHealthDto {
    const redis = this.redis.health();
    return {
      ...this.summary(),
      database: { name: 'postgres', status: this.database.health().state },
      redis: redis ? { name: 'redis', status: redis.state } : null,
      providers: [...this.providers.keys()].map((name) => ({ name, status: 'enabled' as const })),
    };
  }
}
