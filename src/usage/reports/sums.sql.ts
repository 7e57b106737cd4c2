import type { Piece, ReadingPlan } from './reading-plan.js';
import type { Scope, Source } from './source.js';
import { DAY_MS } from './spans.js';
import { COLUMNS, type Sums } from './sums.js';

/** A statement and what it is about. Each value has its type in the text, so that the server plans with it. */
export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

export interface SumsQuestion {
  readonly scope: Scope;
  readonly source: Source;
  readonly plan: ReadingPlan;
  /** These names alone. */
  readonly names?: readonly string[];
  readonly figures: readonly (keyof Sums)[];
  /** The most rows; where there are more, the dearest. */
  readonly limit?: number;
}

/** Beyond it, a step in the index for each of their days takes longer than reading all of the table. */
const MOST_DAYS_BY_SUBJECT = 60;
/** What a BIGINT holds. */
const MOST = '9223372036854775807';

export const ALL_FIGURES = Object.keys(COLUMNS) as readonly (keyof Sums)[];

/** Rows as cells have them: one call each. What has no price and no tokens costs nothing. */
const ROW_FIGURES: Readonly<Partial<Record<keyof Sums, string>>> = {
  requests: '1',
  errors: `(ending NOT IN ('complete', 'client_gone'))::int`,
  unpriced: `(price_version IS NULL AND input_tokens + cache_read_tokens + cache_write_5m_tokens + cache_write_1h_tokens
    + output_tokens + audio_input_tokens + audio_output_tokens + image_tokens > 0)::int`,
};

/** The sums of each slot and name that has calls: `slot`, `name`, and the figures asked for. */
export function sumsStatement(question: SumsQuestion): Statement {
  return new SumsStatement(question).build();
}

class SumsStatement {
  private readonly values: unknown[] = [];
  private readonly targets: { piece: number; slot: number; times: number }[] = [];
  private pieces = 0;

  constructor(private readonly question: SumsQuestion) {}

  build(): Statement {
    const { source, plan, figures, limit } = this.question;
    const readings = [
      plan.days.length > 0 && this.cells('usage_days', plan.days),
      plan.quarters.length > 0 && this.cells('usage_quarters', plan.quarters),
      plan.rows.length > 0 && this.rows(plan.rows),
    ].filter((reading) => reading !== false);
    const subjects = source.subject === undefined ? `RECURSIVE subjects AS (${this.subjects()}), ` : '';
    const sums = figures.map((figure) => `${clipped(`sum(times * ${COLUMNS[figure]})`)} AS "${figure}"`).join(', ');
    const [pieces, slots, times] = [
      this.place(this.targets.map(({ piece }) => piece)),
      this.place(this.targets.map(({ slot }) => slot)),
      this.place(this.targets.map((target) => target.times)),
    ];
    const order = limit === undefined ? '' : ` ORDER BY "costNanoUsd" DESC, requests DESC, name LIMIT ${limit}`;
    return {
      text: `WITH ${subjects}reading AS (${readings.join(' UNION ALL ')})
        SELECT slot, name, ${sums}
        FROM reading JOIN unnest(${pieces}::int[], ${slots}::int[], ${times}::int[]) AS target (piece, slot, times) USING (piece)
        GROUP BY slot, name HAVING sum(times * requests) <> 0${order}`,
      values: this.values,
    };
  }

  private cells(table: 'usage_days' | 'usage_quarters', pieces: readonly Piece[]): string {
    const { source, scope } = this.question;
    const conditions = [`series = '${source.series}'`];
    const isScanned = this.isScanned(table, pieces);
    const each = source.subject === undefined && !isScanned;
    if (each) conditions.push('subject = subjects.subject');
    else if (source.subject !== undefined) conditions.push(`subject = ${this.place(source.subject)}::text`);
    if (scope.of === 'user' && scope.tenant !== undefined) {
      const tenant = this.place(scope.tenant);
      conditions.push(source.series === 'user' ? `value = ${tenant}::text` : `starts_with(value, ${tenant}::text || ' ')`);
    }
    const figures = this.question.figures.map((figure) => COLUMNS[figure]).join(', ');
    const columns = `at, ${source.cellName} AS name, ${figures}`;
    return this.summed({ from: table, at: 'at', columns, conditions, each, isScanned }, pieces);
  }

  private rows(pieces: readonly Piece[]): string {
    const { source } = this.question;
    const conditions = [...this.ledgerConditions(pieces), ...(source.rowCondition === undefined ? [] : [source.rowCondition])];
    const figures = this.question.figures.map((figure) => `${ROW_FIGURES[figure] ?? COLUMNS[figure]} AS ${COLUMNS[figure]}`).join(', ');
    const columns = `admitted_at AS at, ${source.rowName} AS name, ${figures}`;
    return this.summed(
      { from: `ledger ${source.rowJoin ?? ''}`, at: 'admitted_at', columns, conditions, each: false, isScanned: false },
      pieces,
    );
  }

  /** The index of end users begins with the tenant: which ones a user has called within, its cells of those days know. */
  private ledgerConditions(pieces: readonly Piece[]): readonly string[] {
    const { scope } = this.question;
    if (scope.of === 'everything') return [];
    if (scope.of === 'key') return [`key_id = ${this.place(scope.keyId)}::text`];
    const user = this.place(scope.userId);
    const tenant = scope.tenant === undefined ? this.tenantsOf(user, pieces) : `${this.place(scope.tenant)}::text`;
    return [`user_id = ${user}::text`, `tenant = ${tenant}`];
  }

