import type { Errand } from './errand-connection.js';

/** A part of a table that is partitioned by time, and which rows it is for. */
export interface Partition {
  readonly parent: 'ledger' | 'bodies';
  /** `ledger_2026_11`, `bodies_2026_11_22` */
  readonly table: string;
  readonly since: Date;
  /** When the next one begins. */
  readonly until: Date;
}

/** The partitions of a table but its default one, by the times that they are really for. */
const partitionsOf = (parent: Partition['parent']): string => `
  SELECT format('%I.%I', nspname, relname) AS name, relname AS table,
         substring(bound FROM $$FROM \\('([^']+)'\\)$$)::timestamptz AS since, substring(bound FROM $$TO \\('([^']+)'\\)$$)::timestamptz AS until
  FROM (
    SELECT nspname, relname, pg_get_expr(relpartbound, child.oid) AS bound
    FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE inhparent = '${parent}'::regclass
  ) AS partitions`;

/**
 * Makes a partition. Resolves with how many rows it took out of the default one, or with undefined where its time has one already.
 *
 * Inserts wait meanwhile, from before the rows are moved: one that had chosen the default one would be refused by it afterwards.
 * Reads wait only where rows were moved: one that had listed the partitions before would find them in none.
 */
export function makePartition({ parent, table, since, until }: Partition): Errand<number | undefined> {
  const [from, to] = [`'${since.toISOString()}'`, `'${until.toISOString()}'`];
  const isWithin = `admitted_at >= ${from} AND admitted_at < ${to}`;
  return async (client) => {
    const covering = await client.query(`SELECT FROM (${partitionsOf(parent)}) AS partition WHERE since <= $1 AND until > $1`, [since]);
    if (covering.rowCount) return undefined;
    await client.query(`LOCK TABLE ONLY ${parent} IN SHARE ROW EXCLUSIVE MODE`);
    // By its constraint the new table need not be read through when it is attached.
    await client.query(`CREATE TABLE ${table} (
      LIKE ${parent} INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES, CONSTRAINT ${table}_time CHECK (${isWithin}))`);
    const { rowCount: moved } = await client.query(
      `WITH moved AS (DELETE FROM ${parent}_default WHERE ${isWithin} RETURNING *) INSERT INTO ${table} SELECT * FROM moved`,
    );
    if (moved) await client.query(`LOCK TABLE ONLY ${parent} IN ACCESS EXCLUSIVE MODE`);
    await client.query(`ALTER TABLE ${parent} ATTACH PARTITION ${table} FOR VALUES FROM (${from}) TO (${to})`);
    await client.query(`ALTER TABLE ${table} DROP CONSTRAINT ${table}_time`);
    return moved ?? 0;
  };
}

export interface DroppedPartition {
  readonly partition: string;
  readonly rows: number;
}

/** Drops the oldest partition of which every moment is before `before`; resolves with undefined where there is none. */
export function dropOldest(parent: Partition['parent'], before: Date): Errand<DroppedPartition | undefined> {
  return async (client) => {
    const { rows: found } = await client.query<{ name: string; table: string }>(
      `SELECT name, "table" FROM (${partitionsOf(parent)}) AS partition WHERE until <= $1 ORDER BY until LIMIT 1`,
      [before],
    );
    const [oldest] = found;
    if (!oldest) return undefined;
    // Counted before anybody has to wait.
    const { rows: counted } = await client.query<{ rows: string }>(`SELECT count(*) AS rows FROM ${oldest.name}`);
    await client.query(`ALTER TABLE ${parent} DETACH PARTITION ${oldest.name}`);
    await client.query(`DROP TABLE ${oldest.name}`);
    return { partition: oldest.table, rows: Number(counted[0]!.rows) };
  };
}
