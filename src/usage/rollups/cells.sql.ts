import { latencyBucketSql } from './latency-buckets.js';
import { CELL_NAME, CELL_SUMS, DAY_SERIES, type DaySeries, QUARTER_SERIES } from './series.js';

/** The tables of cells. */
export type CellTable = 'usage_quarters' | 'usage_days';

/** Sums stay below what a BIGINT holds: a provider may report nonsense, and a row must still be counted. */
const MOST = '9223372036854775807';

const MONEY: readonly string[] = ['cost_nano_usd', 'provider_cost_nano_usd'];
const TOKENS = CELL_SUMS.filter((name) => name.endsWith('_tokens'));
/** Reasoning is part of the output. */
const ALL_TOKENS = TOKENS.filter((name) => name !== 'reasoning_tokens')
  .map((name) => `${name}::bigint`)
  .join(' + ');

/** What of a ledger row decides what it adds to which cells. */
export const COUNTED_COLUMNS: readonly string[] = [
  ...`admitted_at key_id tenant user_id provider model ending error_kind price_version duration_ms tags template`.split(' '),
  ...TOKENS,
  ...MONEY,
];

/**
 * SQL for what each row of a relation that has `COUNTED_COLUMNS` counts for, ready to be fanned out. `sign` is 1 or a column of 1 and
 * −1, by which all that is summed is multiplied. `OFFSET 0` has each expression worked out once for a row, however often it is used.
 */
export function factsOf(relation: string, sign = '1'): string {
  const times = (what: string): string => (sign === '1' ? what : `${sign} * ${what}`);
  return `SELECT date_bin('15 minutes', admitted_at, '2000-01-01+00') AS quarter, date_bin('1 day', admitted_at, '2000-01-01+00') AS day,
      key_id, tenant, user_id, template, tags, COALESCE(provider || '/' || model, '') AS model, COALESCE(error_kind, ending) AS outcome,
      CASE WHEN ending = 'complete' THEN ${latencyBucketSql('duration_ms')} END AS latency,
      price_version IS NULL AND ${ALL_TOKENS} > 0 AS is_unpriced, ${sign} AS requests,
      CASE WHEN ending IN ('complete', 'client_gone') THEN 0 ELSE ${sign} END AS errors,
      CASE WHEN price_version IS NULL AND ${ALL_TOKENS} > 0 THEN ${sign} ELSE 0 END AS unpriced,
      ${TOKENS.map((name) => `${times(name)} AS ${name}`).join(', ')},
      ${MONEY.map((name) => `${times(`COALESCE(${name}, 0)`)} AS ${name}`).join(', ')}
    FROM ${relation} OFFSET 0`;
}

interface Source {
  readonly subject: string;
  readonly value: string;
}

/** What a fact is counted under, but for its tags; where subject or value is null it is not. */
const SOURCES: Readonly<Record<Exclude<DaySeries, 'tag' | 'key_tag'>, Source>> = {
  total: { subject: `''`, value: `''` },
  model: { subject: `''`, value: 'model' },
  team: { subject: `''`, value: 'tenant' },
  template: { subject: `''`, value: 'template' },
  outcome: { subject: `''`, value: 'outcome' },
  latency: { subject: `''`, value: 'latency' },
  model_latency: { subject: `''`, value: `latency || ' ' || model` },
  unpriced: { subject: `''`, value: 'CASE WHEN is_unpriced THEN model END' },
  key: { subject: 'key_id', value: `''` },
  key_model: { subject: 'key_id', value: 'model' },
  key_user: { subject: 'key_id', value: `COALESCE(user_id, '')` },
  key_template: { subject: 'key_id', value: 'template' },
  user: { subject: 'user_id', value: 'tenant' },
  user_model: { subject: 'user_id', value: `tenant || ' ' || model` },
};

/** By whose tags, too. */
const TAG_SUBJECTS = { tag: `''`, key_tag: 'key_id' } as const;

/** In the order of the primary key: numbers are compared in a tenth of the time that texts take. */
const IN_ORDER: readonly DaySeries[] = DAY_SERIES.toSorted();
const numberOf = (series: DaySeries): number => IN_ORDER.indexOf(series) + 1;

/** SQL: its series by its number. */
export const SERIES_NAME = `('{${IN_ORDER.join(',')}}'::text[])[series]`;

const isTagged = (series: DaySeries): series is keyof typeof TAG_SUBJECTS => series in TAG_SUBJECTS;

