import { describe, expect, it } from '@jest/globals';
import type { Verdict } from '../../../src/limits/admission-store.js';
import type { Bound } from '../../../src/limits/bounds.js';
import { type Bench, budget, calls, cost, name, requests, rolling, TENANT, tokens } from '../admission-harness.js';

export function describeGrants(bench: Bench): void {
  const admit = (bounds: readonly Bound[], worst: bigint, least: bigint, callId?: string): Promise<Verdict> =>
    bench.admit(bounds, cost(worst), callId, { leastCostNanoUsd: least });

  describe('a call that may be cut', () => {
    it('is held at its worst case where that fits', async () => {
      expect(await admit([budget(100n)], 100n, 10n)).toMatchObject({ outcome: 'admitted', heldCostNanoUsd: 100n });
    });

    it('is held at all that is left where its worst case does not fit', async () => {
      await admit([budget(100n)], 30n, 30n);

      expect(await admit([budget(100n)], 71n, 10n)).toMatchObject({ outcome: 'admitted', heldCostNanoUsd: 70n });
      expect(await bench.store.look(TENANT, [budget(100n)])).toEqual([{ used: 100n, held: 100n, resetMs: Infinity }]);
    });

    it('is held at what is left in the tightest of several budgets, in each of them', async () => {
      const bounds = [budget(100n), rolling(60n), budget(80n, 0, Infinity, 'b-3')];
      await admit([bounds[0]!], 50n, 50n);

      expect(await admit(bounds, 90n, 1n)).toMatchObject({ outcome: 'admitted', heldCostNanoUsd: 50n });
      expect(await bench.used(...bounds)).toEqual([100n, 50n, 50n]);
    });

    it('is let through with exactly the least, and kept out where there is less', async () => {
      const bounds = [budget(100n), rolling(1_000n), requests(10), tokens(100), calls(10)];
      await admit(bounds, 60n, 60n);
      const before = await bench.store.look(TENANT, bounds);

      expect(await admit(bounds, 200n, 41n)).toMatchObject({ outcome: 'refused', bound: bounds[0], used: 60n, needed: 41n });
      expect(await bench.store.look(TENANT, bounds)).toEqual(before);
      expect(await admit(bounds, 200n, 40n)).toMatchObject({ outcome: 'admitted', heldCostNanoUsd: 40n });
    });

    it('is told when the least fits, which is never where the limit is smaller', async () => {
      const period = budget(100n, bench.now(), 600_000);
      await admit([period, rolling(100n)], 100n, 100n);
      await bench.advance(10_000);

      expect(await admit([period], 500n, 100n)).toMatchObject({ outcome: 'refused', resetMs: period.endsAt - bench.now() });
      expect(await admit([rolling(100n)], 500n, 100n)).toMatchObject({ outcome: 'refused', resetMs: 50_000 });
      expect(await admit([period], 500n, 101n)).toMatchObject({ outcome: 'refused', resetMs: Infinity });
      expect(await admit([rolling(100n)], 500n, 101n)).toMatchObject({ outcome: 'refused', resetMs: Infinity });
    });

    it('is not cut by limits of other things', async () => {
      const bounds = [tokens(100), budget(100n)];

      const verdict = await bench.admit(bounds, cost(200n, 101), 'too long', { leastCostNanoUsd: 1n });

      expect(verdict).toMatchObject({ outcome: 'refused', bound: bounds[0] });
      expect(await bench.used(...bounds)).toEqual([0n, 0n]);
    });

    it('is given the same again, however often it asks and whatever came in between', async () => {
      await admit([budget(100n)], 30n, 30n, 'other');
      await admit([budget(100n)], 90n, 10n, 'cut');
      await bench.store.cancel(name('other'));

      expect(await admit([budget(100n)], 90n, 10n, 'cut')).toMatchObject({ outcome: 'admitted', heldCostNanoUsd: 70n });
      expect(await bench.used(budget(100n))).toEqual([70n]);
    });

    it('settles to the truth, be it below what was held or above', async () => {
      const bounds = [budget(100n), rolling(100n)];
      await admit(bounds, 900n, 10n, 'below');
      expect(await bench.store.settle(name('below'), cost(20n), '')).toBe('settled');
      expect(await bench.used(...bounds)).toEqual([20n, 20n]);

      await admit(bounds, 900n, 10n, 'above');
      expect(await bench.used(...bounds)).toEqual([100n, 100n]);
      expect(await bench.store.settle(name('above'), cost(95n), '')).toBe('settled');
      expect((await bench.store.look(TENANT, bounds)).map(({ used, held }) => [used, held])).toEqual([
        [115n, 0n],
        [115n, 0n],
      ]);
    });

    it('gives back what it was held at, and not its worst case, when it is cancelled', async () => {
      const bounds = [budget(100n), rolling(80n)];
      await admit(bounds, 900n, 10n, 'lost');

      await bench.store.cancel(name('lost'));

      expect(await bench.used(...bounds)).toEqual([0n, 0n]);
    });

    it('is held to the nano-dollar at US$8.9 million', async () => {
      const limit = 8_900_000_000_000_001n;
      await admit([budget(limit), rolling(limit)], 8_899_999_999_999_998n, 0n);

      expect(await admit([budget(limit), rolling(limit)], 9_000_000_000_000_000n, 4n)).toMatchObject({ outcome: 'refused', needed: 4n });
      expect(await admit([budget(limit), rolling(limit)], 9_000_000_000_000_000n, 3n)).toMatchObject({ heldCostNanoUsd: 3n });
      expect(await bench.used(budget(limit), rolling(limit))).toEqual([limit, limit]);
    });
  });
}
