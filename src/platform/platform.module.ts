import { type DynamicModule, Global, Module } from '@nestjs/common';
import { CLOCK, type Clock } from '../core/clock.js';
import { Audit } from './audit/audit.store.js';
import { ConfigurationModule } from './config/configuration.module.js';
import { ConfigReload } from './config/live/config-reload.js';
import type { LiveConfig } from './config/live/live-config.js';
import { Database } from './database/database.js';
import { Notifications } from './database/notifications.js';
import { PrismaService } from './database/prisma.service.js';
import { SingleProcess } from './database/single-process.js';
import { Gateways } from './gateways/gateways.js';
import { GatewaysStore } from './gateways/gateways.store.js';
import { Lifecycle } from './lifecycle.js';
import { RequestLog } from './http/request-log.js';
import { RouteTable } from './http/route-table.js';
import { LOG, LOG_LINES, type LogOutput } from './log/log.js';
import { CallMetrics } from './metrics/call-metrics.js';
import { ProviderStatistics } from './metrics/provider-statistics.js';
import { Readiness } from './readiness.js';
import { createRedis, REDIS } from './redis/redis.js';
import { RedisWatch } from './redis/redis-watch.js';
import { Toggles } from './toggles/toggles.js';
import { TogglesStore } from './toggles/toggles.store.js';
import { TokenCounter } from './tokens/token-counter.js';

/** What the gateway stands on and cannot make itself: given by boot, the same for every room. */
export interface Foundations {
  readonly config: LiveConfig;
  readonly clock: Clock;
  readonly logOutput: LogOutput;
}

/** The only module that every room sees without asking. */
@Global()
@Module({})
export class PlatformModule {
  static with({ config, clock, logOutput }: Foundations): DynamicModule {
    const given = [
      { provide: CLOCK, useValue: clock },
      { provide: LOG, useValue: logOutput.log },
      { provide: LOG_LINES, useValue: logOutput.lines },
      { provide: REDIS, useFactory: () => createRedis(config.current.redis.url?.reveal()) },
      { provide: Database, useFactory: () => openDatabase({ config, clock, logOutput }) },
    ];
    const stores = [PrismaService, Notifications, Audit, Toggles, RedisWatch, SingleProcess, Gateways];
    const shared = [...stores, CallMetrics, ProviderStatistics, TokenCounter, RequestLog, RouteTable, Lifecycle, Readiness, ConfigReload];
    return {
      module: PlatformModule,
      imports: [ConfigurationModule.with(config)],
      providers: [...given, ...shared, TogglesStore, GatewaysStore],
      exports: [...given.map(({ provide }) => provide), ...shared],
    };
  }
}

function openDatabase({ config, clock, logOutput }: Foundations): Promise<Database> {
  const { url, directUrl, dataDir } = config.current.database;
  return Database.open({ databaseUrl: url?.reveal(), databaseDirectUrl: directUrl?.reveal(), dataDir }, logOutput.log, clock);
}
