import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { pino } from 'pino';
import type { Database } from '../database/database.js';
import type { Notifications } from '../database/notifications.js';
import { Toggles } from './toggles.js';
import type { TogglesStore } from './toggles.store.js';

const NAME = 'breaker:openai:gpt-4o';
const HEAL_MS = 30_000;
const ANN = { id: 'key-ann', name: 'Ann' };

/** What the database says, and how often it was asked. */
class FakeStore {
  rows = new Map<string, string>();
  isAway = false;
  readings = 0;

  async load(): Promise<ReadonlyMap<string, string>> {
    this.readings += 1;
    const rows = new Map(this.rows);
    // What is read is what stood there at the beginning, however long it takes.
    await Promise.resolve();
    if (this.isAway) throw new Error('away');
    return rows;
  }

  async write(name: string, value: string | undefined): Promise<void> {
    await Promise.resolve();
    if (this.isAway) throw new Error('away');
    if (value === undefined) this.rows.delete(name);
    else this.rows.set(name, value);
  }
}

describe('Toggles', () => {
  let store: FakeStore;
  let toggles: Toggles;
  let hear: () => void;
  let logged: string[];

  beforeEach(async () => {
    jest.useFakeTimers();
    store = new FakeStore();
    logged = [];
    const subscribe = (_channel: string, onMessage: () => void): void => void (hear = onMessage);
    const log = pino({}, { write: (line: string) => logged.push((JSON.parse(line) as { event: string }).event) });
    toggles = new Toggles(
      store as unknown as TogglesStore,
      { subscribe } as unknown as Notifications,
      { whenReachable: Promise.resolve(), isReachable: true } as Database,
      log,
    );
    await toggles.onModuleInit();
  });

  afterEach(() => {
    toggles.onApplicationShutdown();
    jest.useRealTimers();
  });

  const settle = (): Promise<void> => jest.advanceTimersByTimeAsync(0);

  it('notice within 30 s what nobody told them', async () => {
    store.rows.set(NAME, 'open');

    await jest.advanceTimersByTimeAsync(HEAL_MS - 1);
    expect(toggles.get(NAME)).toBeUndefined();
    await jest.advanceTimersByTimeAsync(1);
    expect(toggles.get(NAME)).toBe('open');

    store.rows.delete(NAME);
    await jest.advanceTimersByTimeAsync(HEAL_MS);
    expect(toggles.get(NAME)).toBeUndefined();
  });

  it('stay as they were when they cannot be read, say so once, and try again every second', async () => {
    store.rows.set(NAME, 'open');
    hear();
    await settle();
    store.isAway = true;
    store.rows.set(NAME, 'closed');
    hear();
    await jest.advanceTimersByTimeAsync(2_500);
    expect(toggles.get(NAME)).toBe('open');
    expect(logged).toEqual(['toggles_unread']);

    store.isAway = false;
    await jest.advanceTimersByTimeAsync(500);
    expect(toggles.get(NAME)).toBe('closed');
    const { readings } = store;
    await jest.advanceTimersByTimeAsync(HEAL_MS - 1);
    expect(store.readings).toBe(readings);
  });

  it('are read once more, not once each, for all that is heard during a reading', async () => {
    const { readings } = store;

    hear();
    store.rows.set(NAME, 'open');
    for (let at = 0; at < 100; at += 1) hear();
    await settle();

    expect(store.readings).toBe(readings + 2);
    expect(toggles.get(NAME)).toBe('open');
  });

  it('have another revision after a change, and the same after a reading that finds none', async () => {
    const { revision } = toggles;
    hear();
    await settle();
    expect(toggles.revision).toBe(revision);

    await toggles.set(NAME, 'open', ANN);
    const changed = toggles.revision;
    await toggles.set(NAME, 'closed', ANN);

    expect(new Set([revision, changed, toggles.revision]).size).toBe(3);
  });

  it('tell of each change when all are in effect, to everybody, whoever fails', async () => {
    const told: unknown[] = [];
    toggles.onChange(() => {
      throw new Error('mistake');
    });
    toggles.onChange((name, value) => told.push([name, value, toggles.get('b')]));
    store.rows.set('a', '1').set('b', '2');
    hear();
    await settle();
    store.rows.delete('a');
    hear();
    await settle();

    expect(told).toEqual([
      ['a', '1', '2'],
      ['b', '2', '2'],
      ['a', undefined, '2'],
    ]);
    expect(logged).toEqual(['toggle_not_applied', 'toggle_not_applied', 'toggle_not_applied']);
  });

  it('tell who listens late what is set already', async () => {
    await toggles.set(NAME, 'open', ANN);
    const told: unknown[] = [];

    toggles.onChange((name, value) => told.push([name, value]));

    expect(told).toEqual([[NAME, 'open']]);
  });

  it('are not read any more after the end', async () => {
    const { readings } = store;
    toggles.onApplicationShutdown();

    hear();
    await jest.advanceTimersByTimeAsync(2 * HEAL_MS);

    expect(store.readings).toBe(readings);
  });
});
