import { describe, expect, it } from '@jest/globals';
import type { Answer } from './delivery.js';
import { MAX_ATTEMPTS, MAX_REFUSED_ATTEMPTS, verdictOf } from './verdict.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const MIDDLE = (): number => 0.5;

const answered = (status: number, retryAfterMs?: number): Answer => ({
  status,
  error: status >= 200 && status < 300 ? undefined : `the receiver answered ${status}`,
  isRefused: false,
  retryAfterMs,
});
const silent: Answer = { status: undefined, error: 'no answer', isRefused: false, retryAfterMs: undefined };

describe('verdictOf', () => {
  it.each([200, 201, 202, 204, 299])('takes %d for delivered', (status) => {
    expect(verdictOf(answered(status), 1)).toEqual({ state: 'delivered' });
  });

  it('waits longer each time, and gives up after about a day', () => {
    const delays = Array.from({ length: MAX_ATTEMPTS - 1 }, (_, at) => verdictOf(silent, at + 1, MIDDLE));

    expect(delays).toEqual(
      [15_000, MINUTE, 4 * MINUTE, 16 * MINUTE, 64 * MINUTE, 256 * MINUTE, 1_024 * MINUTE].map((inMs) => ({ state: 'pending', inMs })),
    );
    expect(verdictOf(silent, MAX_ATTEMPTS, MIDDLE)).toEqual({ state: 'failed', isGone: false });
  });

  it('spreads the delays by a fifth either way', () => {
    expect(verdictOf(silent, 1, () => 0)).toEqual({ state: 'pending', inMs: 12_000 });
    expect(verdictOf(silent, 1, () => 1)).toEqual({ state: 'pending', inMs: 18_000 });
    const drawn = new Set(Array.from({ length: 50 }, () => JSON.stringify(verdictOf(silent, 5))));
    expect(drawn.size).toBeGreaterThan(40);
  });

  it.each([500, 502, 503, 504, 599, 408, 425, 429])('tries %d again to the end', (status) => {
    expect(verdictOf(answered(status), MAX_ATTEMPTS - 1)).toMatchObject({ state: 'pending' });
    expect(verdictOf(answered(status), MAX_ATTEMPTS)).toEqual({ state: 'failed', isGone: false });
  });

  it.each([300, 301, 302, 307, 308, 400, 401, 403, 404, 405, 422])('gives up on %d sooner', (status) => {
    expect(verdictOf(answered(status), MAX_REFUSED_ATTEMPTS - 1)).toMatchObject({ state: 'pending' });
    expect(verdictOf(answered(status), MAX_REFUSED_ATTEMPTS)).toEqual({ state: 'failed', isGone: false });
  });

  it('gives up sooner on an address that is not allowed', () => {
    expect(verdictOf({ ...silent, isRefused: true }, MAX_REFUSED_ATTEMPTS)).toEqual({ state: 'failed', isGone: false });
  });

  it('gives up at once on a receiver that is gone', () => {
    expect(verdictOf(answered(410), 1)).toEqual({ state: 'failed', isGone: true });
  });

  it('comes back when the receiver wishes, but neither sooner than else nor after days', () => {
    expect(verdictOf(answered(429, 2 * MINUTE), 1, MIDDLE)).toEqual({ state: 'pending', inMs: 2 * MINUTE });
    expect(verdictOf(answered(429, 1_000), 1, MIDDLE)).toEqual({ state: 'pending', inMs: 15_000 });
    expect(verdictOf(answered(503, 100 * HOUR), 1, MIDDLE)).toEqual({ state: 'pending', inMs: 24 * HOUR });
  });
});
