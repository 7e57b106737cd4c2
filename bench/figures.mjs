// How one figure comes of the cases of all rounds: a median; for ratios and differences, which are taken within a round, the range too.

/** @typedef {import('./bench.mjs').Case} Case */

/** @param {Case[]} cases @param {import('./bench.mjs').Kind} kind @param {import('./bench.mjs').Side} [side] */
export function select(cases, kind, side) {
  return cases.filter((each) => each.kind === kind && (side === undefined || each.side === side));
}

/** Of the cases of one round, with each other. @param {Case[]} left @param {Case[]} right @param {(left: Case, right: Case) => number} compare */
export function pairwise(left, right, compare) {
  return right.flatMap((each) => {
    const other = left.find((candidate) => candidate.round === each.round);
    return other ? [compare(other, each)] : [];
  });
}

/** CPU in microseconds. @param {Case} each */
export function perAnswer({ measured }, group = 'server') {
  return (measured.cpuUs[group] ?? 0) / measured.answers;
}

/** CPU in microseconds. @param {Case} each */
export function perFrame({ measured }) {
  return (measured.cpuUs['server'] ?? 0) / measured.frames;
}

/** @param {Case} each */
export function perSecond({ measured }) {
  return measured.answers / measured.seconds;
}

/** @param {Case[]} cases @param {(each: Case) => number} figure */
export function middle(cases, figure) {
  return median(cases.map((each) => figure(each)));
}

/** @param {number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? (sorted[half] ?? NaN) : ((sorted[half - 1] ?? NaN) + (sorted[half] ?? NaN)) / 2;
}

/** @param {number[]} values @param {number} digits */
export function range(values, digits) {
  return `${Math.min(...values).toFixed(digits)} – ${Math.max(...values).toFixed(digits)}`;
}

/** @param {number} value @param {number} digits */
export function signed(value, digits) {
  return `${value < 0 ? '' : '+'}${value.toFixed(digits)}`;
}

/** @param {number} us */
export function ms(us) {
  return (us / 1000).toFixed(2);
}
