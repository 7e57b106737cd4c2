import { describe, expect, it } from '@jest/globals';
import { type Estate, LEASE_MS } from '../../../src/limits/admission-store.js';
import { ask, type Bench, budget, calls, cost, name, requests, rolling, TENANT, tokens } from '../admission-harness.js';

const NOTHING: Estate = { holds: [], events: [] };
const BOUNDS = [requests(9), tokens(900), calls(9), rolling(900n), budget(900n)];
const EVENT = '{"id":"ünï 1","line":"with \\n, a tab\t and\na new line"}';

export function describeEstates(bench: Bench): void {
  const admit = (callId: string, owner: string, tenant = TENANT) =>
    bench.store.admit(ask(callId, BOUNDS, { owner, tenant, worst: cost(300n, 200), memo: '{"key":"k 1"}' }));
  const holdOf = (callId: string, tenant = TENANT) => ({ callId, tenant, worst: cost(300n, 200), memo: '{"key":"k 1"}' });
  const taken = async () => (await bench.store.look(TENANT, BOUNDS)).map(({ used, held }) => [used, held].join(' of which held '));
  const HELD = ['1 of which held 0', '200 of which held 0', '1 of which held 0', '300 of which held 0', '300 of which held 300'];

  describe('a call whose owner has died', () => {
    it('is inherited after the lease of the owner, not before, and stays held', async () => {
      await admit('orphan', 'dead');
      await bench.advance(LEASE_MS - 1);
      expect(await bench.inherit('heir')).toEqual(NOTHING);
      await bench.advance(1);

      expect(await bench.inherit('heir')).toEqual({ holds: [holdOf('orphan')], events: [] });
      expect(await taken()).toEqual(HELD);
    });

    it('is told to its heir again and again until that has interrupted it, and to no other', async () => {
      await admit('orphan', 'dead');
      await bench.advance(LEASE_MS);
      for (let times = 0; times < 3; times += 1) {
        expect(await bench.inherit('heir')).toEqual({ holds: [holdOf('orphan')], events: [] });
        expect(await bench.inherit('other')).toEqual(NOTHING);
      }

      expect(await bench.store.interrupt(name('orphan'), cost(120n, 80))).toBe('settled');
      expect(await bench.store.interrupt(name('orphan'), cost(140n, 90))).toBe('unknown');

      expect(await bench.inherit('heir')).toEqual(NOTHING);
      expect(await taken()).toEqual([
        '1 of which held 0',
        '80 of which held 0',
        '0 of which held 0',
        '120 of which held 0',
        '120 of which held 0',
      ]);
    });

    it('tells what it was held at, where it was cut', async () => {
      await bench.store.admit(ask('cut', [budget(100n)], { owner: 'dead', worst: cost(300n, 5), leastCostNanoUsd: 1n, memo: 'm' }));
      await bench.advance(LEASE_MS);

      expect((await bench.inherit('heir')).holds).toEqual([{ callId: 'cut', tenant: TENANT, worst: cost(100n, 5), memo: 'm' }]);
      await bench.store.interrupt(name('cut'), cost(60n, 5));
      expect(await bench.used(budget(100n))).toEqual([60n]);
    });

    it('is inherited also when its place was given back before, and once only gives it back', async () => {
      await admit('released', 'dead');
      await admit('not released', 'dead');
      await bench.store.release(name('released'));
      await bench.advance(LEASE_MS);

      expect((await bench.inherit('heir')).holds.map(({ callId }) => callId)).toEqual(['not released', 'released']);
      await bench.store.interrupt(name('released'), cost(0n));
      expect(await bench.used(calls(9))).toEqual([1n]);
    });

    it('is inherited also where nothing limits it', async () => {
      await bench.store.admit(ask('free', [], { owner: 'dead', memo: 'm' }));
      await bench.advance(LEASE_MS);

      expect((await bench.inherit('heir')).holds).toEqual([{ callId: 'free', tenant: TENANT, worst: cost(0n), memo: 'm' }]);
      expect(await bench.store.interrupt(name('free'), cost(0n))).toBe('settled');
      expect(await bench.inherit('heir')).toEqual(NOTHING);
    });

    it('passes on to another heir when the first one dies', async () => {
      await admit('orphan', 'dead');
      await admit('own', 'heir');
      await bench.advance(LEASE_MS);
      await bench.store.renew('heir');
      expect(await bench.inherit('heir')).toEqual({ holds: [holdOf('orphan')], events: [] });
      await bench.advance(LEASE_MS - 1);
      expect(await bench.inherit('second heir')).toEqual(NOTHING);
      await bench.advance(1);

      expect(await bench.inherit('second heir')).toEqual({ holds: [holdOf('orphan'), holdOf('own')], events: [] });
      expect(await bench.inherit('third heir')).toEqual(NOTHING);
      await bench.store.interrupt(name('orphan'), cost(0n));
      expect(await bench.inherit('second heir')).toEqual({ holds: [holdOf('own')], events: [] });
    });

    it('is one of many, of many tenants', async () => {
      const tenants = Array.from({ length: 40 }, (_, at) => `tenant-${at + 10}`);
      for (const tenant of tenants) {
        const bounds = [{ ...budget(900n), counter: `budget:${tenant}` }];
        await bench.store.admit(ask(`call of ${tenant}`, bounds, { owner: 'dead', tenant, worst: cost(3n) }));
      }
      await bench.advance(LEASE_MS);

      const told = (await bench.inherit('heir')).holds.map(({ tenant }) => tenant);

      expect(told).toEqual(tenants);
    });

    it('leaves nothing when it was cancelled or settled before', async () => {
      await admit('cancelled', 'dead');
      await admit('settled', 'dead');
      await bench.store.cancel(name('cancelled'));
      await bench.store.settle(name('settled'), cost(1n), '');
      await bench.advance(LEASE_MS);

      expect(await bench.inherit('heir')).toEqual(NOTHING);
    });
  });

  describe('an owner that is alive', () => {
    it('keeps what it holds as long as its heart beats', async () => {
      await admit('long', 'alive');
      for (let beats = 0; beats < 5; beats += 1) {
        await bench.advance(LEASE_MS - 1);
        await bench.store.renew('alive');
        expect(await bench.inherit('heir')).toEqual(NOTHING);
      }

      expect(await bench.store.settle(name('long'), cost(10n), '')).toBe('settled');
    });

    it('is not told of its own', async () => {
      await admit('own', 'alive');
      await bench.advance(LEASE_MS - 1);
      await bench.store.renew('alive');
      await bench.advance(1);

      expect(await bench.inherit('alive')).toEqual(NOTHING);
    });

    it('may have been taken for dead: its settlement counts, and leaves its heir nothing to interrupt', async () => {
      await admit('undead', 'paused');
      await bench.advance(LEASE_MS);
      await bench.inherit('heir');
      await bench.store.renew('paused');

      expect(await bench.store.settle(name('undead'), cost(20n, 10), EVENT)).toBe('settled');
      expect(await bench.store.interrupt(name('undead'), cost(300n, 200))).toBe('unknown');
      expect(await bench.used(...BOUNDS)).toEqual([1n, 10n, 0n, 20n, 20n]);
      expect(await bench.inherit('heir')).toEqual(NOTHING);
    });

    it('amends what an heir has charged when it comes back after that', async () => {
      await admit('undead', 'paused');
      await bench.advance(LEASE_MS);
      await bench.inherit('heir');
      await bench.store.interrupt(name('undead'), cost(120n, 80));

      expect(await bench.store.settle(name('undead'), cost(20n, 10), EVENT)).toBe('amended');
      expect(await bench.store.settle(name('undead'), cost(30n, 20), EVENT)).toBe('unknown');
      expect(await bench.used(...BOUNDS)).toEqual([1n, 10n, 0n, 20n, 20n]);
      expect(await bench.store.admit(ask('undead', BOUNDS))).toEqual({ outcome: 'ended' });
    });

    it('amends upwards as well, past what was held', async () => {
      await admit('undead', 'paused');
      await bench.advance(LEASE_MS);
      await bench.inherit('heir');
      await bench.store.interrupt(name('undead'), cost(0n, 0));

      expect(await bench.store.settle(name('undead'), cost(350n, 210), EVENT)).toBe('amended');
      expect(await bench.used(...BOUNDS)).toEqual([1n, 210n, 0n, 350n, 350n]);
    });
  });

  describe('the event of a settled call', () => {
    const eventOf = (callId: string) => ({ callId, tenant: TENANT, event: EVENT });

    it('is told to an heir after the lease of its owner, again and again until it is confirmed', async () => {
      await admit('settled', 'dead');
      await bench.store.settle(name('settled'), cost(10n, 5), EVENT);
      expect(await bench.inherit('heir')).toEqual(NOTHING);
      await bench.advance(LEASE_MS - 1);
      expect(await bench.inherit('heir')).toEqual(NOTHING);
      await bench.advance(1);
      for (let times = 0; times < 3; times += 1) {
        expect(await bench.inherit('heir')).toEqual({ holds: [], events: [eventOf('settled')] });
      }

      await bench.store.confirm(name('settled'));
      await bench.store.confirm(name('settled'));

      expect(await bench.inherit('heir')).toEqual(NOTHING);
      expect(await bench.used(...BOUNDS)).toEqual([1n, 5n, 0n, 10n, 10n]);
    });

    it('is not told when its owner has confirmed it, or when there is none', async () => {
      for (const callId of ['confirmed', 'kept', 'none']) await admit(callId, 'dead');
      await bench.store.settle(name('confirmed'), cost(10n), EVENT);
      await bench.store.settle(name('kept'), cost(10n), EVENT);
      await bench.store.settle(name('none'), cost(10n), '');
      await bench.store.confirm(name('confirmed'));
      await bench.advance(LEASE_MS);

      expect(await bench.inherit('heir')).toEqual({ holds: [], events: [eventOf('kept')] });
    });

    it('is not told again by a settlement that changed nothing', async () => {
      await admit('settled', 'dead');
      await bench.store.settle(name('settled'), cost(10n), EVENT);
      await bench.store.confirm(name('settled'));

      await bench.store.settle(name('settled'), cost(10n), EVENT);
      await bench.advance(LEASE_MS);

      expect(await bench.inherit('heir')).toEqual(NOTHING);
    });

    it('is told beside the holds that its owner left', async () => {
      await admit('held', 'dead');
      await admit('settled', 'dead');
      await bench.store.settle(name('settled'), cost(10n), EVENT);
      await bench.advance(LEASE_MS);

      expect(await bench.inherit('heir')).toEqual({ holds: [holdOf('held')], events: [eventOf('settled')] });
    });

    it('is told to the next heir when the first one dies', async () => {
      await admit('settled', 'dead');
      await bench.store.settle(name('settled'), cost(10n), EVENT);
      await bench.advance(LEASE_MS);
      await bench.inherit('heir');
      await bench.advance(LEASE_MS);

      expect(await bench.inherit('second heir')).toEqual({ holds: [], events: [eventOf('settled')] });
    });

    it('is the owner’s again when that comes back', async () => {
      await admit('settled', 'paused');
      await bench.store.settle(name('settled'), cost(10n), EVENT);
      await bench.advance(LEASE_MS);
      await bench.store.renew('paused');

      expect(await bench.inherit('heir')).toEqual(NOTHING);
    });

    it.each(['settled', 'amended'])(
      'is told also when the last word of a dead owner (%s) comes after its call was inherited',
      async (how) => {
        await admit('undead', 'dying');
        await bench.advance(LEASE_MS);
        await bench.inherit('heir');
        if (how === 'amended') await bench.store.interrupt(name('undead'), cost(120n, 80));

        expect(await bench.store.settle(name('undead'), cost(20n, 10), EVENT)).toBe(how);

        expect(await bench.inherit('heir')).toEqual({ holds: [], events: [eventOf('undead')] });
        await bench.store.confirm(name('undead'));
        expect(await bench.inherit('heir')).toEqual(NOTHING);
      },
    );

    it('comes back as it was, however long', async () => {
      await admit('long', 'dead');
      const event = EVENT.repeat(2_000);
      await bench.store.settle(name('long'), cost(10n), event);
      await bench.advance(LEASE_MS);

      expect((await bench.inherit('heir')).events.map(({ event: told }) => told === event)).toEqual([true]);
    });
  });
}
