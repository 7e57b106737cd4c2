import { Inject, Injectable } from '@nestjs/common';
import { normalizeIp, ThrottlerStorage } from '@nestjs/throttler';
import { CLOCK, type Clock } from '../core/clock.js';
import { GatewayError } from '../core/errors.js';

const LIMIT = 20;
const WINDOW_MS = 60_000;
const MAX_ADDRESSES = 10_000;

/**
 * Counts keys that were not valid, by the address that they came from (IPv6 by its /64): 20 in any minute, over all replicas
 * where they share a Redis. Whoever holds a valid key is not asked about here. An address that is found to be blocked is
 * remembered until it is not, so that a flood of failures costs the storage nothing.
 */
@Injectable()
export class FailedAttempts {
  /** Until when, by our clock, in the order in which they were found. */
  private readonly blocked = new Map<string, number>();

  constructor(
    @Inject(ThrottlerStorage) private readonly storage: Pick<ThrottlerStorage, 'increment'>,
    @Inject(CLOCK) private readonly clock: Pick<Clock, 'elapsed'>,
  ) {}

  /** Rejects with `rate_limited` where there were too many already: then this one is not counted. */
  async count(ip: string): Promise<void> {
    const address = normalizeIp(ip);
    const waitMs = this.remainingMs(address);
    if (waitMs > 0) throw tooManyFailures(waitMs);
    const { isBlocked, timeToBlockExpire } = await this.storage.increment(`failed:ip:${address}`, WINDOW_MS, LIMIT, 0, 'failed');
    if (!isBlocked) return;
    const blockedMs = timeToBlockExpire * 1_000;
    this.remember(address, blockedMs);
    throw tooManyFailures(blockedMs);
  }

  /** Addresses that are remembered. */
  get size(): number {
    return this.blocked.size;
  }

  private remainingMs(address: string): number {
    const until = this.blocked.get(address);
    return until === undefined ? 0 : until - this.clock.elapsed();
  }

  private remember(address: string, blockedMs: number): void {
    const nowMs = this.clock.elapsed();
    this.blocked.delete(address);
    this.blocked.set(address, nowMs + blockedMs);
    for (const [other, until] of this.blocked) {
      if (this.blocked.size <= MAX_ADDRESSES && until > nowMs) return;
      this.blocked.delete(other);
    }
  }
}

function tooManyFailures(waitMs: number): GatewayError {
  const seconds = Math.max(1, Math.ceil(waitMs / 1_000));
  const message = `Too many API keys from this address were not valid. Check the key, and try again in ${seconds} s.`;
  return new GatewayError('rate_limited', message, { retryAfterMs: waitMs });
}
