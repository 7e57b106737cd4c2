import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { cp, readdir } from 'node:fs/promises';
import path from 'node:path';
import { MIGRATIONS_DIR } from '../../src/platform/database/migration-files.js';
import { migrate } from '../../src/platform/database/migrations.js';
import { createEmptyDatabase, type TestDatabase } from '../support/database.js';
import { makeHousekeeping } from '../support/housekeeping.js';
import { insertLedgerRows, monthsOf, placesOf } from '../support/ledger-rows.js';
import { query } from '../support/query.js';
import { makeScratch, removeScratch } from '../support/scratch.js';

const BY_MONTH = '20261121224700_ledger_by_month';

describe('a ledger that is older than its months', () => {
  let database: TestDatabase;
  let earlier: string;

  beforeEach(async () => {
    database = await createEmptyDatabase();
    earlier = await makeScratch();
    const entries = await readdir(MIGRATIONS_DIR, { withFileTypes: true });
    const names = entries.filter((entry) => entry.isDirectory() && entry.name < BY_MONTH).map(({ name }) => name);
    for (const name of names) await cp(path.join(MIGRATIONS_DIR, name), path.join(earlier, name), { recursive: true });
    await migrate(database.url, earlier);
  });

  afterEach(async () => {
    await database.drop();
    await removeScratch(earlier);
  });

  const rows = () => query<Record<string, unknown>>(database.url, 'SELECT * FROM ledger ORDER BY admitted_at');

  it('keeps every row as it is, in the partition of its month', async () => {
    await insertLedgerRows(
      database.url,
      '2023-12-31T23:59:59.999Z',
      '2024-01-01T00:00:00Z',
      '2024-01-31T12:00:00Z',
      '2024-05-01T00:00:00Z',
    );
    await query(database.url, `UPDATE ledger SET user_id = 'ann', tags = '{"a": 1}', cost_nano_usd = 9007199254740993, budgets = '{x@1}'`);
    const before = await rows();

    expect(await migrate(database.url)).toContain(BY_MONTH);

    const added = { failed_cost_nano_usd: '0', price_id: null, tier_above: null, service_tier: null };
    expect(await rows()).toMatchObject(before.map((row) => ({ ...row, ...added })));
    expect(before).toHaveLength(4);
    expect(await placesOf(database.url)).toEqual([
      '2023-12-31 ledger_2023_12',
      '2024-01-01 ledger_2024_01',
      '2024-01-31 ledger_2024_01',
      '2024-05-01 ledger_2024_05',
    ]);
    expect(await monthsOf(database.url)).toEqual(['ledger_2023_12', 'ledger_2024_01', 'ledger_2024_05']);
  });

  it('gets the same partitions from its migration as from housekeeping', async () => {
    await insertLedgerRows(database.url, '2024-05-10T00:00:00Z');
    await migrate(database.url);
    const { housekeeping } = makeHousekeeping({ url: database.url, now: '2024-06-15T12:00:00Z' });

    expect(await housekeeping.run()).toBe('finished');

    const migrated = await shapeOf('ledger_2024_05');
    expect(migrated.length).toBeGreaterThan(40);
    expect(await shapeOf('ledger_2024_06')).toEqual(migrated);
  });

  /** Columns, constraints, indexes and the indexes of the ledger that these belong to, without the month in their names. */
  async function shapeOf(table: string): Promise<readonly unknown[]> {
    const found = await query<{ part: string }>(
      database.url,
      `SELECT concat_ws(' ', attname, format_type(atttypid, atttypmod), attnotnull, pg_get_expr(adbin, adrelid)) AS part
       FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum WHERE attrelid = '${table}'::regclass AND attnum > 0
       UNION ALL SELECT concat_ws(' ', conname, pg_get_constraintdef(oid), coninhcount, conislocal) FROM pg_constraint WHERE conrelid = '${table}'::regclass
       UNION ALL SELECT concat_ws(' ', pg_get_indexdef(indexrelid), inhparent::regclass, indisvalid)
       FROM pg_index LEFT JOIN pg_inherits ON inhrelid = indexrelid WHERE indrelid = '${table}'::regclass
       ORDER BY 1`,
    );
    return found.map(({ part }) => part.replaceAll(table, 'ledger_month'));
  }
});
