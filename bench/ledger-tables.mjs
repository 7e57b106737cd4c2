// The tables of the ledger drill, each row beside what is to be reached.

/** @typedef {import('./tables.mjs').Table} Table */
/** @typedef {import('./ledger-measure.mjs').Measured} Measured */
/** @typedef {import('./ledger-database.mjs').Size} Size */
/** @typedef {{ rows: number, whole: number, lastMillion: number, withMaking: number, makingCpuShare: number, writingCpuUs: number }} Ingest rows/s; CPU of the writer, µs per row */

const ROWS_PER_SECOND = 10_000;

/** @param {Ingest | undefined} ingest @returns {Table} */
export function ingestTable(ingest) {
  const title = 'Ingest by the gateway’s own store, two statements at a time';
  const head = ['', 'rows/s', 'to reach', ''];
  if (!ingest) return { title, head, rows: [] };
  const { whole, lastMillion, withMaking, makingCpuShare, writingCpuUs } = ingest;
  const line = (/** @type {string} */ name, /** @type {number} */ speed) => {
    return [name, speed.toFixed(0), `≥ ${ROWS_PER_SECOND}`, speed >= ROWS_PER_SECOND ? 'met' : 'MISSED'];
  };
  return {
    title,
    head,
    rows: [
      line('all rows', whole),
      line('the last million', lastMillion),
      [
        'with the time it took to make them',
        withMaking.toFixed(0),
        '',
        `making: ${(makingCpuShare * 100).toFixed(0)} % of the writer's CPU`,
      ],
      ['CPU of the writer besides', `${writingCpuUs.toFixed(1)} µs a row`, '', ''],
    ],
  };
}

/** @param {readonly Size[]} sizes @param {number} rows @returns {Table} */
export function sizeTable(sizes, rows) {
  const perRow = (/** @type {number} */ bytes) => (bytes / rows).toFixed(1);
  const line = (/** @type {string} */ name, /** @type {readonly Size[]} */ of) => {
    const [table, index, cells] = [sum(of, 'tableBytes'), sum(of, 'indexBytes'), sum(of, 'rows')];
    return [name, cells.toFixed(0), perRow(table), perRow(index), perRow(table + index), ((table + index) / 1e6).toFixed(0)];
  };
  const rollUps = sizes.filter(({ name }) => name !== 'ledger');
  return {
    title: 'Disk, in bytes for each row of the ledger',
    head: ['', 'rows', 'table', 'indexes', 'both', 'MB in all'],
    rows: [...sizes.map((size) => line(size.name, [size])), line('all roll-ups', rollUps), line('everything', sizes)],
  };
}

/** @param {readonly Measured[]} all @returns {Table} */
export function answerTable(all) {
  const head = ['route', 'question', 'asked by', 'answers', 'p50', 'p95', 'max', 'cold', 'KB', 'to reach', ''];
  const rows = all.map((each) => {
    const { route, name, by, warmMs, coldMs, bytes, bound } = each;
    const figures = [quantile(warmMs, 0.5), quantile(warmMs, 0.95), quantile(warmMs, 1)].map(ms);
    const cold = coldMs.length > 0 ? coldMs.map(ms).join(' ') : '';
    return [route, name, by, String(warmMs.length), ...figures, cold, (bytes / 1000).toFixed(1), `p95 ≤ ${bound}`, withRefusals(each)];
  });
  return { title: 'Answers by HTTP, ms', head, rows };
}

/** @param {readonly Measured[]} all @returns {Table} */
export function routeTable(all) {
  const rows = [...new Set(all.map(({ route }) => route))].map((route) => {
    const of = all.filter((each) => each.route === route);
    const [warm, cold] = [of.flatMap(({ warmMs }) => warmMs), of.flatMap(({ coldMs }) => coldMs)];
    const bad = of.filter((each) => verdictOf(each) !== 'met').length;
    return [
      route,
      String(of.length),
      ms(quantile(warm, 0.95)),
      ms(quantile(warm, 1)),
      ms(quantile(cold, 0.95)),
      ms(quantile(cold, 1)),
      String(bad),
    ];
  });
  return { title: 'Routes in all, ms', head: ['route', 'questions', 'warm p95', 'max', 'cold p95', 'max', 'not met'], rows };
}

/** @param {Measured} measured */
export function verdictOf({ warmMs, coldMs, bound, failures }) {
  const [failed] = Object.keys(failures);
  if (failed !== undefined) return `NO ANSWER: ${failed}`;
  if (quantile(warmMs, 0.95) > bound) return 'MISSED';
  return quantile(coldMs, 0.95) > bound ? 'MISSED when cold' : 'met';
}

/** @param {Measured} measured */
function withRefusals(measured) {
  const { refusals } = measured;
  return `${verdictOf(measured)}${refusals > 0 ? ` (${refusals} refused: too many rows)` : ''}`;
}

/** NaN of nothing. @param {readonly number[]} values @param {number} share */
function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN;
}

/** @param {number} value */
function ms(value) {
  return Number.isNaN(value) ? '–' : value.toFixed(value < 10 ? 1 : 0);
}

/** @param {readonly Size[]} sizes @param {'tableBytes' | 'indexBytes' | 'rows'} figure */
function sum(sizes, figure) {
  return sizes.reduce((all, size) => all + size[figure], 0);
}