  private tenantsOf(user: string, pieces: readonly Piece[]): string {
    const [since, until] = [this.place(timeText(pieces[0]!.since)), this.place(timeText(pieces.at(-1)!.until))];
    return `ANY (ARRAY(SELECT DISTINCT value FROM usage_days WHERE series = 'user' AND subject = ${user}::text
      AND at > ${since}::timestamptz - interval '1 day' AND at < ${until}::timestamptz))`;
  }

  /** Sums by piece and name. Each stretch of time is looked up in the index by itself. */
  private summed(reading: Reading, pieces: readonly Piece[]): string {
    const piece = this.numbered(pieces);
    const stretches = stretchesOf(pieces);
    const found = reading.isScanned ? this.between(stretches[0]!, reading) : this.within(stretches, reading);
    const sums = this.question.figures.map((figure) => `${clipped(`sum(${COLUMNS[figure]})`)} AS ${COLUMNS[figure]}`).join(', ');
    return `SELECT ${piece} AS piece, name, ${sums} FROM ${found} AS cell${this.named(reading.each)} GROUP BY 1, 2`;
  }

  private within(stretches: readonly Stretch[], { from, at, columns, conditions, each }: Reading): string {
    const [since, until] = [
      this.place(stretches.map((stretch) => timeText(stretch.since))),
      this.place(stretches.map((stretch) => timeText(stretch.until))),
    ];
    const where = [...conditions, `${at} >= stretch.since`, `${at} < stretch.until`].join(' AND ');
    return `unnest(${since}::timestamptz[], ${until}::timestamptz[]) AS stretch (since, until) ${each ? 'CROSS JOIN subjects' : ''}
      CROSS JOIN LATERAL (SELECT ${columns} FROM ${from} WHERE ${where} OFFSET 0)`;
  }

  /** The server knows how much it is when it plans, and may share it among workers. */
  private between({ since, until }: Stretch, { from, at, columns, conditions }: Reading): string {
    const [first, last] = [this.place(timeText(since)), this.place(timeText(until))];
    const where = [...conditions, `${at} >= ${first}::timestamptz`, `${at} < ${last}::timestamptz`].join(' AND ');
    return `(SELECT ${columns} FROM ${from} WHERE ${where})`;
  }

  /** Whether it is faster to read the table as it lies, unless few names are wanted. */
  private isScanned(table: string, pieces: readonly Piece[]): boolean {
    const { source, names } = this.question;
    if (table !== 'usage_days' || source.subject !== undefined || names !== undefined) return false;
    const [first, ...others] = stretchesOf(pieces);
    return first !== undefined && others.length === 0 && first.until - first.since > MOST_DAYS_BY_SUBJECT * DAY_MS;
  }

  private named(each: boolean): string {
    const { names } = this.question;
    if (names === undefined || each) return '';
    return ` WHERE name IN (SELECT jsonb_array_elements_text(${this.place(JSON.stringify(names))}::jsonb))`;
  }

  /** All that there are, one step in the index for each. */
  private subjects(): string {
    const { names, source } = this.question;
    if (names !== undefined) return `SELECT jsonb_array_elements_text(${this.place(JSON.stringify(names))}::jsonb) AS subject`;
    return `SELECT * FROM (WITH RECURSIVE step (subject) AS (
        (SELECT min(subject) FROM usage_days WHERE series = '${source.series}')
        UNION ALL
        SELECT (SELECT min(subject) FROM usage_days WHERE series = '${source.series}' AND subject > step.subject) FROM step WHERE step.subject IS NOT NULL
      ) SELECT subject FROM step WHERE subject IS NOT NULL) AS subject`;
  }

  /** SQL for the number of the piece that `at` lies in, over pieces that are apart and sorted. */
  private numbered(pieces: readonly Piece[]): string {
    const before = this.pieces;
    for (const [index, { targets }] of pieces.entries())
      for (const [slot, times] of targets) this.targets.push({ piece: before + index + 1, slot, times });
    this.pieces += pieces.length;
    if (pieces.length === 1) return `${this.pieces}`;
    return `${before} + width_bucket(at, ${this.place(pieces.map(({ since }) => timeText(since)))}::timestamptz[])`;
  }

  private place(value: unknown): string {
    return `$${this.values.push(value)}`;
  }
}

type Stretch = Omit<Piece, 'targets'>;

interface Reading {
  readonly from: string;
  readonly at: string;
  /** `at`, `name` and the figures. */
  readonly columns: string;
  readonly conditions: readonly string[];
  /** For each of the subjects. */
  readonly each: boolean;
  /** In one stretch, as the table lies. */
  readonly isScanned: boolean;
}

/** A provider may report nonsense, and there must still be a report. */
function clipped(sum: string): string {
  return `LEAST(GREATEST(${sum}, -${MOST}), ${MOST})::bigint`;
}

function stretchesOf(pieces: readonly Piece[]): readonly Stretch[] {
  const stretches: Stretch[] = [];
  for (const { since, until } of pieces) {
    const last = stretches.at(-1);
    if (last?.until === since) stretches[stretches.length - 1] = { since: last.since, until };
    else stretches.push({ since, until });
  }
  return stretches;
}

function timeText(ms: number): string {
  return new Date(ms).toISOString();
}
