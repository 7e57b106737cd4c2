import type { Errand } from './errand-connection.js';
import type { Month } from './month.js';

/** The partitions of the ledger but the default one, by the times that they are really for. */
const PARTITIONS = `
  SELECT format('%I.%I', nspname, relname) AS name, relname AS table,
         substring(bound FROM $$FROM \\('([^']+)'\\)$$)::timestamptz AS since, substring(bound FROM $$TO \\('([^']+)'\\)$$)::timestamptz AS until
  FROM (
    SELECT nspname, relname, pg_get_expr(relpartbound, child.oid) AS bound
    FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE inhparent = 'ledger'::regclass
  ) AS partitions`;

const COVERING = `SELECT FROM (${PARTITIONS}) AS partition WHERE since <= $1 AND until > $1`;
const OLDEST = `SELECT name, "table" FROM (${PARTITIONS}) AS partition WHERE until <= $1 ORDER BY until LIMIT 1`;

/**
 * Gives a month its partition. Resolves with how many rows it took out of `ledger_default`, or with undefined where it has one.
 *
 * Inserts wait meanwhile, from before the rows are moved: one that had chosen `ledger_default` would be refused by it afterwards.
 * Reads wait only where rows were moved: one that had listed the partitions before would find them in none.
 */
export function makeMonth({ table, since, until }: Month): Errand<number | undefined> {
  const [from, to] = [`'${since.toISOString()}'`, `'${until.toISOString()}'`];
  const isWithin = `admitted_at >= ${from} AND admitted_at < ${to}`;
  return async (client) => {
    const covering = await client.query(COVERING, [since]);
    if (covering.rowCount) return undefined;
    await client.query('LOCK TABLE ONLY ledger IN SHARE ROW EXCLUSIVE MODE');
    // By its constraint the new table need not be read through when it is attached.
    await client.query(`CREATE TABLE ${table} (
      LIKE ledger INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES, CONSTRAINT ${table}_month CHECK (${isWithin}))`);
    const { rowCount: moved } = await client.query(
      `WITH moved AS (DELETE FROM ledger_default WHERE ${isWithin} RETURNING *) INSERT INTO ${table} SELECT * FROM moved`,
    );
    if (moved) await client.query('LOCK TABLE ONLY ledger IN ACCESS EXCLUSIVE MODE');
    await client.query(`ALTER TABLE ledger ATTACH PARTITION ${table} FOR VALUES FROM (${from}) TO (${to})`);
    await client.query(`ALTER TABLE ${table} DROP CONSTRAINT ${table}_month`);
    return moved ?? 0;
  };
}

export interface DroppedPartition {
  readonly partition: string;
  readonly rows: number;
}

/** Drops the oldest partition of which every moment is before `before`; resolves with undefined where there is none. */
export function dropOldestMonth(before: Date): Errand<DroppedPartition | undefined> {
  return async (client) => {
    const { rows: found } = await client.query<{ name: string; table: string }>(OLDEST, [before]);
    const [oldest] = found;
    if (!oldest) return undefined;
    // Counted before anybody has to wait.
    const { rows: counted } = await client.query<{ rows: string }>(`SELECT count(*) AS rows FROM ${oldest.name}`);
    await client.query(`ALTER TABLE ledger DETACH PARTITION ${oldest.name}`);
    await client.query(`DROP TABLE ${oldest.name}`);
    return { partition: oldest.table, rows: Number(counted[0]!.rows) };
  };
}
