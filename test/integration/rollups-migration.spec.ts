import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { cp, readdir } from 'node:fs/promises';
import path from 'node:path';
import { MIGRATIONS_DIR } from '../../src/platform/database/migration-files.js';
import { migrate } from '../../src/platform/database/migrations.js';
import { LedgerAudit } from '../../src/usage/verification/ledger-audit.js';
import { createEmptyDatabase, type TestDatabase } from '../support/database.js';
import { insertLedgerRows } from '../support/ledger-rows.js';
import { query } from '../support/query.js';
import { makeScratch, removeScratch } from '../support/scratch.js';

const ROLL_UPS = '20261122011500_rollups_and_bodies';

let database: TestDatabase;
let earlier: string;

beforeEach(async () => {
  database = await createEmptyDatabase();
  earlier = await makeScratch();
  const entries = await readdir(MIGRATIONS_DIR, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory() && entry.name < ROLL_UPS).map(({ name }) => name);
  for (const name of names) await cp(path.join(MIGRATIONS_DIR, name), path.join(earlier, name), { recursive: true });
  await migrate(database.url, earlier);
});

afterEach(async () => {
  await database.drop();
  await removeScratch(earlier);
});

it('rows that are older than the roll-ups are summed up in them', async () => {
  await insertLedgerRows(
    database.url,
    ...Array.from({ length: 40 }, (_, at) => new Date(Date.UTC(2026, 9, 31, 20) + at * 700_000).toISOString()),
  );
  await query(
    database.url,
    `UPDATE ledger SET provider = 'p', model = 'm', tags = '{"a": "b", "c": "d=e"}', user_id = 'ann', price_version = 'x',
       provider_cost_nano_usd = 7, cost_nano_usd = 9223372036854775807, duration_ms = 700 WHERE admitted_at > '2026-10-31T21:00Z'`,
  );
  await query(database.url, `UPDATE ledger SET ending = 'failed', error_kind = 'internal' WHERE admitted_at > '2026-11-01T01:00Z'`);
  await query(database.url, `UPDATE ledger SET tags = '{}', ending = 'client_gone' WHERE admitted_at > '2026-11-01T02:00Z'`);

  expect(await migrate(database.url)).toContain(ROLL_UPS);

  const audit = await LedgerAudit.open(database.url);
  try {
    expect(await audit.cells()).toEqual({ months: 2, total: 0, differences: [], untold: 0 });
  } finally {
    await audit.close();
  }
  expect(await query(database.url, `SELECT sum(requests)::text AS requests FROM usage_quarters WHERE series = 'total'`)).toEqual([
    { requests: '40' },
  ]);
});
