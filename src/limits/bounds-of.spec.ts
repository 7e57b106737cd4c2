import { describe, expect, it } from '@jest/globals';
import { aBudget } from '../../test/support/budget.js';
import type { Caller, EndUserStanding, RateLimits } from '../core/caller.js';
import type { Config } from '../platform/index.js';
import type { Payer } from './admission.js';
import { type Bound, isBudget, limitOf } from './bounds.js';
import { Bounds } from './bounds-of.js';
import type { Budget } from './budgets/budget.js';

const NOW_MS = Date.parse('2026-11-21T12:00:00Z');
const TOMORROW = Date.parse('2026-11-22T00:00:00Z');
const KEY: Caller = { keyId: 'key-1', keyName: 'app', role: 'client', tenant: 'key-1' };
const NONE: Config['limits'] = { requestsPerMinute: 0, requestsPerHour: 0, tokensPerMinute: 0, concurrency: 0 };

describe('Bounds', () => {
  it('lists what is configured for keys', () => {
    const { list } = stage({ limits: { requestsPerMinute: 60, requestsPerHour: 1_000, tokensPerMinute: 5_000, concurrency: 3 } });

    expect(list(KEY)).toEqual([
      { kind: 'calls', scope: 'key', subject: 'app', counter: 'calls:key:key-1', limit: 3 },
      { kind: 'requests', scope: 'key', subject: 'app', counter: 'requests:key:key-1:60000', limit: 60, windowMs: 60_000 },
      { kind: 'requests', scope: 'key', subject: 'app', counter: 'requests:key:key-1:3600000', limit: 1_000, windowMs: 3_600_000 },
      { kind: 'tokens', scope: 'key', subject: 'app', counter: 'tokens:key:key-1:60000', limit: 5_000, windowMs: 60_000 },
    ]);
  });

  it('lists nothing where nothing is limited', () => {
    expect(stage().list(KEY, 'ann')).toEqual([]);
  });

  it("takes a key's own limits before the configured ones, and 0 for none", () => {
    const { list } = stage({ limits: { requestsPerMinute: 60, requestsPerHour: 1_000, concurrency: 3 } });

    expect(told(list({ ...KEY, limits: { requestsPerMinute: 5, requestsPerHour: 0, tokensPerMinute: 100 } }))).toEqual([
      'calls key 3',
      'requests key 5/60000',
      'tokens key 100/60000',
    ]);
  });

  it('limits a team by its own limits alone', () => {
    const { list } = stage({ limits: { requestsPerMinute: 60 } });
    const caller: Caller = { ...KEY, tenant: 'team', team: { id: 'team', name: 'Search', limits: { requestsPerHour: 9, concurrency: 2 } } };

    expect(list(caller)).toContainEqual({ kind: 'calls', scope: 'team', subject: 'Search', counter: 'calls:team:team', limit: 2 });
    expect(told(list(caller))).toEqual(['requests key 60/60000', 'calls team 2', 'requests team 9/3600000']);
    expect(told(list({ ...caller, team: { id: 'team', name: 'Search' } }))).toEqual(['requests key 60/60000']);
  });

  it('limits end users to the configured requests, or to what was decided about them', () => {
    const { list } = stage({ limits: { requestsPerMinute: 60, tokensPerMinute: 5_000, concurrency: 3 } });
    const user: EndUserStanding = {
      isDisabled: false,
      limits: { requestsPerMinute: 0, requestsPerHour: 7, tokensPerMinute: 8, concurrency: 9 },
    };

    expect(told(ofUser(list(KEY, 'ann')))).toEqual(['requests user 60/60000']);
    expect(told(ofUser(list(KEY, 'ann', user)))).toEqual(['calls user 9', 'requests user 7/3600000', 'tokens user 8/60000']);
    expect(ofUser(list(KEY))).toEqual([]);
  });

  it('tells end users of different tenants apart, and none of one name', () => {
    const { list } = stage({ limits: { requestsPerMinute: 60 } });
    const counterOf = (tenant: string, userId: string): string => ofUser(list({ ...KEY, tenant }, userId))[0]!.counter;

    expect(counterOf('a', 'ann')).toBe(counterOf('a', 'ann'));
    const names = ['ann', 'a:nn', 'a%3Ann', '\uD83D', '\uD83E', 'x'.repeat(100_000), 'x'.repeat(100_001), 'two words', '\n'];
    const counters = [...names.map((name) => counterOf('a', name)), counterOf('b', 'ann')];
    expect(new Set(counters).size).toBe(names.length + 1);
    for (const counter of counters) expect(counter).toMatch(/^[\x21-\x7e]{1,600}$/);
  });

  it('limits keys whatever the issuer of a token calls them', () => {
    const { list } = stage({ limits: { requestsPerMinute: 60 } });
    const names = ['https://issuer.example/ ann', 'half \uD83D', 'half \uD83E', 'x'.repeat(5_000)];

    const counters = names.flatMap((keyId) => list({ ...KEY, keyId, tenant: keyId }, keyId).map(({ counter }) => counter));

    expect(new Set(counters).size).toBe(2 * names.length);
    for (const counter of counters) expect(counter).toMatch(/^[\x21-\x7e]{1,600}$/);
  });

  it('has each counter once', () => {
    const budgets = [aBudget(), aBudget(), aBudget({ period: 'day' }), aBudget({ period: 'rolling', windowSeconds: 3_600 })];
    const limits = { requestsPerMinute: 1, requestsPerHour: 1, tokensPerMinute: 1, concurrency: 1 };
    const { list } = stage({ limits, budgets });
    const bounds = list({ ...KEY, team: { id: 'key-1', name: 'of the same id', limits } }, 'key-1', { isDisabled: false, limits });

    expect(bounds).toHaveLength(16);
    expect(new Set(bounds.map(({ counter }) => counter)).size).toBe(16);
  });

  it('keeps the names of counters when limits change', () => {
    const { list, config } = stage({ limits: { requestsPerMinute: 60, concurrency: 3 } });
    const before = list(KEY, 'ann').map(({ counter }) => counter);

    config.limits = { ...NONE, requestsPerMinute: 5, concurrency: 1 };

    expect(list(KEY, 'ann').map(({ counter }) => counter)).toEqual(before);
  });
});

