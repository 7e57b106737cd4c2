import { describe, expect, it } from '@jest/globals';
import { type Bench, budget, calls, cost, MINUTE_MS, name, requests, TENANT, tokens } from '../admission-harness.js';

export function describeRates(bench: Bench): void {
  describe('rates', () => {
    it('admits exactly the limit out of many at once', async () => {
      const outcomes = await bench.outcomesOf(300, [requests(7)]);

      expect(outcomes.filter((outcome) => outcome === 'admitted')).toHaveLength(7);
      expect(await bench.used(requests(7))).toEqual([7n]);
    });

    it('tells how much of the tightest rate of each kind is left', async () => {
      const bounds = [requests(60), requests(3, 60 * MINUTE_MS), tokens(1_000)];
      await bench.admit(bounds, cost(0n, 100));
      await bench.advance(20_000);

      expect(await bench.admit(bounds, cost(0n, 300))).toMatchObject({
        outcome: 'admitted',
        requests: { limit: 3, remaining: 1, resetMs: 60 * MINUTE_MS - 20_000 },
        tokens: { limit: 1_000, remaining: 600, resetMs: 40_000 },
      });
    });

    it('tells nothing of what is not limited', async () => {
      expect(await bench.admit([calls(1)])).toEqual({
        outcome: 'admitted',
        requests: undefined,
        tokens: undefined,
        heldCostNanoUsd: 0n,
      });
    });

    it('makes room again exactly one window after the oldest', async () => {
      await bench.admit([requests(2)]);
      await bench.advance(30_000);
      await bench.admit([requests(2)]);

      expect(await bench.admit([requests(2)])).toMatchObject({ outcome: 'refused', resetMs: 30_000 });
      await bench.advance(29_999);
      expect(await bench.admit([requests(2)])).toMatchObject({ outcome: 'refused', resetMs: 1 });
      await bench.advance(1);
      expect(await bench.admit([requests(2)])).toMatchObject({ outcome: 'admitted' });
      expect(await bench.admit([requests(2)])).toMatchObject({ outcome: 'refused', resetMs: 30_000 });
    });

    it('counts on under another limit', async () => {
      await bench.outcomesOf(3, [requests(3)]);

      expect(await bench.admit([requests(2)])).toMatchObject({ outcome: 'refused', used: 3n });
      expect(await bench.admit([requests(5)])).toMatchObject({ outcome: 'admitted', requests: { limit: 5, remaining: 1 } });
    });

    it('holds tokens at their worst and settles them to the truth, in the window of their admission', async () => {
      await bench.admit([tokens(1_000)], cost(0n, 700), 'early');
      await bench.advance(20_000);
      expect(await bench.admit([tokens(1_000)], cost(0n, 400))).toMatchObject({
        outcome: 'refused',
        used: 700n,
        needed: 400n,
        resetMs: 40_000,
      });

      await bench.store.settle(name('early'), cost(0n, 50), '');

      expect(await bench.used(tokens(1_000))).toEqual([50n]);
      await bench.admit([tokens(1_000)], cost(0n, 400), 'late');
      await bench.advance(40_000);
      expect(await bench.used(tokens(1_000))).toEqual([400n]);
      await bench.advance(20_000);
      await bench.store.settle(name('late'), cost(0n, 900), '');
      expect(await bench.used(tokens(1_000))).toEqual([0n]);
    });

    it('counts more than was held if that is the truth', async () => {
      await bench.admit([tokens(100)], cost(0n, 10), 'long');
      await bench.store.settle(name('long'), cost(0n, 500), '');

      expect(await bench.used(tokens(100))).toEqual([500n]);
      expect(await bench.admit([tokens(100)], cost(0n, 0))).toMatchObject({ outcome: 'refused', used: 500n });
    });

    it('says that what is larger than the limit will never fit', async () => {
      const refused = { outcome: 'refused', used: 0n, needed: 101n, resetMs: Infinity };

      expect(await bench.admit([tokens(100)], cost(0n, 101))).toMatchObject(refused);
    });

    it('tells of whoever looks what is counted, and when the oldest of it leaves', async () => {
      const bounds = [requests(9), tokens(900), calls(9)];
      expect(await bench.store.look(TENANT, bounds)).toEqual([
        { used: 0n, held: 0n, resetMs: 0 },
        { used: 0n, held: 0n, resetMs: 0 },
        { used: 0n, held: 0n, resetMs: undefined },
      ]);

      await bench.admit(bounds, cost(0n, 30));
      await bench.advance(15_000);
      await bench.admit(bounds, cost(0n, 20));

      expect(await bench.store.look(TENANT, bounds)).toEqual([
        { used: 2n, held: 0n, resetMs: 45_000 },
        { used: 50n, held: 0n, resetMs: 45_000 },
        { used: 2n, held: 0n, resetMs: undefined },
      ]);
    });
  });

  describe('calls at the same time', () => {
    it('gives a place back once, however often it is told', async () => {
      await bench.admit([calls(2)], cost(0n), 'first');
      await bench.admit([calls(2)]);
      expect(await bench.admit([calls(2)])).toMatchObject({ outcome: 'refused', used: 2n, resetMs: undefined });

      for (let times = 0; times < 3; times += 1) await bench.store.settle(name('first'), cost(0n), '');

      expect(await bench.used(calls(2))).toEqual([1n]);
    });

    it('gives the place back before it is known what the call took', async () => {
      const bounds = [calls(1), budget(100n)];
      await bench.admit(bounds, cost(60n), 'first');

      await bench.store.release(name('first'));
      await bench.store.release(name('first'));

      expect(await bench.used(...bounds)).toEqual([0n, 60n]);
      expect(await bench.admit(bounds, cost(40n))).toMatchObject({ outcome: 'admitted' });
      expect(await bench.store.settle(name('first'), cost(10n), '')).toBe('settled');
      expect(await bench.used(...bounds)).toEqual([1n, 50n]);
    });
  });
}
