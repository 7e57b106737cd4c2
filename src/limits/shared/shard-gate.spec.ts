import { beforeEach, describe, expect, it } from '@jest/globals';
import { ShardGate } from './shard-gate.js';

describe('ShardGate', () => {
  const clock = { ms: 0, now: () => 0, elapsed: () => clock.ms };
  let gate: ShardGate;

  beforeEach(() => {
    clock.ms = 0;
    gate = new ShardGate(clock);
  });

  it('lets nobody ask before it is open', async () => {
    expect(gate.mayAsk()).toBe(false);
    const waiting = gate.whenOpen(60_000);
    gate.open();
    await waiting;

    expect(gate.mayAsk()).toBe(true);
    gate.close();
    expect(gate.mayAsk()).toBe(false);
  });

  it('forgets who has waited for long enough', async () => {
    await Promise.all([gate.whenOpen(1), gate.whenOpen(1)]);

    expect((gate as unknown as { waiting: Set<unknown> }).waiting.size).toBe(0);
  });

  it('lets one try after each rest when it has failed, and all when it has answered', () => {
    gate.open();
    expect(gate.failed()).toBe(true);
    expect(gate.failed()).toBe(false);
    expect([gate.mayAsk(), gate.isResting]).toEqual([false, true]);

    clock.ms = 1_000;
    expect([gate.mayAsk(), gate.mayAsk()]).toEqual([true, false]);
    expect(gate.answered()).toBe(true);
    expect(gate.answered()).toBe(false);
    expect([gate.mayAsk(), gate.mayAsk()]).toEqual([true, true]);
  });
});
