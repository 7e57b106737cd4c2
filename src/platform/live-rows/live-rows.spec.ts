import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { pino } from 'pino';
import type { Database } from '../database/database.js';
import { LiveRows } from './live-rows.js';

const HEAL_MS = 30_000;

interface Fruit {
  readonly id: string;
  readonly color: string;
}

/** A table, the number of its last change, and how it was read. */
class FakeTable {
  readonly rows = new Map<string, Fruit>();
  changes = 0;
  isAway = false;
  readonly readings: (readonly string[] | 'all')[] = [];
  comparisons = 0;

  /** Makes a change and answers the message that tells of it. */
  put(id: string, color: string | undefined): string {
    if (color === undefined) this.rows.delete(id);
    else this.rows.set(id, { id, color });
    this.changes += 1;
    return `${id} ${this.changes}`;
  }

  async load(ids?: readonly string[]): Promise<readonly Fruit[]> {
    this.readings.push(ids ?? 'all');
    // What is read is what stood there at the beginning, however long it takes.
    const rows = [...this.rows.values()].filter(({ id }) => ids?.includes(id) ?? true).map((row) => ({ ...row }));
    await this.answer();
    return rows;
  }

  async query(): Promise<{ rows: readonly { value: string }[] }> {
    this.comparisons += 1;
    const { changes } = this;
    await this.answer();
    return { rows: changes === 0 ? [] : [{ value: String(changes) }] };
  }

  private async answer(): Promise<void> {
    await Promise.resolve();
    if (this.isAway) throw new Error('away');
  }
}

