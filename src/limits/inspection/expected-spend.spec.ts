import { describe, expect, it } from '@jest/globals';
import { boundOf } from '../budgets/budget-bound.js';
import type { CounterSeed } from '../budgets/spend.store.js';
import type { InspectedShard } from '../redis/shard-inspection.js';
import { aBudget } from '../../../test/support/budget.js';
import { correctionsOf, expectedSpend, heldByCalls } from './expected-spend.js';

const NOW = Date.parse('2026-11-21T12:00:30Z');
const MINUTE_MS = 60_000;
const NONE = new Map();

const total = boundOf(aBudget({ id: 'b-1' }), NOW).bound;
const seedOf = (spent: readonly (readonly [bucketMs: number, cost: bigint])[], bound = total): CounterSeed => ({
  tenant: 'team-7',
  bound,
  spent: spent.map(([bucketMs, costNanoUsd]) => ({ atMs: bucketMs, bucketMs, costNanoUsd })),
});
const shard = (changes: Partial<InspectedShard>): InspectedShard => ({ nowMs: NOW, figures: [], holds: [], events: [], ...changes });
const event = (callId: string, cost: number, ...budgets: readonly string[]) => ({
  callId,
  event: JSON.stringify({ cost_nano_usd: cost, ...(budgets.length > 0 && { budgets }) }),
});

describe('what a counter should have', () => {
  it('is what its rows say where nothing is under way', () => {
    expect(expectedSpend(seedOf([[0, 70n]]), NONE, NOW)).toEqual({ least: 70n, most: 70n });
    expect(expectedSpend(seedOf([]), NONE, NOW)).toEqual({ least: 0n, most: 0n });
  });

  it('leaves out calls that are stored and still held, and adds those that are over and not stored', () => {
    const shards = [
      shard({ holds: [{ callId: 'held', costNanoUsd: 9n, counters: [] }], events: [event('over', 5, 'b-1@0'), event('free', 3)] }),
      shard({ events: [event('stored', 11, 'b-1@0'), event('of another', 13, 'b-2@0')] }),
    ];
    const stored = new Map([
      ['held', { costNanoUsd: 20n, budgets: ['b-1@0', 'b-2@0'] }],
      ['stored', { costNanoUsd: 11n, budgets: ['b-1@0'] }],
    ]);

    expect(expectedSpend(seedOf([[0, 100n]]), correctionsOf(shards, stored), NOW)).toEqual({ least: 85n, most: 85n });
  });

  it('is of its own period alone', () => {
    const corrections = correctionsOf([shard({ events: [event('late', 5, 'b-1@86400000')] })], new Map());

    expect(expectedSpend(seedOf([[0, 100n]]), corrections, NOW)).toEqual({ least: 100n, most: 100n });
  });

  it('is a range for a window, of whose edge nobody knows what is still in it', () => {
    const { bound } = boundOf(aBudget({ id: 'b-1', period: 'rolling', windowSeconds: 3_600 }), NOW);
    const ago = (minutes: number): number => NOW - minutes * MINUTE_MS;
    const seed = seedOf(
      [
        [ago(70), 1_000n],
        [ago(60), 100n],
        [ago(50), 10n],
        [ago(0), 1n],
      ],
      bound,
    );

    expect(expectedSpend(seed, NONE, NOW)).toEqual({ least: 11n, most: 111n });
  });
});

it('calls hold what they hold in each of their counters', () => {
  const held = heldByCalls([
    shard({ holds: [{ callId: 'a', costNanoUsd: 5n, counters: ['x', 'y'] }] }),
    shard({ holds: [{ callId: 'b', costNanoUsd: 7n, counters: ['y'] }] }),
  ]);

  expect([...held]).toEqual([
    ['x', 5n],
    ['y', 12n],
  ]);
});
