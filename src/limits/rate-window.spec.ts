import { describe, expect, it } from '@jest/globals';
import { RateWindow } from './rate-window.js';

const MINUTE_MS = 60_000;

describe('RateWindow', () => {
  it('has room for the limit and no more', () => {
    const window = new RateWindow(60, MINUTE_MS);

    fill(window, 60, 0);

    expect(window.remaining(0)).toBe(0);
  });

  it('makes room again exactly one window after the oldest call', () => {
    const window = new RateWindow(2, MINUTE_MS);
    window.take(1_000);
    window.take(31_000);

    expect(window.resetMs(31_000)).toBe(30_000);
    expect(window.remaining(60_999)).toBe(0);
    expect(window.remaining(61_000)).toBe(1);
    expect(window.resetMs(61_000)).toBe(30_000);
  });

  it('never lets a steady caller at exactly the limit wait', () => {
    const window = new RateWindow(60, MINUTE_MS);

    for (let second = 0; second < 1_000; second += 1) {
      expect(window.remaining(second * 1_000)).toBeGreaterThan(0);
      window.take(second * 1_000);
    }
  });

  it('holds at every instant, wherever the window begins', () => {
    const window = new RateWindow(50, MINUTE_MS);
    const taken: number[] = [];

    for (let nowMs = 0; nowMs < 10 * MINUTE_MS; nowMs += 137) {
      if (window.remaining(nowMs) > 0) {
        window.take(nowMs);
        taken.push(nowMs);
      }
    }

    const most = Math.max(...taken.map((start) => taken.filter((time) => time >= start && time < start + MINUTE_MS).length));
    expect(most).toBe(50);
  });

  it('keeps what it has counted under another limit, and says when a lower one has room', () => {
    const window = new RateWindow(10, MINUTE_MS);
    for (const ms of [1_000, 2_000, 3_000]) window.take(ms);

    const lower = window.withLimit(2);
    const higher = window.withLimit(20);

    expect([lower.remaining(3_000), higher.remaining(3_000)]).toEqual([0, 17]);
    expect([lower.resetMs(3_000), higher.resetMs(3_000)]).toEqual([59_000, 58_000]);
    expect([lower.remaining(62_000), lower.resetMs(62_000)]).toEqual([1, 1_000]);
  });

  it('keeps what a large limit counts in bounded memory', () => {
    const window = new RateWindow(10_000_000, MINUTE_MS);

    for (let call = 0; call < 200_000; call += 1) window.take(call / 2);

    const entries = (window as unknown as { times: number[] }).times.length;
    window.remaining(100_000);
    expect(entries).toBeLessThan(8_192);
    expect(window.remaining(100_000 + MINUTE_MS)).toBe(10_000_000);
  });

  it('says that nothing has to reset when nothing was taken', () => {
    expect(new RateWindow(5, MINUTE_MS).resetMs(0)).toBe(0);
  });
});

function fill(window: RateWindow, calls: number, nowMs: number): void {
  for (let call = 0; call < calls; call += 1) window.take(nowMs);
}
