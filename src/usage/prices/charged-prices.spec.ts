import { describe, expect, it } from '@jest/globals';
import type { PricedModel } from '../../core/price.js';
import { type Bucket, BUCKETS } from '../../core/usage.js';
import { eventually } from '../../../test/support/eventually.js';
import { silentLog } from '../../../test/support/silent-log.js';
import { ChargedPrices } from './charged-prices.js';

const FREE = Object.fromEntries(BUCKETS.map((bucket) => [bucket, 0n])) as Record<Bucket, bigint>;
const priced = (id: string): PricedModel => ({ price: FREE, version: 'test', id });
const LIMITS = { retryMs: 1, maxRetryMs: 2, closeMs: 1_000 };

/** Takes what it is given, after as many failures as it is told. */
class Table {
  readonly rows: (readonly [string, number])[] = [];
  asked = 0;
  failures = 0;

  async insert({ id }: PricedModel, at: number): Promise<void> {
    this.asked += 1;
    await Promise.resolve();
    if (this.failures > 0) {
      this.failures -= 1;
      throw new Error('away');
    }
    this.rows.push([id, at]);
  }
}

const open = (table: Table) => new ChargedPrices(table, { now: () => 7 }, silentLog, LIMITS);

describe('ChargedPrices', () => {
  it('stores each price once, however often it is charged by', async () => {
    const table = new Table();
    const prices = open(table);

    for (let call = 0; call < 100; call += 1) prices.keep(priced(call % 2 === 0 ? 'a' : 'b'));
    await eventually(() => prices.waitingPrices === 0);
    prices.keep(priced('a'));
    await prices.onApplicationShutdown();

    expect(table.rows).toEqual([
      ['a', 7],
      ['b', 7],
    ]);
    expect(table.asked).toBe(2);
  });

  it('asks for the price at once, not when its row is due', () => {
    const table = new Table();

    open(table).keep(priced('a'));

    expect(table.asked).toBe(1);
  });

  it('tries again until the price is stored', async () => {
    const table = new Table();
    table.failures = 5;
    const prices = open(table);

    prices.keep(priced('a'));
    await eventually(() => prices.waitingPrices === 0);

    expect(table.rows).toEqual([['a', 7]]);
    expect(table.asked).toBe(6);
  });

  it('stores what waits when the gateway stops, and does not wait for a database that stays away', async () => {
    const table = new Table();
    const prices = new ChargedPrices(table, { now: () => 7 }, silentLog, { ...LIMITS, retryMs: 60_000, maxRetryMs: 60_000 });
    table.failures = 1;
    prices.keep(priced('a'));
    await eventually(() => table.failures === 0);
    await prices.onApplicationShutdown();
    expect(table.rows).toEqual([['a', 7]]);

    const away = new Table();
    away.failures = Number.POSITIVE_INFINITY;
    const others = open(away);
    others.keep(priced('b'));
    await others.onApplicationShutdown();
    expect(others.waitingPrices).toBe(1);
  });
});