/** SQL: a fact of `facts` once for each cell that it counts in; `series` is a number. */
export function fannedOut(all: readonly DaySeries[]): string {
  const plain = all.flatMap((series) => (isTagged(series) ? [] : [{ series, ...SOURCES[series] }]));
  const rows = plain.map(({ series, subject, value }) => `(${numberOf(series)}, ${subject}, ${value})`);
  const tagged = all.filter(isTagged).map(
    (series) => `UNION ALL SELECT ${numberOf(series)}, ${TAG_SUBJECTS[series]}, tag.name || '=' || tag.value
        FROM jsonb_each_text(CASE jsonb_typeof(tags) WHEN 'object' THEN tags END) AS tag(name, value)`,
  );
  return `SELECT cell.series, cell.subject, cell.value, facts.quarter, facts.day, ${CELL_SUMS.map((name) => `facts.${name}`).join(', ')}
    FROM facts CROSS JOIN LATERAL (
      SELECT * FROM (VALUES ${rows.join(', ')}) AS each(series, subject, value) WHERE subject IS NOT NULL AND value IS NOT NULL
      ${tagged.join('\n      ')}
    ) AS cell`;
}

const clipped = (sum: string): string => `LEAST(GREATEST(${sum}, -${MOST}), ${MOST})::bigint`;

/** Counts of single rows: INTEGER but for money, and so are far from the end of a BIGINT. */
const OF_ROWS = CELL_SUMS.map((name) => `${MONEY.includes(name) ? clipped(`sum(${name})`) : `sum(${name})`} AS ${name}`).join(', ');
const OF_CELLS = CELL_SUMS.map((name) => `${MONEY.includes(name) ? clipped(`sum(${name})`) : `sum(${name})::bigint`} AS ${name}`).join(
  ', ',
);

/** SQL: the cells of what was fanned out into `relation`, by numbers of series. */
export function cellsOf(relation: string, at: 'quarter' | 'day'): string {
  return `SELECT series, subject, ${at} AS at, value, ${OF_ROWS} FROM ${relation} GROUP BY series, subject, ${at}, value`;
}

const NAMES = [...CELL_NAME, ...CELL_SUMS].join(', ');

const added = (name: string): string =>
  MONEY.includes(name)
    ? `${name} = CASE WHEN excluded.${name} > 0 AND known.${name} > ${MOST} - excluded.${name} THEN ${MOST}
        WHEN excluded.${name} < 0 AND known.${name} < -${MOST} - excluded.${name} THEN -${MOST}
        ELSE known.${name} + excluded.${name} END`
    : `${name} = known.${name} + excluded.${name}`;

/** SQL that adds what a query has to the cells of that name. */
export function addCells(table: CellTable, query: string): string {
  return `INSERT INTO ${table} AS known (${NAMES}) ${query}
      ON CONFLICT (series, subject, at, value) DO UPDATE SET ${CELL_SUMS.map(added).join(', ')}`;
}

const DAYS_ALONE = DAY_SERIES.filter((series) => !(QUARTER_SERIES as readonly string[]).includes(series));
const numbersOf = (all: readonly DaySeries[]): string => all.map(numberOf).join(', ');

const writing = (table: CellTable, cells: string, after: string): string =>
  addCells(
    table,
    `SELECT ${SERIES_NAME}, subject, at, value, ${CELL_SUMS.join(', ')} FROM ${cells} WHERE (SELECT count(*) FROM ${after}) >= 0
      ORDER BY ${cells}.series, subject, at, value`,
  );

/**
 * Steps of a statement (`WITH …`) that add the rows of the step `relation` to their cells. All that is to be worked out comes before the
 * first cell is locked; cells are locked in the order of their keys, quarters first, and after all that the step `after` locks:
 * statements that meet then wait for each other, and never in a circle.
 */
export function countInCells({
  relation,
  sign,
  after,
}: {
  readonly relation: string;
  readonly sign?: string;
  readonly after: string;
}): string {
  return `facts AS (${factsOf(relation, sign)}),
  fan AS MATERIALIZED (${fannedOut(DAY_SERIES)}),
  quarter_cells AS MATERIALIZED (
    ${cellsOf(`fan WHERE series IN (${numbersOf(QUARTER_SERIES)})`, 'quarter')}
  ),
  day_cells AS MATERIALIZED (
    ${cellsOf(`fan WHERE series IN (${numbersOf(DAYS_ALONE)})`, 'day')}
    UNION ALL
    SELECT series, subject, date_bin('1 day', at, '2000-01-01+00'), value, ${OF_CELLS} FROM quarter_cells
    GROUP BY series, subject, date_bin('1 day', at, '2000-01-01+00'), value
  ),
  worked_out AS MATERIALIZED (SELECT FROM day_cells UNION ALL SELECT FROM ${after}),
  quarters AS (
    ${writing('usage_quarters', 'quarter_cells', 'worked_out')}
    RETURNING 1
  ),
  days AS (
    ${writing('usage_days', 'day_cells', 'quarters')}
  )`;
}
