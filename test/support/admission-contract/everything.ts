import { describe, expect, it } from '@jest/globals';
import type { Verdict } from '../../../src/limits/admission-store.js';
import type { Bound } from '../../../src/limits/bounds.js';
import { type Bench, budget, cost, everything, name, TENANT } from '../admission-harness.js';

const DOLLAR = 1_000_000_000n;
/** More than there are shards, so that hardly one is left out. */
const TENANTS = Array.from({ length: 200 }, (_, at) => `tenant-${at}`);

export function describeEverything(bench: Bench): void {
  const admitFor = (tenant: string, bounds: readonly Bound[], worst: bigint, least = worst): Promise<Verdict> =>
    bench.admit(bounds, cost(worst), `call of ${tenant}`, { tenant, leastCostNanoUsd: least });
  const admitted = (verdicts: readonly Verdict[]): number => verdicts.filter(({ outcome }) => outcome === 'admitted').length;

  describe('a budget on everything', () => {
    it('is one limit among others within a tenant', async () => {
      const bounds = [budget(8n * DOLLAR), everything(10n * DOLLAR)];

      expect((await bench.outcomesOf(30, bounds, cost(DOLLAR))).filter((outcome) => outcome === 'admitted')).toHaveLength(8);
      expect((await bench.outcomesOf(30, [bounds[1]!], cost(DOLLAR))).filter((outcome) => outcome === 'admitted')).toHaveLength(2);
      expect(await bench.admit([bounds[1]!], cost(1n))).toMatchObject({ outcome: 'refused', bound: bounds[1], used: 10n * DOLLAR });
    });

    it('of US$10 admits exactly ten calls of US$1, over however many tenants', async () => {
      const verdicts: Verdict[] = [];
      for (const tenant of TENANTS) verdicts.push(await admitFor(tenant, [everything(10n * DOLLAR)], DOLLAR));

      expect(admitted(verdicts)).toBe(10);
      expect(verdicts.at(-1)).toMatchObject({ outcome: 'refused', used: 10n * DOLLAR, needed: DOLLAR });
    });

    it('is never exceeded by many at once, and filled when they ask again', async () => {
      const all = () => Promise.all(TENANTS.map((tenant) => admitFor(tenant, [everything(10n * DOLLAR)], DOLLAR)));
      expect(admitted(await all())).toBeLessThanOrEqual(10);

      let last = 0;
      for (const tenant of TENANTS) last += admitted([await admitFor(tenant, [everything(10n * DOLLAR)], DOLLAR)]);

      expect(last).toBe(10);
    });

    it('has room for others to the nano-dollar when a call took less than was held', async () => {
      const bounds = [everything(10n * DOLLAR)];
      for (const tenant of TENANTS.slice(0, 10)) await admitFor(tenant, bounds, DOLLAR);

      await bench.store.settle(name('call of tenant-3', 'tenant-3'), cost(DOLLAR - 7n), '');

      expect(await admitFor('tenant-50', bounds, 8n)).toMatchObject({ outcome: 'refused', used: 10n * DOLLAR - 7n });
      expect(await admitFor('tenant-51', bounds, 7n)).toMatchObject({ outcome: 'admitted' });
      expect(await admitFor('tenant-52', bounds, 1n)).toMatchObject({ outcome: 'refused', used: 10n * DOLLAR });
    });

    it('is held at all that is left of it within one tenant', async () => {
      await bench.admit([everything(100n)], cost(30n));

      expect(await bench.admit([everything(100n)], cost(90n), 'cut', { leastCostNanoUsd: 70n })).toMatchObject({ heldCostNanoUsd: 70n });
      expect(await bench.used(everything(100n))).toEqual([100n]);
    });

    it('lets other tenants have the least that they need, as long as there is that', async () => {
      await admitFor('tenant-1', [everything(100n)], 30n);

      const cut = await admitFor('tenant-2', [everything(100n)], 90n, 70n);
      const none = await admitFor('tenant-3', [everything(100n)], 90n, 1n);

      expect(cut).toMatchObject({ outcome: 'admitted', heldCostNanoUsd: 70n });
      expect(none).toMatchObject({ outcome: 'refused', used: 100n, needed: 1n });
    });

    it('takes nothing of it for a call that another limit keeps out', async () => {
      const bounds = [budget(5n), everything(100n)];

      for (const tenant of TENANTS) {
        const counter = `budget:${tenant}`;
        expect(await admitFor(tenant, [{ ...bounds[0]!, counter }, bounds[1]!], 6n)).toMatchObject({ outcome: 'refused' });
      }

      expect(await admitFor('tenant-9', [bounds[1]!], 100n)).toMatchObject({ outcome: 'admitted' });
    });

    it('shows to anybody what all have spent and hold', async () => {
      const bounds = [everything(100n, bench.now(), 600_000)];
      for (const tenant of TENANTS.slice(0, 5)) await admitFor(tenant, bounds, 10n);
      await bench.store.settle(name('call of tenant-0', 'tenant-0'), cost(4n), '');
      await bench.store.cancel(name('call of tenant-1', 'tenant-1'));

      const resetMs = bounds[0]!.endsAt - bench.now();
      expect(await bench.store.look(TENANT, bounds)).toEqual([{ used: 34n, held: 30n, resetMs }]);
    });

    it('counts US$8.9 million to the nano-dollar, over two tenants', async () => {
      const bounds = [everything(8_900_000_000_000_001n)];
      await admitFor('tenant-1', bounds, 8_899_999_999_999_999n);
      await bench.store.settle(name('call of tenant-1', 'tenant-1'), cost(8_899_999_999_999_998n), '');

      expect(await admitFor('tenant-2', bounds, 4n)).toMatchObject({ outcome: 'refused', used: 8_899_999_999_999_998n });
      expect(await admitFor('tenant-3', bounds, 3n)).toMatchObject({ outcome: 'admitted' });
      expect(await bench.used(...bounds)).toEqual([8_900_000_000_000_001n]);
      expect(await admitFor('tenant-4', bounds, 1n)).toMatchObject({ outcome: 'refused' });
    });
  });
}
