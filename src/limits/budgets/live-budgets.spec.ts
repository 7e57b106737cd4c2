import { afterEach, describe, expect, it } from '@jest/globals';
import { aBudget } from '../../../test/support/budget.js';
import { silentLog } from '../../../test/support/silent-log.js';
import type { Caller } from '../../core/caller.js';
import type { Database } from '../../platform/index.js';
import type { Budget } from './budget.js';
import { LiveBudgets } from './live-budgets.js';

const TEAM = { id: 'team', name: 'Search' };
const KEY: Caller = { keyId: 'key', keyName: 'app', role: 'client', tenant: 'key' };
const OF_TEAM: Caller = { ...KEY, tenant: TEAM.id, team: TEAM };

describe('LiveBudgets', () => {
  afterEach(() => {
    for (const live of opened.splice(0)) live.onApplicationShutdown();
  });

  it.each<[string, Partial<Budget>, Caller, string | undefined, boolean]>([
    ['everything binds everybody', {}, KEY, undefined, true],
    ['one that is switched off binds nobody', { isDisabled: true }, KEY, undefined, false],
    ['a key is bound by its own', { scope: 'key', subject: 'key' }, OF_TEAM, undefined, true],
    ["a key is not bound by another's", { scope: 'key', subject: 'other' }, KEY, undefined, false],
    ['a team binds its keys', { scope: 'team', subject: 'team' }, OF_TEAM, undefined, true],
    ['a team binds no other keys', { scope: 'team', subject: 'team' }, KEY, undefined, false],
    ['a proven end user is bound', { scope: 'user', tenant: 'key', subject: 'ann' }, { ...KEY, user: 'ann' }, 'ann', true],
    [
      'so is one that the key demands to be named',
      { scope: 'user', tenant: 'key', subject: 'ann' },
      { ...KEY, requiresUser: true },
      'ann',
      true,
    ],
    ['one that is named freely is not', { scope: 'user', tenant: 'key', subject: 'ann' }, KEY, 'ann', false],
    ['another is not', { scope: 'user', tenant: 'key', subject: 'ann' }, { ...KEY, requiresUser: true }, 'ben', false],
    [
      'nor the same name of another tenant',
      { scope: 'user', tenant: 'key', subject: 'ann' },
      { ...OF_TEAM, requiresUser: true },
      'ann',
      false,
    ],
    [
      'a tag that is set on the key is bound',
      { scope: 'tag', tenant: 'key', subject: 'app=a' },
      { ...KEY, tags: { x: 'y', app: 'a' } },
      undefined,
      true,
    ],
    ['a tag of another value is not', { scope: 'tag', tenant: 'key', subject: 'app=a' }, { ...KEY, tags: { app: 'b' } }, undefined, false],
    ['nor a tag of another tenant', { scope: 'tag', tenant: 'team', subject: 'app=a' }, { ...KEY, tags: { app: 'a' } }, undefined, false],
  ])('%s', async (_name, changes, caller, userId, isBound) => {
    const budget = aBudget(changes);
    const live = await liveBudgets([budget]);

    expect(live.of(caller, userId)).toEqual(isBound ? [budget] : []);
  });

  it('finds all that bind a call together', async () => {
    const ones = [
      aBudget(),
      aBudget({ scope: 'key', subject: 'key', period: 'day' }),
      aBudget({ scope: 'key', subject: 'key', period: 'month' }),
      aBudget({ scope: 'team', subject: 'team' }),
      aBudget({ scope: 'user', tenant: 'team', subject: 'ann' }),
      aBudget({ scope: 'tag', tenant: 'team', subject: 'app=a' }),
    ];
    const live = await liveBudgets(ones);

    expect(new Set(live.of({ ...OF_TEAM, user: 'ann', tags: { app: 'a' } }, 'ann'))).toEqual(new Set(ones));
  });

  it('are known when they have been read, also where there are none', async () => {
    const away = { ...DATABASE, isReachable: false, whenReachable: new Promise<void>(() => undefined) };

    expect((await liveBudgets([aBudget()], away)).isKnown).toBe(false);
    expect((await liveBudgets([aBudget()])).isKnown).toBe(true);
    expect((await liveBudgets([])).isKnown).toBe(true);
  });

  it('sees what has changed, under another revision', async () => {
    const budget = aBudget();
    const rows = [budget];
    const live = await liveBudgets(rows);
    const { revision } = live;

    rows[0] = { ...budget, limitNanoUsd: 1n };
    await live.refresh(budget.id);

    expect(live.of(KEY, undefined)).toEqual([{ ...budget, limitNanoUsd: 1n }]);
    expect(live.revision).not.toBe(revision);
  });
});

const opened: LiveBudgets[] = [];
const DATABASE = {
  pool: { query: () => Promise.resolve({ rows: [] }) } as unknown as Database['pool'],
  isReachable: true,
  whenReachable: Promise.resolve(),
};

async function liveBudgets(rows: readonly Budget[], database = DATABASE): Promise<LiveBudgets> {
  const load = (): Promise<readonly Budget[]> => Promise.resolve([...rows]);
  const live = new LiveBudgets({ load }, { subscribe: () => undefined, isListening: true }, database, silentLog);
  await live.onModuleInit();
  opened.push(live);
  return live;
}
