// The Postgres of the ledger drill: the one that Tollgate brings along, with the settings that it has there.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { makePopulation } from './ledger-population.mjs';
import { importBuilt, priced } from './ledger-rows.mjs';

/** @typedef {import('./ledger-rows.mjs').Fill} Fill */
/** @typedef {{ name: string, tables: number, tableBytes: number, indexBytes: number, rows: number }} Size */

const LOG = { debug() {}, info() {}, warn: report, error: report };
const HOUR_MS = 3_600_000;
/** What a call of the drill costs on average, in nano-dollars; budgets are made so that some are nearly used up. */
const USUAL_COST = 1_700_000;

/** @param {object} fields */
function report(fields) {
  console.error(JSON.stringify(fields));
}

export class DrillDatabase {
  #entry;
  #folder;
  #server;

  /** @param {string} entry @param {string} folder @param {any} server */
  constructor(entry, folder, server) {
    this.#entry = entry;
    this.#folder = folder;
    this.#server = server;
  }

  /** @param {string} entry @param {string} folder */
  static async start(entry, folder) {
    const { EmbeddedPostgres } = await importBuilt(entry, 'platform', 'database', 'embedded-postgres.js');
    return new DrillDatabase(entry, folder, await EmbeddedPostgres.start({ dataDir: folder, log: LOG }));
  }

  /** @returns {string} the same after a restart */
  get url() {
    return this.#server.url;
  }

  /** The settings that a gateway starts it with. */
  async settings() {
    const names = ['shared_buffers', 'fsync', 'synchronous_commit', 'full_page_writes', 'max_wal_size'];
    return this.query(`SELECT name || ' ' || current_setting(name) AS text FROM unnest($1::text[]) AS name`, [names]).then((rows) =>
      rows.map(({ text }) => text).join(', '),
    );
  }

  /** @param {string} sql @param {unknown[]} [values] @returns {Promise<any[]>} */
  async query(sql, values = []) {
    const client = new pg.Client({ connectionString: this.url });
    client.on('error', () => {});
    await client.connect();
    try {
      return (await client.query(sql, values)).rows;
    } finally {
      await client.end();
    }
  }

