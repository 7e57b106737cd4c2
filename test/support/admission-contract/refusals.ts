import { describe, expect, it } from '@jest/globals';
import { type Bench, budget, calls, cost, everything, MINUTE_MS, requests, rolling, TENANT, tokens } from '../admission-harness.js';

export function describeRefusals(bench: Bench): void {
  describe('a refusal', () => {
    it('leaves every counter where it was, ten thousand times', async () => {
      const bounds = [requests(100), tokens(1_000), calls(1), rolling(1_000n), budget(1_000n), everything(1_000n)];
      await bench.admit(bounds, cost(10n, 10));
      const before = await bench.store.look(TENANT, bounds);

      for (let round = 0; round < 50; round += 1) {
        expect(new Set(await bench.outcomesOf(200, bounds, cost(10n, 10)))).toEqual(new Set(['refused']));
      }

      expect(await bench.store.look(TENANT, bounds)).toEqual(before);
      expect(before.map(({ used, held }) => [used, held])).toEqual([
        [1n, 0n],
        [10n, 0n],
        [1n, 0n],
        [10n, 0n],
        [10n, 10n],
        [10n, 10n],
      ]);
    });

    it('names the bound that keeps the call out for longest', async () => {
      const bounds = [calls(1), requests(1), requests(1, 10 * MINUTE_MS), tokens(10)];
      await bench.admit(bounds, cost(0n, 10));

      expect(await bench.admit(bounds, cost(0n, 10))).toMatchObject({ bound: bounds[2] });
      expect(await bench.admit(bounds, cost(0n, 11))).toMatchObject({ bound: bounds[3], resetMs: Infinity });
      expect(await bench.admit([calls(1), requests(1)])).toMatchObject({ bound: requests(1) });
      expect(await bench.admit([calls(1), requests(2)])).toMatchObject({ bound: calls(1) });
    });

    it('keeps tenants apart', async () => {
      await bench.admit([requests(1)]);

      // Two tenants may share a shard: what is counted for each has a name of its own.
      const bounds = [{ ...requests(1), counter: 'requests:team-8' }];
      expect(await bench.admit(bounds, cost(0n), 'other-tenant', { tenant: 'team-8' })).toMatchObject({ outcome: 'admitted' });
    });
  });
}
