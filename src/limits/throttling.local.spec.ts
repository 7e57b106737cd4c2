import { describe, expect, it } from '@jest/globals';
import { LocalWindows } from './throttling.local.js';

const MINUTE_MS = 60_000;

describe('LocalWindows', () => {
  it('makes room one by one as the window slides, and does not count what it refused', () => {
    const windows = new LocalWindows();
    for (let second = 0; second < 20; second += 1) windows.count('a', MINUTE_MS, 20, second * 1_000);
    for (let again = 0; again < 100; again += 1) expect(windows.count('a', MINUTE_MS, 20, 20_000).isBlocked).toBe(true);

    expect(windows.count('a', MINUTE_MS, 20, 59_999)).toEqual({ isBlocked: true, hits: 20, resetMs: 1 });
    expect(windows.count('a', MINUTE_MS, 20, 60_000)).toEqual({ isBlocked: false, hits: 20, resetMs: 1_000 });
    expect(windows.count('a', MINUTE_MS, 20, 60_000)).toEqual({ isBlocked: true, hits: 20, resetMs: 1_000 });
  });

  it('counts each key alone', () => {
    const windows = new LocalWindows();
    windows.count('a', MINUTE_MS, 1, 0);

    expect(windows.count('b', MINUTE_MS, 1, 0)).toEqual({ isBlocked: false, hits: 1, resetMs: MINUTE_MS });
  });

  it('remembers a bounded number of keys, and none for longer than its window', () => {
    const windows = new LocalWindows();
    for (let key = 0; key < 12_000; key += 1) windows.count(`k${key}`, MINUTE_MS, 20, 0);
    expect(windows.size).toBe(10_000);

    windows.count('last', MINUTE_MS, 20, MINUTE_MS);

    expect(windows.size).toBe(1);
  });
});
