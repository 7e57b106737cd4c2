import { describe, expect, it } from '@jest/globals';
import { SlidingWindow } from './sliding-window.js';

const MINUTE_MS = 60_000;

describe('SlidingWindow', () => {
  it('sums up what was taken within it', () => {
    const window = new SlidingWindow(MINUTE_MS);
    window.take(0, 60);
    window.take(500, 7);

    expect(window.sum(500)).toBe(67);
  });

  it('lets go of an amount exactly one window after it was taken', () => {
    const window = new SlidingWindow(MINUTE_MS);
    window.take(1_000, 1);
    window.take(31_000, 1);

    expect(window.resetMs(31_000, 2, 1)).toBe(30_000);
    expect(window.sum(60_999)).toBe(2);
    expect(window.sum(61_000)).toBe(1);
    expect(window.resetMs(61_000, 2, 1)).toBe(30_000);
  });

  it('never lets a steady caller at exactly the limit wait', () => {
    const window = new SlidingWindow(MINUTE_MS);

    for (let second = 0; second < 1_000; second += 1) {
      expect(window.sum(second * 1_000)).toBeLessThan(60);
      window.take(second * 1_000, 1);
    }
  });

  it('holds at every instant, wherever the window begins', () => {
    const window = new SlidingWindow(MINUTE_MS);
    const taken: number[] = [];

    for (let nowMs = 0; nowMs < 10 * MINUTE_MS; nowMs += 137) {
      if (window.sum(nowMs) < 50) {
        window.take(nowMs, 1);
        taken.push(nowMs);
      }
    }

    const most = Math.max(...taken.map((start) => taken.filter((time) => time >= start && time < start + MINUTE_MS).length));
    expect(most).toBe(50);
  });

  it('says when there is room for more than one, or under a lower limit, and when there never is', () => {
    const window = new SlidingWindow(MINUTE_MS);
    for (const ms of [1_000, 2_000, 3_000]) window.take(ms, 10);

    expect(window.resetMs(3_000, 30, 15)).toBe(59_000);
    expect(window.resetMs(3_000, 15, 1)).toBe(59_000);
    expect(window.resetMs(3_000, 30, 30)).toBe(60_000);
    expect(window.resetMs(3_000, 30, 31)).toBe(Infinity);
  });

  it('changes what a receipt stands for, until that has left', () => {
    const window = new SlidingWindow(MINUTE_MS);
    const receipts = Array.from({ length: 300 }, (_, at) => window.take(at * 1_000, 10));

    window.change(receipts[299]!, -4);
    window.change(receipts[100]!, 1_000);

    expect(window.sum(299_000)).toBe(596);
    expect(window.sum(299_000 + MINUTE_MS)).toBe(0);
  });

  it('takes in what was taken earlier, and forgets no receipt', () => {
    const window = new SlidingWindow(MINUTE_MS);
    for (let second = 0; second < 200; second += 1) {
      window.take(second * 1_000, 1);
      window.sum(second * 1_000);
    }
    const receipt = window.take(200_000, 1);

    window.takeEarlier(130_000, 7);
    window.takeEarlier(150_500, 40);
    window.change(receipt, 99);

    expect(window.sum(199_999)).toBe(60 + 40 + 100);
    expect(window.sum(210_500)).toBe(49 + 40 + 100);
    expect(window.sum(211_000)).toBe(48 + 100);
    expect(window.sum(259_000)).toBe(100);
    expect(window.sum(260_000)).toBe(0);
  });

  it('begins with what was taken earlier', () => {
    const window = new SlidingWindow(MINUTE_MS);
    for (const ms of [-9_000, -10_000, -20_000, -30_000]) window.takeEarlier(ms, 1);

    expect(window.resetMs(0, 4, 1)).toBe(30_000);
    expect([29_999, 30_000, 40_000, 50_000, 51_000].map((ms) => window.sum(ms))).toEqual([4, 3, 2, 1, 0]);
  });

  it('is not empty while it holds an entry of nothing', () => {
    const window = new SlidingWindow(MINUTE_MS);
    window.take(0, 0);

    expect(window.isEmpty(59_999)).toBe(false);
    expect(window.isEmpty(60_000)).toBe(true);
  });

  it('keeps what a large limit counts in bounded memory', () => {
    const window = new SlidingWindow(MINUTE_MS);

    for (let call = 0; call < 200_000; call += 1) {
      window.sum(call / 2);
      window.take(call / 2, 1);
    }

    const entries = (window as unknown as { times: number[] }).times.length;
    expect(entries).toBeLessThan(512);
    expect(window.sum(100_000 + MINUTE_MS)).toBe(0);
  });

  it('says that nothing has to reset when nothing was taken', () => {
    expect(new SlidingWindow(MINUTE_MS).resetMs(0, 5, 0)).toBe(0);
  });
});
