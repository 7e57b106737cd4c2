import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { appendFile, cp, mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { MIGRATIONS_DIR } from '../../src/platform/database/migration-files.js';
import { migrate } from '../../src/platform/database/migrations.js';
import { startChild } from '../support/child.js';
import { createDatabase, createEmptyDatabase, type TestDatabase } from '../support/database.js';
import { query } from '../support/query.js';
import { makeScratch, removeScratch } from '../support/scratch.js';

describe('migrate', () => {
  let database: TestDatabase;
  let dir: string;
  let ours: string[];

  beforeEach(async () => {
    database = await createEmptyDatabase();
    dir = await makeScratch();
    await cp(MIGRATIONS_DIR, dir, { recursive: true });
    const entries = await readdir(dir, { withFileTypes: true });
    ours = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  });

  afterEach(async () => {
    await database.drop();
    await removeScratch(dir);
  });

  async function addMigration(name: string, sql: string): Promise<void> {
    await mkdir(path.join(dir, name));
    await writeFile(path.join(dir, name, 'migration.sql'), sql);
  }

  it('applies everything once', async () => {
    const first = await migrate(database.url, dir);
    const second = await migrate(database.url, dir);

    expect(first).toEqual(ours.sort());
    expect(second).toEqual([]);
  });

  it('applies what has been added', async () => {
    await migrate(database.url, dir);
    await addMigration('99990101000000_later', 'CREATE TABLE later (id INT); INSERT INTO later VALUES (1)');

    expect(await migrate(database.url, dir)).toEqual(['99990101000000_later']);
    expect(await query(database.url, 'SELECT id FROM later')).toEqual([{ id: 1 }]);
  });

  it('refuses a migration that was edited after it had been applied', async () => {
    await migrate(database.url, dir);
    await appendFile(path.join(dir, ours[0]!, 'migration.sql'), '-- an afterthought');

    await expect(migrate(database.url, dir)).rejects.toThrow(`Migration ${ours[0]} was edited after it had been applied`);
  });

  it('undoes a migration that fails, names it, and applies it once it is repaired', async () => {
    await addMigration('99990101000000_faulty', 'CREATE TABLE half (id INT); SELECT nothing FROM nowhere;');

    await expect(migrate(database.url, dir)).rejects.toThrow('Migration 99990101000000_faulty failed and was undone: relation "nowhere"');

    expect(await query(database.url, "SELECT to_regclass('half') AS half")).toEqual([{ half: null }]);
    await writeFile(path.join(dir, '99990101000000_faulty', 'migration.sql'), 'CREATE TABLE half (id INT)');
    expect(await migrate(database.url, dir)).toEqual(['99990101000000_faulty']);
  });

  it("refuses to go on after a failure that Prisma's own tools have recorded", async () => {
    await migrate(database.url, dir);
    await query(database.url, 'UPDATE "_prisma_migrations" SET finished_at = NULL');

    await expect(migrate(database.url, dir)).rejects.toThrow(`Migration ${ours[0]} failed earlier`);
  });

  it('does the work once when three processes ask for it at the same time', async () => {
    const children = await Promise.all([1, 2, 3].map(() => startChild<string[]>('migrate.ts', { args: [database.url] })));

    expect(children.flatMap(({ said }) => said)).toEqual(ours);
    expect(await query(database.url, 'SELECT count(*)::int AS applied FROM "_prisma_migrations"')).toEqual([{ applied: ours.length }]);
  });

  it('has been run on the database that each test gets', async () => {
    const ready = await createDatabase();

    expect(await migrate(ready.url)).toEqual([]);
    await ready.drop();
  });
});
