import { describe, expect, it } from '@jest/globals';
import { aBudget } from '../../../test/support/budget.js';
import { type BudgetWishes, changedBudget, toBudget } from './budget-changes.js';

const NOW_MS = 1_000;
const WISHES: BudgetWishes = { name: 'all', scope: 'everything', limitNanoUsd: 5n, period: 'total' };
const TEAM = '019512aa-3c5b-7f0c-8a5e-4d3c2b1a0f9e';

describe('toBudget', () => {
  it('counts from now on, in UTC, with the usual thresholds', () => {
    expect(toBudget({ ...WISHES, period: 'month' }, NOW_MS)).toMatchObject({
      countsFrom: NOW_MS,
      createdAt: NOW_MS,
      timeZone: 'UTC',
      thresholds: [50, 80, 100],
      isDisabled: false,
    });
  });

  it('sorts thresholds', () => {
    expect(toBudget({ ...WISHES, thresholds: [90, 5] }, NOW_MS).thresholds).toEqual([5, 90]);
  });

  it.each<[string, Partial<BudgetWishes>, string]>([
    ['everything with a subject', { subject: 'x' }, 'subject'],
    ['everything of a tenant', { tenant: TEAM }, 'tenant'],
    ['no key', { scope: 'key' }, 'subject'],
    ['a key of a tenant', { scope: 'key', subject: 'k', tenant: TEAM }, 'tenant'],
    ['a team of a tenant', { scope: 'team', subject: TEAM, tenant: TEAM }, 'tenant'],
    ['an end user of nobody', { scope: 'user', subject: 'ann' }, 'tenant'],
    ['a tag of nobody', { scope: 'tag', subject: 'app=search' }, 'tenant'],
    ['a tag without a value', { scope: 'tag', subject: 'app', tenant: TEAM }, 'subject'],
    ['a tag with several values', { scope: 'tag', subject: 'app=a,b', tenant: TEAM }, 'subject'],
    ['rolling over no time', { period: 'rolling' }, 'window_seconds'],
    ['a month of so many seconds', { period: 'month', windowSeconds: 3_600 }, 'window_seconds'],
    ['a rolling one in a time zone', { period: 'rolling', windowSeconds: 3_600, timeZone: 'UTC' }, 'time_zone'],
    ['a total in a time zone', { timeZone: 'Europe/Berlin' }, 'time_zone'],
  ])('refuses %s, naming the field', (_name, wishes, param) => {
    expect(() => toBudget({ ...WISHES, ...wishes }, NOW_MS)).toThrow(
      expect.objectContaining({ kind: 'invalid_request', message: expect.stringContaining(`\`${param}\``), details: { param } }),
    );
  });

  it.each<Partial<BudgetWishes>>([
    { scope: 'key', subject: 'client:app' },
    { scope: 'team', subject: TEAM },
    { scope: 'user', subject: 'ann', tenant: TEAM },
    { scope: 'tag', subject: 'app=search', tenant: 'client:app' },
    { period: 'rolling', windowSeconds: 3_600 },
    { period: 'week', timeZone: 'Asia/Beirut' },
  ])('takes %p', (wishes) => {
    expect(toBudget({ ...WISHES, ...wishes }, NOW_MS)).toMatchObject(wishes);
  });
});

describe('changedBudget', () => {
  it('is the same where nothing changes', () => {
    const budget = aBudget({ thresholds: [50, 80] });

    expect(changedBudget(budget, {}, NOW_MS)).toBe(budget);
    expect(changedBudget(budget, { name: budget.name, thresholds: [80, 50], limitNanoUsd: budget.limitNanoUsd }, NOW_MS)).toBe(budget);
  });

  it('changes what is given and nothing else', () => {
    const budget = aBudget();

    expect(changedBudget(budget, { limitNanoUsd: 0n, isDisabled: true }, NOW_MS)).toEqual({
      ...budget,
      limitNanoUsd: 0n,
      isDisabled: true,
      changedAt: NOW_MS,
    });
  });
});
