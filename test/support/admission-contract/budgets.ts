import { describe, expect, it } from '@jest/globals';
import { type Bench, budget, cost, name, rolling, TENANT } from '../admission-harness.js';

export function describeBudgets(bench: Bench): void {
  describe('budgets', () => {
    it('never lets what is spent and held exceed the limit', async () => {
      const outcomes = await bench.outcomesOf(50, [budget(10_000_000_000n)], cost(1_000_000_000n));

      expect(outcomes.filter((outcome) => outcome === 'admitted')).toHaveLength(10);
      expect(await bench.store.look(TENANT, [budget(0n)])).toEqual([{ used: 10_000_000_000n, held: 10_000_000_000n, resetMs: Infinity }]);
    });

    it('counts US$8.9 million to the nano-dollar', async () => {
      const limit = 8_900_000_000_000_001n;
      const bounds = [budget(limit), rolling(limit)];
      await bench.admit(bounds, cost(8_899_999_999_999_999n), 'most');
      await bench.store.settle(name('most'), cost(8_899_999_999_999_998n), '');

      expect(await bench.admit(bounds, cost(4n))).toMatchObject({ outcome: 'refused', used: 8_899_999_999_999_998n, needed: 4n });
      expect(await bench.admit(bounds, cost(3n), 'last')).toMatchObject({ outcome: 'admitted' });
      expect(await bench.used(...bounds)).toEqual([limit, limit]);
      expect(await bench.admit(bounds, cost(1n))).toMatchObject({ outcome: 'refused', used: limit });
      await bench.store.cancel(name('last'));
      expect(await bench.used(...bounds)).toEqual([8_899_999_999_999_998n, 8_899_999_999_999_998n]);
    });

    it('charges a call to the period in which it was admitted', async () => {
      const first = budget(100n, bench.now(), 600_000);
      await bench.admit([first], cost(80n), 'over the end');
      await bench.advance(601_000);
      const second = budget(100n, bench.now(), 600_000);

      expect(await bench.admit([first], cost(1n))).toEqual({ outcome: 'stale', nowMs: bench.now() });
      expect(await bench.admit([second], cost(90n))).toMatchObject({ outcome: 'admitted' });
      await bench.store.settle(name('over the end'), cost(70n), '');

      const leftMs = second.endsAt - bench.now();
      expect(await bench.store.look(TENANT, [first, second])).toEqual([
        { used: 70n, held: 0n, resetMs: 0 },
        { used: 90n, held: 90n, resetMs: leftMs },
      ]);
    });

    it('says of a call that comes before the period when that is, whatever else does not fit', async () => {
      const later = budget(100n, bench.now() + 600_000, 600_000);

      expect(await bench.admit([rolling(1n), later], cost(2n))).toEqual({ outcome: 'stale', nowMs: bench.now() });
      expect(await bench.used(rolling(1n), later)).toEqual([0n, 0n]);
    });

    it('says when the period ends, or the oldest money leaves the window', async () => {
      const period = budget(100n, bench.now(), 600_000);
      const bounds = [rolling(100n)];
      await bench.admit([period, ...bounds], cost(100n));
      await bench.advance(10_000);

      expect(await bench.admit([period], cost(1n))).toMatchObject({ resetMs: period.endsAt - bench.now() });
      expect(await bench.admit(bounds, cost(1n))).toMatchObject({ resetMs: 50_000 });
      expect(await bench.store.look(TENANT, bounds)).toEqual([{ used: 100n, held: 0n, resetMs: 50_000 }]);
      expect(await bench.admit([budget(100n)], cost(101n))).toMatchObject({ resetMs: Infinity });
    });

    it('lets through what costs nothing, also where more than the limit is spent', async () => {
      const bounds = [budget(100n), rolling(100n)];
      await bench.admit(bounds, cost(100n), 'dear');
      await bench.store.settle(name('dear'), cost(150n), '');

      expect(await bench.admit(bounds, cost(0n))).toMatchObject({ outcome: 'admitted', heldCostNanoUsd: 0n });
      expect(await bench.admit(bounds, cost(1n))).toMatchObject({ outcome: 'refused', used: 150n, needed: 1n });
      expect(await bench.used(...bounds)).toEqual([150n, 150n]);
    });
  });
}
