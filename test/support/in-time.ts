import { expect } from '@jest/globals';

/**
 * What a busy machine may add to any promised time. A test with this slack still fails where a limit is missing,
 * and never because the machine was slow; how well a time is kept is for the measurements to say.
 */
export const BUSY_MACHINE_MS = 2_000;

/** Expects that so much time, in milliseconds, kept a promise of `promisedMs` on a machine that may be busy. */
export function expectInTime(tookMs: number, promisedMs: number): void {
  expect(tookMs).toBeLessThan(promisedMs + BUSY_MACHINE_MS);
}

/** Does the work, and expects that it took no longer than promised, however it ended. */
export async function inTime<T>(promisedMs: number, work: () => T | Promise<T>): Promise<T> {
  const startedAt = performance.now();
  try {
    return await work();
  } finally {
    expectInTime(performance.now() - startedAt, promisedMs);
  }
}
