import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { DatabaseSetupError } from './database-setup-error.js';
import { loadMigrations, MIGRATIONS_DIR, type Migration } from './migration-files.js';
import { isRefusal } from './postgres-errors.js';

/** The advisory lock of Prisma Migrate, so that we and it never migrate at the same time. */
const LOCK = 72707369;

/** As Prisma Migrate creates it: its own tools can take over at any time. */
const CREATE_TABLE = `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
  "id" VARCHAR(36) PRIMARY KEY NOT NULL,
  "checksum" VARCHAR(64) NOT NULL,
  "finished_at" TIMESTAMPTZ,
  "migration_name" VARCHAR(255) NOT NULL,
  "logs" TEXT,
  "rolled_back_at" TIMESTAMPTZ,
  "started_at" TIMESTAMPTZ NOT NULL DEFAULT now(),
  "applied_steps_count" INTEGER NOT NULL DEFAULT 0
)`;

interface AppliedRow {
  readonly migration_name: string;
  readonly checksum: string;
  readonly finished_at: Date | null;
}

/** Applies what is missing and answers with its names. Any number of processes may call it at once: one does the work. */
export async function migrate(url: string, dir = MIGRATIONS_DIR): Promise<readonly string[]> {
  const client = new pg.Client({ connectionString: url, application_name: 'tollgate migrations', connectionTimeoutMillis: 2_000 });
  // Losing the connection fails the query under way; as an event of its own it would end the process.
  client.on('error', () => undefined);
  await client.connect();
  try {
    const migrations = await loadMigrations(dir);
    // The lock belongs to the session and ends with it.
    await client.query('SELECT pg_advisory_lock($1)', [LOCK]);
    await client.query(CREATE_TABLE);
    const missing = await findMissing(client, migrations);
    for (const migration of missing) await apply(client, migration);
    return missing.map(({ name }) => name);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function findMissing(client: pg.Client, migrations: readonly Migration[]): Promise<readonly Migration[]> {
  const { rows } = await client.query<AppliedRow>(
    'SELECT migration_name, checksum, finished_at FROM "_prisma_migrations" WHERE rolled_back_at IS NULL',
  );
  const failed = rows.find((row) => row.finished_at === null);
  if (failed) {
    throw new DatabaseSetupError(
      `Migration ${failed.migration_name} failed earlier (see "logs" in the table _prisma_migrations). ` +
        'Repair the schema, then delete its row there to have it applied again.',
    );
  }
  const applied = new Map(rows.map((row) => [row.migration_name, row.checksum]));
  return migrations.filter(({ name, checksum }) => {
    const known = applied.get(name);
    if (known !== undefined && known !== checksum) {
      throw new DatabaseSetupError(
        `Migration ${name} was edited after it had been applied. Restore the file; put the change into a new migration.`,
      );
    }
    return known === undefined;
  });
}

/** The migration and the record of it commit together: whatever is killed in between, nothing is half applied or forgotten. */
async function apply(client: pg.Client, migration: Migration): Promise<void> {
  try {
    await client.query('BEGIN');
    await client.query(migration.sql);
    await client.query(
      'INSERT INTO "_prisma_migrations" (id, checksum, migration_name, finished_at, applied_steps_count) VALUES ($1, $2, $3, now(), 1)',
      [randomUUID(), migration.checksum, migration.name],
    );
    await client.query('COMMIT');
  } catch (error) {
    if (!isRefusal(error)) throw error;
    throw new DatabaseSetupError(`Migration ${migration.name} failed and was undone: ${error.message}`, { cause: error });
  }
}
