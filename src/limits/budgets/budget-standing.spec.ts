import { describe, expect, it } from '@jest/globals';
import { aBudget } from '../../../test/support/budget.js';
import type { Reading } from '../admission-store.js';
import type { Budget } from './budget.js';
import { boundOf } from './budget-bound.js';
import { type BudgetReadings, readStandings } from './budget-standing.js';

const NOW_MS = Date.parse('2026-11-21T12:00:00Z');

describe('readStandings', () => {
  it('tells what is spent, held and left, in the order of the budgets, each read in its tenant', async () => {
    const one = aBudget({ scope: 'team', subject: 'a', limitNanoUsd: 10n });
    const two = aBudget({ limitNanoUsd: 5n });
    const three = aBudget({ scope: 'team', subject: 'a', limitNanoUsd: 3n });
    const asked: string[] = [];
    const figures = new Map<Budget, Reading>([
      [one, { used: 7n, held: 2n, resetMs: undefined }],
      [two, { used: 1n, held: 0n, resetMs: undefined }],
      [three, { used: 4n, held: 0n, resetMs: undefined }],
    ]);

    const standings = await readStandings([one, two, three], ({ subject }) => subject, readingsOf(figures, asked), NOW_MS);

    expect(standings.map(({ budget, sums }) => [budget, sums])).toEqual([
      [one, { spent: 5n, held: 2n, remaining: 3n }],
      [two, { spent: 1n, held: 0n, remaining: 4n }],
      [three, { spent: 4n, held: 0n, remaining: 0n }],
    ]);
    expect(asked).toEqual(['a', '']);
  });

  it('says that it cannot tell where nobody answers, and goes on with the others', async () => {
    const one = aBudget({ scope: 'team', subject: 'a' });
    const two = aBudget();
    const readings: BudgetReadings = {
      look: (tenant, bounds) => {
        if (tenant === 'a') throw new Error('away');
        return bounds.map(() => ({ used: 1n, held: 0n, resetMs: undefined }));
      },
    };

    const standings = await readStandings([one, two], ({ subject }) => subject, readings, NOW_MS);

    expect(standings.map(({ sums }) => sums?.spent)).toEqual([undefined, 1n]);
  });

  it.each<[string, Partial<Budget>, Partial<Reading>, string, string | undefined]>([
    ['a day', { period: 'day' }, {}, '2026-11-21T00:00:00.000Z', '2026-11-22T00:00:00.000Z'],
    ['a day that was reset', { period: 'day', countsFrom: NOW_MS - 1 }, {}, '2026-11-21T11:59:59.999Z', '2026-11-22T00:00:00.000Z'],
    ['a total', { countsFrom: NOW_MS - 1 }, { used: 1n }, '2026-11-21T11:59:59.999Z', undefined],
    [
      'a rolling one',
      { period: 'rolling', windowSeconds: 3_600 },
      { used: 1n, resetMs: 60_000 },
      '2026-11-21T11:00:00.000Z',
      '2026-11-21T12:01:00.000Z',
    ],
    ['an unused rolling one', { period: 'rolling', windowSeconds: 3_600 }, { resetMs: 0 }, '2026-11-21T11:00:00.000Z', undefined],
  ])('says from when to when %s counts', async (_name, changes, figures, startsAt, resetsAt) => {
    const budget = aBudget(changes);
    const readings = readingsOf(new Map([[budget, { used: 0n, held: 0n, resetMs: undefined, ...figures }]]), []);

    const [standing] = await readStandings([budget], () => undefined, readings, NOW_MS);

    expect(new Date(standing!.startsAt).toISOString()).toBe(startsAt);
    expect(standing!.resetsAt && new Date(standing!.resetsAt).toISOString()).toBe(resetsAt);
  });
});

function readingsOf(figures: ReadonlyMap<Budget, Reading>, asked: string[]): BudgetReadings {
  const byCounter = new Map([...figures].map(([budget, reading]) => [boundOf(budget, NOW_MS).bound.counter, reading]));
  return {
    look: (tenant, bounds) => {
      asked.push(tenant);
      return Promise.resolve(bounds.map(({ counter }) => byCounter.get(counter)!));
    },
  };
}
