import { Readable } from 'node:stream';
import { formatUsd } from '../../core/money.js';
import { type Cell, toCsvLine } from '../requests/csv.js';
import type { Grouping } from './groupings.js';
import type { ReportRow } from './report-reading.js';
import { COLUMNS, type Sums } from './sums.js';
import { rowLatencyOf, toNames } from './to-report.js';
import type { Report } from './usage-reports.js';

/** How long the event loop is held up for at a time: some milliseconds. */
const CHUNK = 200;

const HEADINGS: Readonly<Record<keyof Sums, string>> = { ...COLUMNS, unpriced: 'unpriced_requests' };
const FIGURES = Object.keys(HEADINGS) as readonly (keyof Sums)[];
const NAMES: Readonly<Partial<Record<Grouping, readonly string[]>>> = { key: ['key', 'key_name'], team: ['team', 'team_name'] };
const PERCENTILES = ['p50', 'p90', 'p95', 'p99'] as const;

/** The rows as a table, or all together as one; made as fast as it is taken. */
export function toCsv(report: Report): Readable {
  return Readable.from(linesOf(report));
}

function* linesOf(report: Report): Generator<string, void> {
  const names = namesOf(report);
  yield toCsvLine([...names, ...FIGURES.map((figure) => HEADINGS[figure]), 'cost_usd', ...PERCENTILES.map((name) => `latency_${name}_ms`)]);
  const rows = names.length > 0 ? report.rows : [{ slot: 0, name: undefined, isOther: false, sums: report.totals.whole }];
  for (let at = 0; at < rows.length; at += CHUNK)
    yield rows
      .slice(at, at + CHUNK)
      .map((row) => toCsvLine(cellsOf(report, names, row)))
      .join('');
}

function namesOf({ shape: { interval, groupBy } }: Report): readonly string[] {
  return [...(interval ? ['start'] : []), ...(groupBy ? [...(NAMES[groupBy] ?? [groupBy]), 'other'] : [])];
}

function cellsOf(report: Report, names: readonly string[], row: ReportRow): readonly Cell[] {
  const named = toNames(report, row) as Readonly<Record<string, Cell | undefined>>;
  const latency = rowLatencyOf(report, row);
  return [
    ...names.map((name) => named[name] ?? (name === 'other' ? false : null)),
    ...FIGURES.map((figure) => row.sums[figure]),
    formatUsd(row.sums.costNanoUsd),
    ...PERCENTILES.map((name) => latency?.[name] ?? null),
  ];
}