  /** Everything but the ledger's rows. @param {Fill & { months: number }} fill */
  async prepare(fill) {
    const { migrate } = await importBuilt(this.#entry, 'platform', 'database', 'migrations.js');
    await migrate(this.url);
    await this.#makeMonths(fill);
    await this.#insertPeople(fill);
    await this.#insertPrices(fill);
    await this.query(
      `INSERT INTO refusals (hour, key_id, tenant, bound, count)
       SELECT hour, keys.id::text, coalesce(keys.team_id, keys.id)::text, 'requests key 60000', 1 + floor(random() * 40)
       FROM generate_series(date_trunc('hour', $1::timestamptz), $2::timestamptz, interval '1 hour') AS hour,
            LATERAL (SELECT * FROM api_keys WHERE name IN ('key-0', 'key-7', 'key-40')) AS keys`,
      [new Date(fill.sinceMs), new Date(fill.untilMs)],
    );
  }

  /** As housekeeping makes them. @param {Fill & { months: number }} fill */
  async #makeMonths({ sinceMs, months }) {
    const [{ ErrandConnection }, { makePartition }, { monthsFrom }] = await Promise.all(
      ['errand-connection.js', 'partitions.js', 'month.js'].map((file) => importBuilt(this.#entry, 'usage', 'housekeeping', file)),
    );
    const connection = await ErrandConnection.open(this.url);
    for (const month of monthsFrom(sinceMs, months + 1)) await connection.run(makePartition(month));
    await connection.close();
  }

  /** @param {Fill & { months: number }} fill */
  async #insertPeople({ seed, rows, months, sinceMs }) {
    const { teams, keys, tenants, everythingBudget } = makePopulation(seed);
    const made = new Date(sinceMs);
    await this.#insert(
      'teams',
      ['id', 'name', 'created_at', 'changed_at'],
      teams.map(({ id, name }) => [id, name, made, made]),
    );
    const { digestOf } = await importBuilt(this.#entry, 'keys', 'key-text.js');
    const columns = ['id', 'public_id', 'secret_hash', 'name', 'role', 'team_id', 'created_at', 'tags'];
    const rowOf = (/** @type {import('./ledger-population.mjs').Key} */ key) => {
      return [key.id, key.publicId, digestOf(key.secret), key.name, 'client', key.team?.id, made, JSON.stringify(key.tags)];
    };
    await this.#insert('api_keys', columns, keys.map(rowOf));
    const monthly = (rows / months) * USUAL_COST;
    const ofTeams = teams.flatMap((team, index) => {
      const weight = tenants.find(({ id }) => id === team.id)?.weight ?? 0;
      const limit = Math.ceil(monthly * weight * (0.7 + (index % 10) / 5));
      return team.budgetId === undefined
        ? []
        : [[team.budgetId, `month of ${team.name}`, 'team', team.id, limit, 'month', made, made, made]];
    });
    const everything = [everythingBudget, 'all of a month', 'everything', null, Math.ceil(monthly * 1.5), 'month', made, made, made];
    const budgetColumns = ['id', 'name', 'scope', 'subject', 'limit_nano_usd', 'period', 'counts_from', 'created_at', 'changed_at'];
    await this.#insert('budgets', budgetColumns, [everything, ...ofTeams]);
  }

  /** By the gateway's own store, so that each row can be explained. @param {Fill} fill */
  async #insertPrices({ seed, sinceMs }) {
    const [{ openPool }, { PrismaService }, { ChargedPricesStore }] = await Promise.all([
      importBuilt(this.#entry, 'platform', 'database', 'connection-pool.js'),
      importBuilt(this.#entry, 'platform', 'database', 'prisma.service.js'),
      importBuilt(this.#entry, 'usage', 'prices', 'charged-prices.store.js'),
    ]);
    const pool = openPool(this.url, { connections: 1, connectMs: 5_000, queryMs: 5_000 });
    const store = new ChargedPricesStore(new PrismaService({ pool }));
    for (const model of await priced(this.#entry, makePopulation(seed).models)) {
      if (model.priced !== undefined) await store.insert(model.priced, sinceMs);
    }
    await pool.end();
  }

  /** @param {string} table @param {readonly string[]} columns @param {readonly unknown[][]} rows */
  async #insert(table, columns, rows) {
    const places = `(${columns.map((_, index) => `$${index + 1}`).join(', ')})`;
    const client = new pg.Client({ connectionString: this.url });
    await client.connect();
    await client.query('BEGIN');
    for (const row of rows) await client.query(`INSERT INTO ${table} (${columns.join(', ')}) VALUES ${places}`, row);
    await client.query('COMMIT');
    await client.end();
  }

  /** What Postgres does by itself within minutes of the last row: of the tables that rows are in, as it does, and not of those they are parts of. */
  async settle() {
    const tables = await this.query(`SELECT oid::regclass::text AS name FROM pg_class
      WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1`);
    for (const { name } of tables) await this.query(`VACUUM (ANALYZE) ${name}`);
    await this.query('CHECKPOINT');
  }

  /** @returns {Promise<Size[]>} of the ledger as a whole, and of each part of the roll-ups */
  async sizes() {
    const found = await this.query(`
      SELECT CASE WHEN parent.relname = 'ledger' THEN 'ledger' ELSE child.relname END AS name, count(*)::int AS tables,
             sum(pg_table_size(child.oid)) AS "tableBytes", sum(pg_indexes_size(child.oid)) AS "indexBytes",
             sum(greatest(child.reltuples, 0)) AS rows
      FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid JOIN pg_class parent ON parent.oid = inhparent
      WHERE parent.relname IN ('ledger', 'usage_quarters', 'usage_days') AND child.relkind = 'r'
      GROUP BY 1 ORDER BY 1`);
    return found.map((size) => ({
      ...size,
      tableBytes: Number(size.tableBytes),
      indexBytes: Number(size.indexBytes),
      rows: Number(size.rows),
    }));
  }

  /** Stopped, its files put out of memory, started again. */
  async restartCold() {
    await this.#server.stop();
    forget(this.#server.home);
    const { EmbeddedPostgres } = await importBuilt(this.#entry, 'platform', 'database', 'embedded-postgres.js');
    this.#server = await EmbeddedPostgres.start({ dataDir: this.#folder, log: LOG });
  }

  async stop() {
    await this.#server.stop();
  }

  /** Its files, wherever they lie. */
  remove() {
    const ofRoot = createHash('sha256').update(realpathSync(this.#folder)).digest('hex').slice(0, 16);
    for (const each of [join('/var/lib/tollgate', ofRoot), this.#folder]) rmSync(each, { recursive: true, force: true });
  }
}

/** Reads nothing of a file, and has the system drop what it holds of it. */
const DD = ['dd', 'iflag=nocache', 'count=0', 'status=none'];

/** How the system is made to forget what it has of the files in memory; undefined where nothing does it. */
export const FORGETTING = findForgetting();

function findForgetting() {
  try {
    execFileSync('env', [...DD, 'if=/dev/null'], { stdio: 'ignore' });
    return 'posix_fadvise(DONTNEED) on each file, by dd iflag=nocache';
  } catch {
    return process.getuid?.() === 0 ? '/proc/sys/vm/drop_caches' : undefined;
  }
}

/** @param {string} folder */
function forget(folder) {
  execFileSync('sync');
  if (FORGETTING === undefined) return;
  if (FORGETTING.startsWith('/proc')) writeFileSync(FORGETTING, '3');
  else execFileSync('find', [folder, '-type', 'f', '-size', '+16k', '-exec', ...DD, 'if={}', ';']);
}

/** @param {number} untilMs @param {number} months @returns {number} as many months earlier, epoch milliseconds */
export function monthsBefore(untilMs, months) {
  const until = new Date(untilMs);
  const whole = Date.UTC(until.getUTCFullYear(), until.getUTCMonth() - months);
  return Math.min(whole + (untilMs - Date.UTC(until.getUTCFullYear(), until.getUTCMonth())), untilMs - HOUR_MS);
}