describe('LiveRows', () => {
  let table: FakeTable;
  let rows: LiveRows<Fruit>;
  let hear: (message: string) => void;
  let gap: () => void;
  let logged: string[];
  let isListening: boolean;

  beforeEach(async () => {
    jest.useFakeTimers();
    table = new FakeTable();
    table.put('apple', 'green');
    table.put('cherry', 'red');
    logged = [];
    isListening = true;
    rows = open();
    await rows.start();
    table.readings.length = 0;
  });

  afterEach(() => {
    rows.stop();
    jest.useRealTimers();
  });

  function open(
    database: { whenReachable: Promise<void>; isReachable: boolean } = { whenReachable: Promise.resolve(), isReachable: true },
  ) {
    const subscribe = (_channel: string, onMessage: typeof hear, onGap: typeof gap): void => void ([hear, gap] = [onMessage, onGap]);
    const notifications = {
      subscribe,
      get isListening() {
        return isListening;
      },
    };
    const log = pino({}, { write: (line: string) => logged.push((JSON.parse(line) as { event: string }).event) });
    const source = { name: 'fruits', load: (ids?: readonly string[]) => table.load(ids) };
    return new LiveRows<Fruit>(source, notifications, { ...database, pool: table } as unknown as Database, log);
  }

  const settle = (): Promise<void> => jest.advanceTimersByTimeAsync(0);
  const colors = (): Record<string, string> => Object.fromEntries([...rows.values()].map(({ id, color }) => [id, color]));

  it('are all there when the start is over', () => {
    expect(colors()).toEqual({ apple: 'green', cherry: 'red' });
    expect(rows.size).toBe(2);
    expect(rows.get('banana')).toBeUndefined();
  });

  it('do not wait for a database that is away, and are read when it comes', async () => {
    let come!: () => void;
    const late = open({ whenReachable: new Promise((resolve) => (come = resolve)), isReachable: false });
    await late.start();
    expect(late.size).toBe(0);

    come();
    await settle();
    expect(late.get('apple')?.color).toBe('green');
    late.stop();
  });

  it('are read anew one by one as their changes are heard of', async () => {
    hear(table.put('apple', 'yellow'));
    await settle();
    hear(table.put('banana', 'yellow'));
    await settle();
    hear(table.put('cherry', undefined));
    await settle();

    expect(colors()).toEqual({ apple: 'yellow', banana: 'yellow' });
    expect(table.readings).toEqual([['apple'], ['banana'], ['cherry']]);
  });

  it('are read together when many changes are heard of at once', async () => {
    const messages = Array.from({ length: 100 }, (_, at) => table.put(`fruit-${at}`, 'blue'));
    for (const message of messages) hear(message);
    await settle();

    expect(rows.size).toBe(102);
    expect(table.readings).toEqual([['fruit-0'], messages.slice(1).map((_, at) => `fruit-${at + 1}`)]);
  });

  it('are all read anew when the change before the one that is heard of was missed', async () => {
    table.put('cherry', 'black');
    hear(table.put('apple', 'yellow'));
    await settle();

    expect(colors()).toEqual({ apple: 'yellow', cherry: 'black' });
    expect(table.readings).toEqual(['all']);

    hear(table.put('apple', 'red'));
    await settle();
    expect(table.readings).toEqual(['all', ['apple']]);
  });

  it('are not read again for a change that was read before it was heard of', async () => {
    const [missed, late] = [table.put('cherry', 'black'), table.put('apple', 'yellow')];
    gap();
    await settle();
    hear(missed);
    hear(late);
    await settle();

    expect(colors()).toEqual({ apple: 'yellow', cherry: 'black' });
    expect(table.readings).toEqual(['all']);
  });

  it('are read anew after a gap and after 30 s if something was missed, and else only compared', async () => {
    gap();
    await settle();
    expect(table.readings).toEqual([]);
    table.put('apple', 'yellow');
    gap();
    await settle();
    expect(colors()).toMatchObject({ apple: 'yellow' });

    await jest.advanceTimersByTimeAsync(HEAL_MS);
    expect(table.readings).toEqual(['all']);
    table.put('apple', 'red');
    await jest.advanceTimersByTimeAsync(HEAL_MS - 1);
    expect(colors()).toMatchObject({ apple: 'yellow' });
    await jest.advanceTimersByTimeAsync(1);
    expect(colors()).toMatchObject({ apple: 'red' });
    expect(table.readings).toEqual(['all', 'all']);
  });

  it('are compared every second while nothing can be heard', async () => {
    isListening = false;
    table.put('apple', 'yellow');
    await jest.advanceTimersByTimeAsync(1_000);
    expect(colors()).toMatchObject({ apple: 'yellow' });

    await jest.advanceTimersByTimeAsync(3_000);
    expect(table.readings).toEqual(['all']);
    isListening = true;
    const { comparisons } = table;
    await jest.advanceTimersByTimeAsync(HEAL_MS - 1);
    expect(table.comparisons).toBe(comparisons);
  });

  it('are all read anew when more are told of than one question should name', async () => {
    const messages = Array.from({ length: 1_100 }, (_, at) => table.put(`fruit-${at}`, 'blue'));
    for (const message of messages) hear(message);
    await settle();

    expect(rows.size).toBe(1_102);
    expect(table.readings).toEqual([['fruit-0'], 'all']);
  });

  it('lose nothing that is heard of while all are read', async () => {
    table.put('cherry', 'black');
    gap();
    hear(table.put('apple', 'yellow'));
    await Promise.resolve();
    hear(table.put('apple', 'red'));
    await settle();

    expect(colors()).toEqual({ apple: 'red', cherry: 'black' });
  });

  it('stay as they were when they cannot be read, say so once, and try again every second', async () => {
    table.isAway = true;
    hear(table.put('apple', 'yellow'));
    await jest.advanceTimersByTimeAsync(2_500);
    expect(colors()).toEqual({ apple: 'green', cherry: 'red' });
    expect(logged).toEqual(['rows_unread']);

    table.isAway = false;
    await jest.advanceTimersByTimeAsync(500);
    expect(colors()).toEqual({ apple: 'yellow', cherry: 'red' });
    const { comparisons } = table;
    await jest.advanceTimersByTimeAsync(HEAL_MS - 1);
    expect(table.comparisons).toBe(comparisons);
  });

  it('are the same objects until they have changed, and so is the revision', async () => {
    const [apple, cherry, { revision }] = [rows.get('apple'), rows.get('cherry'), rows];
    hear(table.put('apple', 'green'));
    await settle();
    expect(rows.get('apple')).toBe(apple);
    expect(rows.revision).toBe(revision);

    table.put('cherry', 'red');
    hear(table.put('apple', 'yellow'));
    await settle();
    expect(rows.get('apple')).not.toBe(apple);
    expect(rows.get('cherry')).toBe(cherry);
    expect(rows.revision).not.toBe(revision);
  });

  it('tell of each change when all are in effect, to everybody, whoever fails', async () => {
    const told: unknown[] = [];
    rows.onChange(() => {
      throw new Error('mistake');
    });
    rows.onChange((id, row) => told.push([id, row?.color, rows.get('cherry')?.color]));
    table.put('apple', undefined);
    table.put('cherry', 'black');
    gap();
    await settle();

    expect(told).toEqual([
      ['apple', 'green', 'red'],
      ['cherry', 'red', 'red'],
      ['apple', undefined, 'black'],
      ['cherry', 'black', 'black'],
    ]);
    expect(logged).toEqual(Array.from({ length: 4 }, () => 'row_not_applied'));
  });

  it('can be read anew by whoever has changed them, without a message', async () => {
    const message = table.put('apple', 'yellow');
    await rows.refresh('apple');
    expect(rows.get('apple')?.color).toBe('yellow');

    hear(message);
    hear(table.put('apple', 'red'));
    await settle();
    expect(colors()).toEqual({ apple: 'red', cherry: 'red' });
    expect(table.readings).not.toContain('all');
  });

  it('are not read any more after the end', async () => {
    rows.stop();

    hear(table.put('apple', 'yellow'));
    await rows.refresh('apple');
    await jest.advanceTimersByTimeAsync(2 * HEAL_MS);

    expect(table.readings).toEqual([]);
  });
});
