import { Module } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { CLOCK, type Clock } from '../core/clock.js';
import { makeId } from '../core/ids.js';
import { CONFIG, type Config, LOG, type Log, REDIS } from '../platform/index.js';
import { ADMISSION, type Admission } from './admission.js';
import { configuredBounds } from './configured-bounds.js';
import { LocalAdmission } from './local-admission.js';
import { RedisStore } from './redis/redis-store.js';
import { RedisAdmission } from './redis-admission.js';
import { ThrottlingModule } from './throttling.module.js';

@Module({
  imports: [ThrottlingModule],
  providers: [{ provide: ADMISSION, useFactory: createAdmission, inject: [REDIS, CONFIG, CLOCK, LOG] }],
  exports: [ADMISSION],
})
export class LimitsModule {}

function createAdmission(redis: Redis | undefined, config: Pick<Config, 'limits' | 'redis'>, clock: Clock, log: Log): Admission {
  const boundsOf = configuredBounds(config);
  const local = new LocalAdmission(boundsOf, clock);
  if (!redis) return local;
  return new RedisAdmission({ shared: new RedisStore(redis), local, boundsOf, owner: makeId(clock.now()), config, clock, log });
}
