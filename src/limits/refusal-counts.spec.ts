import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { pino } from 'pino';
import { aBudget } from '../../test/support/budget.js';
import { boundOf } from './budgets/budget-bound.js';
import { nameOfBound } from './bounds.js';
import { RefusalCounts } from './refusal-counts.js';
import type { RefusalCount } from './refusal-counts.store.js';

const HOUR = Date.parse('2026-11-21T12:00:00Z');
const HOUR_MS = 3_600_000;

class FakeStore {
  readonly added: RefusalCount[] = [];
  isAway = false;

  async add(counts: readonly RefusalCount[]): Promise<void> {
    await Promise.resolve();
    if (this.isAway) throw new Error('away');
    this.added.push(...counts);
  }
}

describe('RefusalCounts', () => {
  let store: FakeStore;
  let counts: RefusalCounts;
  let nowMs: number;
  let logged: Record<string, unknown>[];

  beforeEach(() => {
    jest.useFakeTimers();
    store = new FakeStore();
    nowMs = HOUR;
    logged = [];
    const log = pino({}, { write: (line: string) => logged.push(JSON.parse(line) as Record<string, unknown>) });
    counts = new RefusalCounts(store, { now: () => nowMs }, log);
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  const total = (): number => store.added.reduce((sum, { count }) => sum + count, 0);

  it('counts by key, bound and hour', async () => {
    counts.count('a', 't', 'requests key 60000');
    counts.count('a', 't', 'requests key 60000');
    counts.count('a', 't', 'calls key');
    counts.count('b', 't', 'calls key');
    nowMs += HOUR_MS;
    counts.count('a', 't', 'calls key');
    await counts.flush();

    expect(store.added).toEqual([
      { hourMs: HOUR, keyId: 'a', tenant: 't', bound: 'requests key 60000', count: 2 },
      { hourMs: HOUR, keyId: 'a', tenant: 't', bound: 'calls key', count: 1 },
      { hourMs: HOUR, keyId: 'b', tenant: 't', bound: 'calls key', count: 1 },
      { hourMs: HOUR + HOUR_MS, keyId: 'a', tenant: 't', bound: 'calls key', count: 1 },
    ]);
  });

  it('stores them every ten seconds, and each once', async () => {
    counts.onModuleInit();
    counts.count('a', 't', 'calls key');
    await jest.advanceTimersByTimeAsync(9_999);
    expect(store.added).toEqual([]);

    await jest.advanceTimersByTimeAsync(20_001);

    expect(total()).toBe(1);
  });

  it('stores the last ones before the process ends', async () => {
    counts.onModuleInit();
    counts.count('a', 't', 'calls key');
    const flushing = counts.flush();
    counts.count('a', 't', 'calls key');

    await counts.onApplicationShutdown();

    await flushing;
    expect(total()).toBe(2);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('keeps them for a database that is away, with those that come meanwhile, and says so once', async () => {
    store.isAway = true;
    for (let at = 0; at < 3; at += 1) {
      counts.count('a', 't', 'calls key');
      await counts.flush();
    }
    expect(logged.map(({ event }) => event)).toEqual(['refusals_unstored']);

    store.isAway = false;
    await counts.flush();

    expect(store.added).toEqual([{ hourMs: HOUR, keyId: 'a', tenant: 't', bound: 'calls key', count: 3 }]);
  });

  it('counts together what would be too many to tell apart, and loses none', async () => {
    store.isAway = true;
    for (let at = 0; at < 15_000; at += 1) counts.count(`key-${at}`, 't', 'calls key');
    await counts.flush();
    for (let at = 0; at < 5_000; at += 1) counts.count(`other-${at}`, 't', 'calls key');
    store.isAway = false;
    await counts.flush();

    expect(total()).toBe(20_000);
    expect(store.added.length).toBeLessThanOrEqual(10_001);
  });

  it('writes into the log what it could not store in the end', async () => {
    store.isAway = true;
    counts.count('a', 't', 'calls key');

    await counts.onApplicationShutdown();

    expect(logged.at(-1)).toMatchObject({ event: 'refusals_unstored', counts: [{ keyId: 'a', bound: 'calls key', count: 1 }] });
  });
});

describe('nameOfBound', () => {
  it('says what bound', () => {
    const budget = aBudget({ period: 'day' });

    expect(nameOfBound(boundOf(budget, HOUR).bound)).toBe(`budget ${budget.id}`);
    expect(nameOfBound({ kind: 'calls', scope: 'team', subject: '', counter: '', limit: 1 })).toBe('calls team');
    expect(nameOfBound({ kind: 'tokens', scope: 'user', subject: '', counter: '', limit: 1, windowMs: 60_000 })).toBe('tokens user 60000');
  });
});
