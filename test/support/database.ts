import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { migrate } from '../../src/platform/database/migrations.js';

const TEMPLATE = 'tollgate_template';

/** A database on the Postgres of this test run, for one test file. */
export interface TestDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** A fresh, migrated database; takes some 20 ms. */
export function createDatabase(): Promise<TestDatabase> {
  return create(`TEMPLATE ${TEMPLATE} STRATEGY FILE_COPY`);
}

/** A database without any tables. */
export function createEmptyDatabase(): Promise<TestDatabase> {
  return create('TEMPLATE template0');
}

/** Migrates once what every test's database is copied from. */
export async function createTemplate(serverUrl: string): Promise<void> {
  await execute(serverUrl, `CREATE DATABASE ${TEMPLATE}`);
  await migrate(withName(serverUrl, TEMPLATE));
}

async function create(origin: string): Promise<TestDatabase> {
  const server = process.env.TOLLGATE_TEST_POSTGRES_URL;
  if (server === undefined) throw new Error('There is no Postgres: databases are made in integration and end-to-end tests only.');
  const name = `test_${randomBytes(8).toString('hex')}`;
  await execute(server, `CREATE DATABASE ${name} ${origin}`);
  return { url: withName(server, name), drop: () => execute(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
}

async function execute(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

function withName(url: string, name: string): string {
  return Object.assign(new URL(url), { pathname: `/${name}` }).href;
}
