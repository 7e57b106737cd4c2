import { addCells, cellsOf, type CellTable, factsOf, fannedOut, SERIES_NAME } from '../rollups/cells.sql.js';
import { CELL_NAME, CELL_SUMS, DAY_SERIES, QUARTER_SERIES } from '../rollups/series.js';

const MOST = '9223372036854775807';
const FIRST_MOMENT = `substring(pg_get_expr(part.relpartbound, part.oid) FROM $$FROM \\('([^']+)'\\)$$)::timestamptz`;
const TEXT = `'YYYY-MM-DD"T"HH24:MI:SS"Z"'`;

/**
 * The months to compare, each up to the next and the last one without end: from the oldest on that the ledger has rows of, but for what
 * lies before its oldest partition, of which some may have been deleted.
 */
export const MONTHS = `
  WITH horizon AS (
    SELECT min(${FIRST_MOMENT}) AS at FROM pg_inherits JOIN pg_class part ON part.oid = inhrelid WHERE inhparent = 'ledger'::regclass
  ),
  span AS (
    SELECT date_trunc('month', GREATEST(oldest, horizon.at) AT TIME ZONE 'UTC') AS first, date_trunc('month', newest AT TIME ZONE 'UTC') AS last
    FROM horizon, (SELECT min(admitted_at) AS oldest, max(admitted_at) AS newest FROM ledger) AS ends WHERE oldest IS NOT NULL
  )
  SELECT to_char(month, ${TEXT}) AS begin,
    CASE WHEN month < last THEN to_char(month + interval '1 month', ${TEXT}) ELSE 'infinity' END AS end
  FROM span, generate_series(first, GREATEST(first, last), interval '1 month') AS month ORDER BY month`;

const arrayOf = (relation: string): string =>
  `CASE WHEN ${relation}.series IS NULL THEN array_fill(0::bigint, ARRAY[${CELL_SUMS.length}])
    ELSE ARRAY[${CELL_SUMS.map((name) => `${relation}.${name}`).join(', ')}] END AS ${relation}`;
const NAME = CELL_NAME.map((name) => `COALESCE(told.${name}, kept.${name}) AS ${name}`).join(', ');
const SAME_NAME = CELL_NAME.map((name) => `told.${name} = kept.${name}`).join(' AND ');

/**
 * Gathers the cells of a month that differ from their rows, both read at one instant, in a table of the connection's own, numbered in the
 * order of their keys. `begin` and `end` as `MONTHS` has them.
 */
export function gatherDifferences(table: CellTable, { begin, end }: { readonly begin: string; readonly end: string }): string {
  const isIn = (column: string): string => `${column} >= '${begin}' AND ${column} < '${end}'`;
  const [at, series] = table === 'usage_days' ? (['day', DAY_SERIES] as const) : (['quarter', QUARTER_SERIES] as const);
  return `
    CREATE TEMP TABLE differing_cells AS
    WITH facts AS (${factsOf(`ledger WHERE ${isIn('admitted_at')}`)}),
    fan AS (${fannedOut(series)}),
    counted AS (${cellsOf('fan', at)}),
    told AS (SELECT ${SERIES_NAME} AS series, subject, at, value, ${CELL_SUMS.join(', ')} FROM counted),
    kept AS (SELECT * FROM ${table} WHERE ${isIn('at')})
    SELECT row_number() OVER (ORDER BY ${CELL_NAME.join(', ')}) AS number, compared.*
    FROM (SELECT ${NAME}, ${arrayOf('told')}, ${arrayOf('kept')} FROM told FULL JOIN kept ON ${SAME_NAME}) AS compared
    WHERE told <> kept`;
}

export const FORGET_DIFFERENCES = 'DROP TABLE IF EXISTS differing_cells';

export const COUNT_DIFFERENCES = 'SELECT count(*)::int AS count FROM differing_cells';

/** Parameter: how many at most. */
export const LIST_DIFFERENCES = `
  SELECT series, subject, at, value, told::text[] AS told, kept::text[] AS kept FROM differing_cells ORDER BY number LIMIT $1`;

const LACKING = CELL_SUMS.map((_, at) => `LEAST(GREATEST(told[${at + 1}]::numeric - kept[${at + 1}], -${MOST}), ${MOST})::bigint`).join(
  ', ',
);

/**
 * Adds to cells what they were found to lack. Rows that were written since have been added by whoever wrote them, and stay so: what is
 * wrong with a cell is the same before and after. Parameters: the numbers of the first and the last.
 */
export function mendCells(table: CellTable): string {
  return addCells(
    table,
    `SELECT ${CELL_NAME.join(', ')}, ${LACKING} FROM differing_cells WHERE number BETWEEN $1 AND $2 ORDER BY ${CELL_NAME.join(', ')}`,
  );
}
