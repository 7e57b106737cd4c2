import { describe, expect, it } from '@jest/globals';
import { refuses } from '../../support/upstream/behaviours.js';
import { MESSAGES, MODEL, Stage } from '../stage.js';

const HOUR_MS = 3_600_000;

describe("a provider's retry-after", () => {
  const stage = Stage.set({ config: { retry: { maxAttempts: 1 } } });

  async function waits(status: number, headers: Record<string, string>): Promise<{ readonly seconds: number; readonly ms: number }> {
    stage.upstream.always(refuses(status, {}, headers));
    const answer = await stage.call({ model: MODEL, messages: MESSAGES });
    expect(answer.headers['retry-after']).toMatch(/^\d+$/);
    expect(answer.headers['retry-after-ms']).toMatch(/^\d+$/);
    return { seconds: Number(answer.headers['retry-after']), ms: Number(answer.headers['retry-after-ms']) };
  }

  it('in seconds is kept', async () => {
    expect(await waits(429, { 'retry-after': '7' })).toEqual({ seconds: 7, ms: 7_000 });
  });

  it('in milliseconds is kept, and rounded up where only seconds fit', async () => {
    expect(await waits(429, { 'retry-after-ms': '1500', 'retry-after': '2' })).toEqual({ seconds: 2, ms: 1_500 });
  });

  it('as a date is kept', async () => {
    const { seconds, ms } = await waits(429, { 'retry-after': new Date(Date.now() + HOUR_MS).toUTCString() });

    expect(ms).toBeGreaterThan(HOUR_MS - 10_000);
    expect(ms).toBeLessThanOrEqual(HOUR_MS);
    expect(seconds).toBe(Math.ceil(ms / 1_000));
  });

  it('of a 503 is kept', async () => {
    expect(await waits(503, { 'retry-after': '3' })).toEqual({ seconds: 3, ms: 3_000 });
  });

  it('that nobody can read is not invented', async () => {
    stage.upstream.always(refuses(400, {}, { 'retry-after': 'soon' }));

    const { headers } = await stage.call({ model: MODEL, messages: MESSAGES });

    expect(headers).not.toHaveProperty('retry-after');
  });
});
