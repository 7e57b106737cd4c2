// `check`: do the migrations lead to prisma/schema.prisma? Exit code 2 if not. `new <name>`: writes the migration that is missing.
// Works on an empty database of its own at DATABASE_URL, or on an embedded Postgres where that is not set.
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import './register-ts.mjs';
import { withSchemaEngine } from './schema-engine.mjs';

const ROOT = path.resolve(import.meta.dirname, '..');
const MIGRATIONS = path.join(ROOT, 'prisma/migrations');
const LOCK_FILE = { path: './migration_lock.toml', content: 'provider = "postgresql"\n' };
const [command, newName] = process.argv.slice(2);

if (command === 'check') await check();
else if (command === 'new' && /^[a-z0-9_]+$/.test(newName ?? '')) await create(newName);
else {
  console.error('usage: node scripts/prisma-diff.mjs check | new <name_in_snake_case>');
  process.exitCode = 1;
}

async function check() {
  const missing = await diff();
  if (missing === undefined) return console.log('The schema and its migrations agree.');
  console.error(`prisma/schema.prisma has changes without a migration:\n\n${missing}\nRun: node scripts/prisma-diff.mjs new <name>`);
  process.exitCode = 2;
}

async function create(name) {
  const missing = await diff();
  if (missing === undefined) return console.log('Nothing to do: the schema and its migrations agree.');
  const dir = path.join(MIGRATIONS, `${new Date().toISOString().replace(/\D/g, '').slice(0, 14)}_${name}`);
  await mkdir(dir, { recursive: true });
  await writeFile(path.join(dir, 'migration.sql'), missing);
  await writeFile(path.join(MIGRATIONS, LOCK_FILE.path), LOCK_FILE.content);
  console.log(`Wrote ${path.relative(ROOT, dir)}/migration.sql: read it before you commit it.`);
}

/** The SQL that leads from the migrations to the schema; undefined where they agree. */
async function diff() {
  const schemaFiles = [{ path: 'prisma/schema.prisma', content: await readFile(path.join(ROOT, 'prisma/schema.prisma'), 'utf8') }];
  const from = await loadMigrations();
  const result = await withEmptyDatabase((url) =>
    withSchemaEngine({ url, schemaFiles }, (engine) =>
      engine.diff({
        from,
        to: { tag: 'schemaDatamodel', files: schemaFiles },
        script: true,
        exitCode: true,
        filters: { externalTables: [], externalEnums: [] },
      }),
    ),
  );
  return result.exitCode === 0 ? undefined : result.stdout;
}

async function loadMigrations() {
  const entries = existsSync(MIGRATIONS) ? await readdir(MIGRATIONS, { withFileTypes: true }) : [];
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  if (names.length === 0) return { tag: 'empty' };
  const migrationDirectories = await Promise.all(names.sort().map(loadMigration));
  return { tag: 'migrations', baseDir: MIGRATIONS, lockfile: LOCK_FILE, shadowDbInitScript: '', migrationDirectories };
}

async function loadMigration(name) {
  const value = await readFile(path.join(MIGRATIONS, name, 'migration.sql'), 'utf8');
  return { path: name, migrationFile: { path: 'migration.sql', content: { tag: 'ok', value } } };
}

async function withEmptyDatabase(use) {
  if (!process.env.DATABASE_URL) return withEmbeddedPostgres(use);
  const empty = `tollgate_schema_${process.pid}`;
  const admin = new pg.Client({ connectionString: process.env.DATABASE_URL });
  await admin.connect();
  await admin.query(`CREATE DATABASE "${empty}"`);
  try {
    return await use(Object.assign(new URL(process.env.DATABASE_URL), { pathname: `/${empty}` }).href);
  } finally {
    await admin.query(`DROP DATABASE "${empty}" WITH (FORCE)`);
    await admin.end();
  }
}

async function withEmbeddedPostgres(use) {
  const { startPostgres } = await import('../test/support/postgres.ts');
  const postgres = await startPostgres();
  try {
    return await use(postgres.url);
  } finally {
    await postgres.stop();
  }
}
