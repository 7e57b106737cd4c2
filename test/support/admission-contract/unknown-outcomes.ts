import { describe, expect, it } from '@jest/globals';
import { type Bench, budget, calls, cost, name, requests, rolling, tokens } from '../admission-harness.js';

export function describeUnknownOutcomes(bench: Bench): void {
  describe('unknown outcomes', () => {
    it('admits a call once, however often it asks', async () => {
      const bounds = [requests(10), calls(10), budget(100n)];
      for (let times = 0; times < 5; times += 1) {
        expect(await bench.admit(bounds, cost(30n), 'again')).toMatchObject({ outcome: 'admitted', requests: { remaining: 9 } });
      }

      expect(await bench.used(...bounds)).toEqual([1n, 1n, 30n]);
    });

    it('refuses a call that was cancelled before it came', async () => {
      await bench.store.cancel(name('late'));

      expect(await bench.admit([requests(1)], cost(0n), 'late')).toEqual({ outcome: 'ended' });
      expect(await bench.used(requests(1))).toEqual([0n]);
    });

    it('gives back all of a cancelled call, also its request', async () => {
      const bounds = [requests(1), tokens(10), calls(1), rolling(10n), budget(10n)];
      await bench.admit(bounds, cost(10n, 10), 'lost');

      await bench.store.cancel(name('lost'));
      await bench.store.cancel(name('lost'));

      expect(await bench.used(...bounds)).toEqual([0n, 0n, 0n, 0n, 0n]);
      expect(await bench.admit(bounds, cost(10n, 10), 'lost')).toEqual({ outcome: 'ended' });
      expect(await bench.store.settle(name('lost'), cost(10n, 10), '')).toBe('unknown');
      expect(await bench.store.interrupt(name('lost'), cost(10n, 10))).toBe('unknown');
      expect(await bench.used(...bounds)).toEqual([0n, 0n, 0n, 0n, 0n]);
      expect(await bench.admit(bounds, cost(10n, 10))).toMatchObject({ outcome: 'admitted' });
    });

    it('settles a call once, and changes nothing when it is told again', async () => {
      const bounds = [requests(9), tokens(90), rolling(90n), budget(90n)];
      await bench.admit(bounds, cost(50n, 40), 'told twice');

      expect(await bench.store.settle(name('told twice'), cost(20n, 10), 'event')).toBe('settled');
      expect(await bench.store.settle(name('told twice'), cost(30n, 15), 'event')).toBe('unknown');
      expect(await bench.store.interrupt(name('told twice'), cost(40n, 20))).toBe('unknown');

      expect(await bench.used(...bounds)).toEqual([1n, 10n, 20n, 20n]);
    });

    it('knows nothing of a call that never was', async () => {
      expect(await bench.store.settle(name('never'), cost(10n), '')).toBe('unknown');
      expect(await bench.store.interrupt(name('never'), cost(10n))).toBe('unknown');
      await bench.store.confirm(name('never'));
      await bench.store.release(name('never'));
      expect(await bench.used(budget(10n))).toEqual([0n]);
    });
  });
}
