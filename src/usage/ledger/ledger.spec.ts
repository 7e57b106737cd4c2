import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import type { Clock } from '../../core/clock.js';
import { Ledger, LEDGER_LIMITS, type LedgerLimits } from './ledger.js';
import { RowRefused } from './row-refused.js';

describe('Ledger', () => {
  it('writes rows together, and waits for nobody', async () => {
    const { ledger, store } = ledgerWith({ flushMs: 1 });

    for (const name of ['a', 'b', 'c']) ledger.append(line(name));
    await store.until(3);

    expect(store.batches).toEqual([['a', 'b', 'c']]);
    expect(ledger.lag()).toMatchObject({ unstored: 0 });
  });

  it('writes a full batch at once, and one statement at a time', async () => {
    const { ledger, store } = ledgerWith({ batchRows: 2, flushMs: 60_000 });

    for (const name of ['a', 'b', 'c', 'd', 'e']) ledger.append(line(name));
    await store.until(4);

    expect(store.batches).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
    expect(store.mostAtOnce).toBe(1);
    await ledger.close();
    expect(store.rows).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('keeps what a database that is away cannot take, and says so once', async () => {
    const { ledger, store, logged } = ledgerWith({ flushMs: 1, retryMs: 1, maxRetryMs: 1 });
    store.failures = 3;

    ledger.append(line('a'));
    ledger.append(line('b'));
    await store.until(2);
    await ledger.close();

    expect(store.rows).toEqual(['a', 'b']);
    expect(logged()).toEqual(['ledger_delayed', 'ledger_resumed']);
  });

  it('says how far it is behind', () => {
    const { ledger, clock } = ledgerWith({ flushMs: 60_000 });
    expect(ledger.lag()).toEqual({ rows: 0, oldestAgeMs: 0, unstored: 0 });

    ledger.append(line('a'));
    clock.ms += 250;
    ledger.append(line('b'));

    expect(ledger.lag()).toEqual({ rows: 2, oldestAgeMs: 250, unstored: 0 });
    return ledger.close();
  });

  it('stores all rows but the ones that are refused, which it logs whole', async () => {
    const { ledger, store, logs, logged } = ledgerWith({ batchRows: 100, flushMs: 60_000 });
    store.refused = new Set(['7', '8', '42']);

    for (let index = 0; index < 100; index++) ledger.append(line(String(index)));
    await ledger.close();

    expect(store.rows).toHaveLength(97);
    expect(ledger.lag()).toMatchObject({ rows: 0, unstored: 3 });
    expect(logged()).toEqual(['ledger_rows_unstored', 'ledger_rows_unstored', 'ledger_rows_unstored']);
    expect(logs()[0]).toMatchObject({ level: 50, count: 1, reason: 'value out of range', call_ids: ['7'], lines: [line('7')] });
  });

  it('finds a refused row also while the database comes and goes, and reports it once', async () => {
    const { ledger, store, logged } = ledgerWith({ batchRows: 8, flushMs: 60_000, retryMs: 1, maxRetryMs: 1 });
    store.refused = new Set(['6']);
    store.failures = 2;
    store.failEvery = 3;

    for (let index = 0; index < 8; index++) ledger.append(line(String(index)));
    await ledger.close();

    expect(store.rows).toEqual(['0', '1', '2', '3', '4', '5', '7']);
    expect(logged().filter((event) => event === 'ledger_rows_unstored')).toHaveLength(1);
  });

  it('gives up the oldest rows when too many bytes wait, and never in silence', async () => {
    const size = line('a').length;
    const { ledger, store, logs } = ledgerWith({ batchRows: 1, maxBytes: 3 * size, flushMs: 60_000, retryMs: 1 });
    store.failures = 1;

    for (const name of ['a', 'b', 'c', 'd', 'e']) ledger.append(line(name));

    // `a` is being written, so `b` and `c` are the oldest that can go.
    expect(ledger.lag()).toMatchObject({ rows: 3, unstored: 2 });
    expect(logs().map(({ call_ids }) => call_ids)).toEqual([['b'], ['c']]);
    await ledger.close();
    expect(store.rows).toEqual(['a', 'd', 'e']);
  });

  it('writes what is left when it is closed, and can be closed twice', async () => {
    const { ledger, store } = ledgerWith({ flushMs: 60_000 });
    ledger.append(line('a'));

    const [first, second] = await Promise.all([ledger.close(), ledger.close()]);

    expect([first, second]).toEqual([0, 0]);
    expect(store.rows).toEqual(['a']);
  });

  it('does not wait for ever when it is closed, and logs whole what could not be stored', async () => {
    const { ledger, store, logs } = ledgerWith({ flushMs: 1, retryMs: 1, maxRetryMs: 60_000, closeMs: 20 });
    store.failures = Infinity;
    ledger.append(line('a'));
    ledger.append(line('b'));

    expect(await ledger.close()).toBe(2);

    ledger.append(line('late'));
    expect(logs().filter(({ event }) => event === 'ledger_rows_unstored')).toMatchObject([
      { level: 50, count: 2, call_ids: ['a', 'b'], lines: [line('a'), line('b')] },
      { level: 50, count: 1, call_ids: ['late'] },
    ]);
    expect(ledger.lag()).toEqual({ rows: 0, oldestAgeMs: 0, unstored: 3 });
  });

  it('says of each row when nothing more can become of it: stored, or refused for ever', async () => {
    const { ledger, store } = ledgerWith({ flushMs: 1 });
    store.refused = new Set(['b']);
    const done: string[] = [];
    for (const name of ['a', 'b', 'c']) ledger.append(line(name), () => done.push(name));

    await ledger.close();

    expect(done.toSorted()).toEqual(['a', 'b', 'c']);
    expect(store.rows).toEqual(['a', 'c']);
  });

  it('is flushed when all that came before is stored, whatever comes after', async () => {
    const { ledger, store } = ledgerWith({ flushMs: 60_000 });
    await ledger.flush();
    for (let index = 0; index < 300; index += 1) ledger.append(line(String(index)));
    const flushed = ledger.flush();
    ledger.append(line('later'));

    await flushed;

    expect(store.rows.length).toBeGreaterThanOrEqual(300);
    await ledger.close();
  });

  it('is not flushed where a row was given up', async () => {
    const { ledger, store } = ledgerWith({ flushMs: 1, retryMs: 1, maxRetryMs: 5, closeMs: 20 });
    store.failures = Infinity;
    ledger.append(line('a'));
    const flushed = ledger.flush().catch((error: Error) => error.message);

    await ledger.close();

    expect(await flushed).toBe('ledger rows could not be stored');
  });

  it('leaves a statement behind that never ends', async () => {
    const { ledger, store } = ledgerWith({ flushMs: 1, closeMs: 20 });
    store.hangs = true;
    ledger.append(line('a'));

    expect(await ledger.close()).toBe(1);
  });
});

const line = (name: string): string => `{"call_id":"${name}"}`;
const nameOf = (text: string): string => (JSON.parse(text) as { call_id: string }).call_id;

interface LogLine {
  readonly event: string;
  readonly call_ids?: readonly string[];
}

function ledgerWith(limits: Partial<LedgerLimits>) {
  const store = new FakeStore();
  const clock: Clock & { ms: number } = { ms: 1_000, now: () => clock.ms, elapsed: () => clock.ms };
  const written: string[] = [];
  const log = pino({}, { write: (text: string) => void written.push(text) });
  const logs = (): readonly LogLine[] => written.map((text) => JSON.parse(text) as LogLine);
  const ledger = new Ledger(store, clock, log, { ...LEDGER_LIMITS, ...limits });
  return { ledger, store, clock, logs, logged: () => logs().map(({ event }) => event) };
}

class FakeStore {
  readonly batches: string[][] = [];
  refused: ReadonlySet<string> = new Set();
  failures = 0;
  failEvery = Infinity;
  hangs = false;
  mostAtOnce = 0;
  private calls = 0;
  private atOnce = 0;
  private readonly waiting: { readonly rows: number; readonly resolve: () => void }[] = [];

  get rows(): readonly string[] {
    return this.batches.flat();
  }

  until(rows: number): Promise<void> {
    return new Promise((resolve) => this.waiting.push({ rows, resolve }));
  }

  costsOf(): Promise<ReadonlyMap<string, bigint>> {
    return Promise.resolve(new Map());
  }

  async insert(lines: readonly string[]): Promise<void> {
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.atOnce);
    this.calls += 1;
    await (this.hangs ? new Promise(() => undefined) : new Promise((resolve) => setImmediate(resolve)));
    this.atOnce -= 1;
    if (this.failures-- > 0 || this.calls % this.failEvery === 0) throw new Error("Can't reach database server");
    const names = lines.map(nameOf);
    if (names.some((name) => this.refused.has(name))) throw new RowRefused(new Error('\nInvalid call:\n\nvalue out of range'));
    this.batches.push(names);
    for (const { rows, resolve } of this.waiting) if (this.rows.length >= rows) resolve();
  }
}
