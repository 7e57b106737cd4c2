import { describe, expect, it } from '@jest/globals';
import type { GatewayError } from '../core/errors.js';
import { FailedAttempts } from './failed-attempts.js';

const MINUTE_MS = 60_000;

describe('FailedAttempts', () => {
  it('refuses the twenty-first of a minute, and says when to try again', () => {
    const { fail, clock } = attempts();
    for (let count = 0; count < 20; count += 1) fail('203.0.113.7');
    clock.ms = 10_000;

    expect(refusalOf(() => fail('203.0.113.7'))).toMatchObject({ kind: 'rate_limited', details: { retryAfterMs: 50_000 } });
    expect(refusalOf(() => fail('203.0.113.7'))?.message).toContain('try again in 50 s');
  });

  it('makes room one by one as a minute has passed, and does not count what it refused', () => {
    const { fail, clock } = attempts();
    for (let count = 0; count < 20; count += 1) {
      clock.ms = count * 1_000;
      fail('203.0.113.7');
    }
    for (let count = 0; count < 100; count += 1) refusalOf(() => fail('203.0.113.7'));

    clock.ms = MINUTE_MS;
    fail('203.0.113.7');
    expect(refusalOf(() => fail('203.0.113.7'))).toMatchObject({ details: { retryAfterMs: 1_000 } });
  });

  it('counts each address alone, and one network of IPv6 as one', () => {
    const { fail } = attempts();
    for (let count = 0; count < 20; count += 1) fail(`2001:db8:1:2::${count}`);

    expect(refusalOf(() => fail('2001:db8:1:2:ffff::1'))).toBeDefined();
    expect(refusalOf(() => fail('2001:db8:1:3::1'))).toBeUndefined();
    expect(refusalOf(() => fail('203.0.113.7'))).toBeUndefined();
  });

  it('remembers a bounded number of addresses, and none for longer than a minute', () => {
    const { failed, fail, clock } = attempts();
    for (let count = 0; count < 12_000; count += 1) fail(`10.0.${count >> 8}.${count & 255}`);
    expect(failed.size).toBe(10_000);

    clock.ms = MINUTE_MS;
    fail('203.0.113.7');

    expect(failed.size).toBe(1);
  });
});

function attempts() {
  const clock = { ms: 0, elapsed: () => clock.ms };
  const failed = new FailedAttempts(clock);
  return { failed, clock, fail: (address: string) => failed.count(address) };
}

function refusalOf(work: () => void): GatewayError | undefined {
  try {
    work();
  } catch (error) {
    return error as GatewayError;
  }
  return undefined;
}
