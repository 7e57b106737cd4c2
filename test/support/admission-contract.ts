import { beforeEach, describe, expect, it } from '@jest/globals';
import { LEASE_MS, type Verdict } from '../../src/limits/admission-store.js';
import type { Bound } from '../../src/limits/bounds.js';
import {
  type AdmissionHarness,
  ask,
  budget,
  calls,
  cost,
  MINUTE_MS,
  name,
  requests,
  rolling,
  TENANT,
  tokens,
} from './admission-harness.js';

/** What every admission store must do, whatever it counts in. */
export function describeAdmissionStore(open: () => Promise<AdmissionHarness>): void {
  describe('every admission store', () => {
    let harness: AdmissionHarness;
    let made = 0;

    beforeEach(async () => {
      harness = await open();
    });

    const admit = async (bounds: readonly Bound[], worst = cost(0n), callId = `call-${(made += 1)}`): Promise<Verdict> =>
      harness.store.admit(ask(callId, bounds, { worst }));
    const used = async (...bounds: readonly Bound[]) => (await harness.store.look(TENANT, bounds)).map((reading) => reading.used);
    const outcomesOf = async (count: number, bounds: readonly Bound[], worst = cost(0n)) =>
      (await Promise.all(Array.from({ length: count }, () => admit(bounds, worst)))).map(({ outcome }) => outcome);

    describe('rates', () => {
      it('admits exactly the limit out of many at once', async () => {
        const outcomes = await outcomesOf(300, [requests(7)]);

        expect(outcomes.filter((outcome) => outcome === 'admitted')).toHaveLength(7);
        expect(await used(requests(7))).toEqual([7n]);
      });

      it('tells how much of the tightest rate of each kind is left', async () => {
        const bounds = [requests(60), requests(3, 60 * MINUTE_MS), tokens(1_000)];
        await admit(bounds, cost(0n, 100));
        await harness.advance(20_000);

        expect(await admit(bounds, cost(0n, 300))).toMatchObject({
          outcome: 'admitted',
          requests: { limit: 3, remaining: 1, resetMs: 60 * MINUTE_MS - 20_000 },
          tokens: { limit: 1_000, remaining: 600, resetMs: 40_000 },
        });
      });

      it('makes room again exactly one window after the oldest', async () => {
        await admit([requests(2)]);
        await harness.advance(30_000);
        await admit([requests(2)]);

        expect(await admit([requests(2)])).toMatchObject({ outcome: 'refused', resetMs: 30_000 });
        await harness.advance(29_999);
        expect(await admit([requests(2)])).toMatchObject({ outcome: 'refused', resetMs: 1 });
        await harness.advance(1);
        expect(await admit([requests(2)])).toMatchObject({ outcome: 'admitted' });
        expect(await admit([requests(2)])).toMatchObject({ outcome: 'refused', resetMs: 30_000 });
      });

      it('counts on under another limit', async () => {
        await outcomesOf(3, [requests(3)]);

        expect(await admit([requests(2)])).toMatchObject({ outcome: 'refused', used: 3n });
        expect(await admit([requests(5)])).toMatchObject({ outcome: 'admitted', requests: { limit: 5, remaining: 1 } });
      });

      it('holds tokens at their worst and settles them to the truth, in the window of their admission', async () => {
        await admit([tokens(1_000)], cost(0n, 700), 'early');
        await harness.advance(20_000);
        expect(await admit([tokens(1_000)], cost(0n, 400))).toMatchObject({
          outcome: 'refused',
          used: 700n,
          needed: 400n,
          resetMs: 40_000,
        });

        await harness.store.settle(name('early'), cost(0n, 50));

        expect(await used(tokens(1_000))).toEqual([50n]);
        await admit([tokens(1_000)], cost(0n, 400), 'late');
        await harness.advance(40_000);
        expect(await used(tokens(1_000))).toEqual([400n]);
        await harness.advance(20_000);
        await harness.store.settle(name('late'), cost(0n, 900));
        expect(await used(tokens(1_000))).toEqual([0n]);
      });

      it('counts more than was held if that is the truth', async () => {
        await admit([tokens(100)], cost(0n, 10), 'long');
        await harness.store.settle(name('long'), cost(0n, 500));

        expect(await used(tokens(100))).toEqual([500n]);
        expect(await admit([tokens(100)], cost(0n, 0))).toMatchObject({ outcome: 'refused', used: 500n });
      });

      it('says that what is larger than the limit will never fit', async () => {
        expect(await admit([tokens(100)], cost(0n, 101))).toMatchObject({ outcome: 'refused', used: 0n, needed: 101n, resetMs: Infinity });
      });
    });

    describe('calls at the same time', () => {
      it('gives a place back once, however often it is told', async () => {
        await admit([calls(2)], cost(0n), 'first');
        await admit([calls(2)]);
        expect(await admit([calls(2)])).toMatchObject({ outcome: 'refused', used: 2n, resetMs: undefined });

        for (let times = 0; times < 3; times += 1) await harness.store.settle(name('first'), cost(0n));

        expect(await used(calls(2))).toEqual([1n]);
      });

      it('gives the place back before it is known what the call took', async () => {
        const bounds = [calls(1), budget(100n)];
        await admit(bounds, cost(60n), 'first');

        await harness.store.release(name('first'));
        await harness.store.release(name('first'));

        expect(await used(...bounds)).toEqual([0n, 60n]);
        expect(await admit(bounds, cost(40n))).toMatchObject({ outcome: 'admitted' });
        expect(await harness.store.settle(name('first'), cost(10n))).toBe('settled');
        expect(await used(...bounds)).toEqual([1n, 50n]);
      });
    });

    describe('budgets', () => {
      it('never lets what is spent and held exceed the limit', async () => {
        const outcomes = await outcomesOf(50, [budget(10_000_000_000n)], cost(1_000_000_000n));

        expect(outcomes.filter((outcome) => outcome === 'admitted')).toHaveLength(10);
        expect(await harness.store.look(TENANT, [budget(0n)])).toEqual([{ used: 10_000_000_000n, held: 10_000_000_000n }]);
      });

      it('counts US$8.9 million to the nano-dollar', async () => {
        const limit = 8_900_000_000_000_001n;
        const bounds = [budget(limit), rolling(limit)];
        await admit(bounds, cost(8_899_999_999_999_999n), 'most');
        await harness.store.settle(name('most'), cost(8_899_999_999_999_998n));

        expect(await admit(bounds, cost(4n))).toMatchObject({ outcome: 'refused', used: 8_899_999_999_999_998n, needed: 4n });
        expect(await admit(bounds, cost(3n), 'last')).toMatchObject({ outcome: 'admitted' });
        expect(await used(...bounds)).toEqual([limit, limit]);
        expect(await admit(bounds, cost(1n))).toMatchObject({ outcome: 'refused', used: limit });
        await harness.store.cancel(name('last'));
        expect(await used(...bounds)).toEqual([8_899_999_999_999_998n, 8_899_999_999_999_998n]);
      });

      it('charges a call to the period in which it was admitted', async () => {
        const first = budget(100n, harness.now(), 600_000);
        await admit([first], cost(80n), 'over the end');
        await harness.advance(600_000);
        const second = budget(100n, harness.now(), 600_000);

        expect(await admit([first], cost(1n))).toEqual({ outcome: 'stale', bound: first });
        expect(await admit([second], cost(90n))).toMatchObject({ outcome: 'admitted' });
        await harness.store.settle(name('over the end'), cost(70n));

        expect(await harness.store.look(TENANT, [first, second])).toEqual([
          { used: 70n, held: 0n },
          { used: 90n, held: 90n },
        ]);
      });

      it('says when the period ends, or the oldest money leaves the window', async () => {
        const period = budget(100n, harness.now(), 600_000) as Bound & { endsAt: number };
        const bounds = [rolling(100n)];
        await admit([period, ...bounds], cost(100n));
        await harness.advance(10_000);

        expect(await admit([period], cost(1n))).toMatchObject({ resetMs: period.endsAt - harness.now() });
        expect(await admit(bounds, cost(1n))).toMatchObject({ resetMs: 50_000 });
        expect(await admit([budget(100n)], cost(101n))).toMatchObject({ resetMs: Infinity });
      });
    });

    describe('a refusal', () => {
      it('leaves every counter where it was, ten thousand times', async () => {
        const bounds = [requests(100), tokens(1_000), calls(1), rolling(1_000n), budget(1_000n)];
        await admit(bounds, cost(10n, 10));
        const before = await harness.store.look(TENANT, bounds);

        for (let round = 0; round < 50; round += 1) {
          expect(new Set(await outcomesOf(200, bounds, cost(10n, 10)))).toEqual(new Set(['refused']));
        }

        expect(await harness.store.look(TENANT, bounds)).toEqual(before);
      });

      it('names the bound that keeps the call out for longest', async () => {
        const bounds = [calls(1), requests(1), requests(1, 10 * MINUTE_MS), tokens(10)];
        await admit(bounds, cost(0n, 10));

        expect(await admit(bounds, cost(0n, 10))).toMatchObject({ bound: bounds[2] });
        expect(await admit(bounds, cost(0n, 11))).toMatchObject({ bound: bounds[3], resetMs: Infinity });
        expect(await admit([calls(1), requests(1)])).toMatchObject({ bound: requests(1) });
        expect(await admit([calls(1), requests(2)])).toMatchObject({ bound: calls(1) });
      });

      it('keeps tenants apart', async () => {
        await admit([requests(1)]);

        const other = { ...ask('other-tenant', [requests(1)]), tenant: 'team-8' };
        // Two tenants may share a shard: what is counted for each has a name of its own, which here is made to differ.
        expect(await harness.store.admit({ ...other, bounds: [{ ...requests(1), counter: 'requests:team-8' }] })).toMatchObject({
          outcome: 'admitted',
        });
      });
    });

    describe('unknown outcomes', () => {
      it('admits a call once, however often it asks', async () => {
        const bounds = [requests(10), calls(10), budget(100n)];
        for (let times = 0; times < 5; times += 1) {
          expect(await admit(bounds, cost(30n), 'again')).toMatchObject({ outcome: 'admitted', requests: { remaining: 9 } });
        }

        expect(await used(...bounds)).toEqual([1n, 1n, 30n]);
      });

      it('refuses a call that was cancelled before it came', async () => {
        await harness.store.cancel(name('late'));

        expect(await admit([requests(1)], cost(0n), 'late')).toEqual({ outcome: 'ended' });
        expect(await used(requests(1))).toEqual([0n]);
      });

      it('gives back all of a cancelled call, also its request', async () => {
        const bounds = [requests(1), tokens(10), calls(1), rolling(10n), budget(10n)];
        await admit(bounds, cost(10n, 10), 'lost');

        await harness.store.cancel(name('lost'));
        await harness.store.cancel(name('lost'));

        expect(await used(...bounds)).toEqual([0n, 0n, 0n, 0n, 0n]);
        expect(await admit(bounds, cost(10n, 10), 'lost')).toEqual({ outcome: 'ended' });
        expect(await harness.store.settle(name('lost'), cost(10n, 10))).toBe('unknown');
        expect(await admit(bounds, cost(10n, 10))).toMatchObject({ outcome: 'admitted' });
      });

      it('knows nothing of a call that never was', async () => {
        expect(await harness.store.settle(name('never'), cost(10n))).toBe('unknown');
        expect(await used(budget(10n))).toEqual([0n]);
      });
    });

    describe('an owner that has died', () => {
      const bounds = [requests(9), tokens(900), calls(9), rolling(900n), budget(900n)];

      it('has its holds reaped at their worst case after its lease, and not before', async () => {
        await harness.store.admit(ask('orphan', bounds, { owner: 'dead', worst: cost(300n, 200), memo: '{"key":"k 1"}' }));
        await harness.advance(LEASE_MS - 1);
        expect(await harness.store.reap()).toEqual([]);
        await harness.advance(1);

        expect(await harness.store.reap()).toEqual([{ callId: 'orphan', owner: 'dead', worst: cost(300n, 200), memo: '{"key":"k 1"}' }]);
        expect(await harness.store.reap()).toEqual([]);
        expect(await harness.store.look(TENANT, bounds)).toEqual([1n, 200n, 0n, 300n, 300n].map((taken) => ({ used: taken, held: 0n })));
      });

      it('keeps what it holds as long as its heart beats', async () => {
        await harness.store.admit(ask('long', bounds, { owner: 'alive', worst: cost(300n) }));
        for (let beats = 0; beats < 5; beats += 1) {
          await harness.advance(LEASE_MS - 1);
          await harness.store.renew('alive');
          expect(await harness.store.reap()).toEqual([]);
        }

        expect(await harness.store.settle(name('long'), cost(10n))).toBe('settled');
      });

      it('may come back: its settlement then amends what was charged', async () => {
        await harness.store.admit(ask('undead', bounds, { owner: 'paused', worst: cost(300n, 200) }));
        await harness.advance(LEASE_MS);
        await harness.store.reap();

        expect(await harness.store.settle(name('undead'), cost(20n, 10))).toBe('amended');
        expect(await harness.store.settle(name('undead'), cost(20n, 10))).toBe('unknown');
        expect(await used(...bounds)).toEqual([1n, 10n, 0n, 20n, 20n]);
        expect(await admit(bounds, cost(1n), 'undead')).toEqual({ outcome: 'ended' });
      });
    });
  });
}
