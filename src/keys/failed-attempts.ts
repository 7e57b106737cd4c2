import { Inject, Injectable } from '@nestjs/common';
import { normalizeIp } from '@nestjs/throttler';
import { CLOCK, type Clock } from '../core/clock.js';
import { GatewayError } from '../core/errors.js';

const LIMIT = 20;
const WINDOW_MS = 60_000;
const MAX_ADDRESSES = 10_000;

/**
 * Counts keys that were not valid, by the address that they came from (IPv6 by its /64): 20 in any minute. Whoever holds a
 * valid key is not asked about here. In this process alone: an address is known by at most 20 numbers, and the one that has
 * been quiet for longest makes room when there are too many.
 */
@Injectable()
export class FailedAttempts {
  /** When they happened, oldest first; addresses in the order of their last. */
  private readonly times = new Map<string, readonly number[]>();

  constructor(@Inject(CLOCK) private readonly clock: Pick<Clock, 'elapsed'>) {}

  /** Throws `rate_limited` where there were too many already: then this one is not counted. */
  count(ip: string): void {
    const nowMs = this.clock.elapsed();
    const address = normalizeIp(ip);
    const recent = (this.times.get(address) ?? []).filter((time) => time > nowMs - WINDOW_MS);
    if (recent.length >= LIMIT) throw tooManyFailures(recent[0]! + WINDOW_MS - nowMs);
    this.times.delete(address);
    this.times.set(address, [...recent, nowMs]);
    this.makeRoom(nowMs);
  }

  /** Addresses that are remembered. */
  get size(): number {
    return this.times.size;
  }

  private makeRoom(nowMs: number): void {
    for (const [address, times] of this.times) {
      if (this.times.size <= MAX_ADDRESSES && times.at(-1)! > nowMs - WINDOW_MS) return;
      this.times.delete(address);
    }
  }
}

function tooManyFailures(waitMs: number): GatewayError {
  const seconds = Math.max(1, Math.ceil(waitMs / 1_000));
  const message = `Too many API keys from this address were not valid. Check the key, and try again in ${seconds} s.`;
  return new GatewayError('rate_limited', message, { retryAfterMs: waitMs });
}
