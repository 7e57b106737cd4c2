import { describe, expect, it } from '@jest/globals';
import type { Ask } from '../admission-store.js';
import { HeldCalls } from './held-calls.js';

const ask = (callId: string): Ask => ({
  callId,
  tenant: 't',
  owner: 'o',
  bounds: [],
  worst: { tokens: 0, costNanoUsd: 1n },
  leastCostNanoUsd: 0n,
  memo: '',
});

describe('HeldCalls', () => {
  it.each([
    ['settled first', ['settled', 'stored'], [false, true]],
    ['stored first', ['stored', 'settled'], [false, true]],
  ] as const)('need no event once they are settled and stored: %s', (_, order, expected) => {
    const held = new HeldCalls();
    held.add(ask('a'), 7);

    const told = order.map((what) =>
      what === 'settled' ? held.noteSettled({ callId: 'a', tenant: 't' }) : held.noteStored({ callId: 'a', tenant: 't' }),
    );

    expect(told).toEqual(expected);
    expect(held.size).toBe(0);
  });

  it('are told to their shard until their end is acknowledged', () => {
    const held = new HeldCalls();
    held.add(ask('a'), 7);
    held.add(ask('b'), 7);
    held.add(ask('c'), 8);
    held.noteSettled({ callId: 'a', tenant: 't' });

    expect(held.inShard(7).map(({ callId }) => callId)).toEqual(['b']);
  });

  it('of another process need no event kept as soon as they are stored', () => {
    expect(new HeldCalls().noteStored({ callId: 'x', tenant: 't' })).toBe(true);
  });
});
