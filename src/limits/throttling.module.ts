import { Module } from '@nestjs/common';
import { normalizeIp, ThrottlerModule, type ThrottlerModuleOptions } from '@nestjs/throttler';
import { CLOCK, type Clock } from '../core/clock.js';
import { type GatewayRequest, LOG, type Log, REDIS } from '../platform/index.js';
import type { RedisClient } from './redis/lua-script.js';
import { tooManyRequests } from './refusals.js';
import { ThrottlingStorage } from './throttling.storage.js';

const MINUTE_MS = 60_000;
const REQUESTS_PER_MINUTE = 120;

/**
 * Puts `@nestjs/throttler` on our storage, for the routes that carry `@UseGuards(ThrottlerGuard)`: administration and
 * reading. All of them count together, by key, or by address where there is none. Model calls have `Admission` instead.
 */
@Module({
  imports: [ThrottlerModule.forRootAsync({ inject: [REDIS, CLOCK, LOG], useFactory: throttlerOptions })],
  exports: [ThrottlerModule],
})
export class ThrottlingModule {}

function throttlerOptions(redis: RedisClient | undefined, clock: Clock, log: Log): ThrottlerModuleOptions {
  return {
    throttlers: [{ name: 'default', ttl: MINUTE_MS, limit: REQUESTS_PER_MINUTE }],
    storage: new ThrottlingStorage(redis, clock, log),
    getTracker: (request) => trackerOf(request as GatewayRequest),
    generateKey: (_context, tracker, name) => `${name}:${tracker}`,
    // Asked only when a request is refused: what it throws goes out in the place of the library's own exception.
    errorMessage: (_context, { limit, timeToBlockExpire }): never => {
      throw tooManyRequests(limit, timeToBlockExpire * 1_000);
    },
  };
}

/** The key guard has run before, so a request without a caller is one to an open route. */
function trackerOf({ caller, ip }: GatewayRequest): string {
  return caller ? `key:${caller.keyId}` : `ip:${normalizeIp(ip)}`;
}
