import { describe, expect, it } from '@jest/globals';
import { FailedAttempts } from './failed-attempts.js';

const ADDRESS = '203.0.113.7';
const BLOCKED_S = 50;

describe('FailedAttempts', () => {
  it('lets pass what the storage admits, and asks it for 20 a minute', async () => {
    const { fail, asked } = attempts();

    for (let count = 0; count < 20; count += 1) await fail(ADDRESS);

    expect(asked).toHaveLength(20);
    expect(asked[0]).toEqual([`failed:ip:${ADDRESS}`, 60_000, 20]);
  });

  it('refuses what the storage blocks, and says when to try again', async () => {
    const { fail } = attempts();
    for (let count = 0; count < 20; count += 1) await fail(ADDRESS);

    const refusal = fail(ADDRESS);

    await expect(refusal).rejects.toMatchObject({ kind: 'rate_limited', details: { retryAfterMs: BLOCKED_S * 1_000 } });
    await expect(refusal).rejects.toThrow('try again in 50 s');
  });

  it('does not ask the storage about an address that is known to be blocked, until it is not', async () => {
    const { fail, clock, asked, hits } = attempts();
    for (let count = 0; count < 20; count += 1) await fail(ADDRESS);
    await expect(fail(ADDRESS)).rejects.toThrow('try again in 50 s');

    clock.ms = 10_000;
    for (let count = 0; count < 1_000; count += 1) await expect(fail(ADDRESS)).rejects.toThrow('try again in 40 s');
    expect(asked).toHaveLength(21);

    clock.ms = BLOCKED_S * 1_000;
    hits.clear();
    await fail(ADDRESS);
    expect(asked).toHaveLength(22);
  });

  it('counts each address alone, and one network of IPv6 as one', async () => {
    const { fail } = attempts();
    for (let count = 0; count < 20; count += 1) await fail(`2001:db8:1:2::${count}`);

    await expect(fail('2001:db8:1:2:ffff::1')).rejects.toMatchObject({ kind: 'rate_limited' });
    await expect(fail('2001:db8:1:3::1')).resolves.toBeUndefined();
    await expect(fail(ADDRESS)).resolves.toBeUndefined();
  });

  it('remembers a bounded number of addresses, and none for longer than it is blocked', async () => {
    const { failed, fail, clock } = attempts({ limit: 0 });
    for (let count = 0; count < 10_100; count += 1) await fail(`10.0.${count >> 8}.${count & 255}`).catch(() => undefined);
    expect(failed.size).toBe(10_000);

    clock.ms = BLOCKED_S * 1_000;
    await fail(ADDRESS).catch(() => undefined);

    expect(failed.size).toBe(1);
  });
});

/** Over a storage that blocks beyond the limit that it is asked for, or beyond `limit`, for 50 s. */
function attempts({ limit: ownLimit }: { limit?: number } = {}) {
  const clock = { ms: 0, elapsed: () => clock.ms };
  const hits = new Map<string, number>();
  const asked: (readonly unknown[])[] = [];
  const increment = (key: string, ttl: number, limit: number) => {
    asked.push([key, ttl, limit]);
    const before = hits.get(key) ?? 0;
    const isBlocked = before >= (ownLimit ?? limit);
    if (!isBlocked) hits.set(key, before + 1);
    return Promise.resolve({
      totalHits: hits.get(key) ?? 0,
      timeToExpire: BLOCKED_S,
      isBlocked,
      timeToBlockExpire: isBlocked ? BLOCKED_S : 0,
    });
  };
  const failed = new FailedAttempts({ increment }, clock);
  return { failed, clock, asked, hits, fail: (address: string) => failed.count(address) };
}
