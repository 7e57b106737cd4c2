import { Module } from '@nestjs/common';
import { CLOCK, type Clock } from '../../core/clock.js';
import { makeId } from '../../core/ids.js';
import { CONFIG, type Config, LOG, type Log, REDIS, type RedisConnection } from '../../platform/index.js';
import { SharedBreakers } from './shared-breakers.js';
import { TargetHealths } from './target-healths.js';

/** How targets fare, in this process and as other replicas tell. */
@Module({
  providers: [
    { provide: TargetHealths, useFactory: createHealths, inject: [CONFIG, CLOCK, LOG] },
    { provide: SharedBreakers, useFactory: shareBreakers, inject: [TargetHealths, REDIS, CLOCK] },
  ],
  exports: [TargetHealths],
})
export class TargetHealthModule {}

function createHealths({ breaker, retry }: Pick<Config, 'breaker' | 'retry'>, clock: Clock, log: Log): TargetHealths {
  const healths = new TargetHealths(breaker, retry, clock, Math.random);
  healths.watch({
    changed: ({ provider, model }, state, reason) => {
      const level = state === 'open' ? 'warn' : 'info';
      log[level]({ event: 'breaker_changed', provider, model, state, reason });
    },
  });
  return healths;
}

function shareBreakers(healths: TargetHealths, redis: RedisConnection | undefined, clock: Clock): SharedBreakers {
  return new SharedBreakers(healths, redis, makeId(clock.now()));
}