describe('a list', () => {
  it('is the same object until something of it changes', () => {
    const day = aBudget({ period: 'day' });
    const { list, config, budgets } = stage({ limits: { requestsPerMinute: 60 }, budgets: [day] });
    const user: EndUserStanding = { isDisabled: false };
    const all = (): readonly (readonly Bound[])[] => [list(KEY), list(KEY, 'ann'), list(KEY, 'ben', user)];
    const first = all();
    expectSame(all(), first);
    expectSame(all(), first);

    config.limits = { ...config.limits };
    const second = all();
    expectOthers(second, first);

    budgets.change([{ ...day, limitNanoUsd: 1n }]);
    const third = all();
    expectOthers(third, second);
    expectSame(all(), third);

    expect(list({ ...KEY })).not.toBe(third[0]);
    expect(list(KEY, 'ben', { isDisabled: false })).not.toBe(third[2]);
    expect(list(KEY, 'ann')).toBe(third[1]);
  });

  it('is another when a period of it has ended, or the clock is back in the one before', () => {
    const { list } = stage({ budgets: [aBudget({ period: 'day' }), aBudget({ period: 'month' })] });
    const before = list(KEY, undefined, undefined, TOMORROW - 1);

    const after = list(KEY, undefined, undefined, TOMORROW);
    const back = list(KEY, undefined, undefined, TOMORROW - 1);

    expect(list(KEY, undefined, undefined, TOMORROW - 60_000)).toBe(back);
    expect(after.filter(isBudget).map(({ counter }) => counter)).not.toEqual(before.filter(isBudget).map(({ counter }) => counter));
    expect(back).toEqual(before);
  });

  it('is another when a bucket of a rolling window has ended, and counts on', () => {
    const { list } = stage({ budgets: [aBudget({ period: 'rolling', windowSeconds: 3_600 })] });
    const [before] = list(KEY).filter(isBudget);

    const [after] = list(KEY, undefined, undefined, NOW_MS + 60_000).filter(isBudget);

    expect(after!.ref).not.toBe(before!.ref);
    expect(after!.counter).toBe(before!.counter);
  });

  it('is remembered for many end users, and not for all who ever were', () => {
    const { list } = stage({ limits: { requestsPerMinute: 60 } });
    const first = list(KEY, 'user-0');
    for (let at = 1; at < 9_000; at += 1) list(KEY, `user-${at}`);
    expect(list(KEY, 'user-0')).toBe(first);

    for (let at = 9_000; at < 30_000; at += 1) list(KEY, `user-${at}`);

    expect(list(KEY, 'user-0')).not.toBe(first);
    expect(list(KEY, 'user-0')).toEqual(first);
    expect(list(KEY, 'x'.repeat(200))).not.toBe(list(KEY, 'x'.repeat(200)));
  });

  it('is not made while nobody knows the budgets, but where the policy lets calls go on', () => {
    const { list, config, budgets } = stage({ limits: { requestsPerMinute: 60 } });
    budgets.isKnown = false;
    expect(() => list(KEY)).toThrow(expect.objectContaining({ kind: 'service_unavailable' }));

    config.redis = { ...config.redis, whenDown: 'open' };
    expect(told(list(KEY))).toEqual(['requests key 60/60000']);
  });
});

/** Everything that a stage has binds everybody: whom a budget binds is not for `Bounds` to say. */
class FakeBudgets {
  isKnown = true;
  revision = 0;

  constructor(private all: readonly Budget[]) {}

  of(): readonly Budget[] {
    return this.all;
  }

  change(all: readonly Budget[]): void {
    this.all = all;
    this.revision += 1;
  }
}

function stage({ limits = {}, budgets: all = [] }: { readonly limits?: RateLimits; readonly budgets?: readonly Budget[] } = {}) {
  const config: { limits: Config['limits']; redis: Config['redis'] } = {
    limits: { ...NONE, ...limits },
    redis: { url: undefined, cacheUrl: undefined, whenDown: 'closed' },
  };
  const budgets = new FakeBudgets(all);
  const bounds = new Bounds(config, budgets);
  const list = (caller: Caller, userId?: string, user?: Payer['user'], nowMs = NOW_MS): readonly Bound[] =>
    bounds.of({ caller, userId, user }, nowMs);
  return { list, config, budgets };
}

function told(bounds: readonly Bound[]): readonly string[] {
  return bounds.map((bound) => `${bound.kind} ${bound.scope} ${limitOf(bound)}${'windowMs' in bound ? `/${bound.windowMs}` : ''}`);
}

function ofUser(bounds: readonly Bound[]): readonly Bound[] {
  return bounds.filter(({ scope }) => scope === 'user');
}

function expectSame(lists: readonly unknown[], others: readonly unknown[]): void {
  for (const [at, list] of lists.entries()) expect(list).toBe(others[at]);
}

function expectOthers(lists: readonly unknown[], others: readonly unknown[]): void {
  for (const [at, list] of lists.entries()) expect(list).not.toBe(others[at]);
}
