import { describe, expect, it } from '@jest/globals';
import { eventually } from '../../../test/support/eventually.js';
import { UnstoredMoney } from './unstored-money.js';

const ACTUAL = { tokens: 1, costNanoUsd: 2n };

function start(lateMs?: number) {
  const freed: string[] = [];
  const corrected = new Map<string, () => void>();
  const unstored = new UnstoredMoney((callId, actual, onNoted) => {
    expect(actual).toBe(ACTUAL);
    corrected.set(callId, onNoted);
  }, lateMs);
  const end = (callId: string, budgets = ['b@0']): void =>
    unstored.add({ callId, tenant: 't', budgets }, ACTUAL, () => void freed.push(callId));
  return { unstored, freed, corrected, end };
}

describe('the money of calls that are over', () => {
  it('is free when the row is known to be stored, once', () => {
    const { unstored, freed, end } = start();
    end('a');
    end('a');
    end('b');
    expect(freed).toEqual([]);

    unstored.known('a');
    unstored.known('a');
    unstored.known('never ended');

    expect(freed).toEqual(['a']);
    expect(unstored.size).toBe(1);
    unstored.stop();
  });

  it('is free when the row takes long, and the database was told what the call has cost', async () => {
    const { unstored, freed, corrected, end } = start(5);
    end('a');
    await eventually(() => corrected.size === 1);
    expect(freed).toEqual([]);

    corrected.get('a')!();

    expect(freed).toEqual(['a']);
    expect(unstored.size).toBe(0);
    unstored.stop();
  });

  it('is waited for by calls under the same budget, and by no others', async () => {
    const { unstored, freed, end } = start();
    end('a', ['b@0', 'c@7']);
    expect(unstored.whenFreed('other')).toBeUndefined();
    const waited = unstored.whenFreed('c')!.then(() => [...freed]);

    unstored.known('a');

    expect(await waited).toEqual(['a']);
    expect(unstored.whenFreed('c')).toBeUndefined();
    unstored.stop();
  });

  it('is not waited for much longer than rows wait for each other', async () => {
    const { unstored, freed, end } = start();
    end('a');

    await unstored.whenFreed('b');

    expect(freed).toEqual([]);
    unstored.stop();
  });
});
