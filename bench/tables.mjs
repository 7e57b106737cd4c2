// The tables of a report, each row with what the design wants reached.

import { median, middle, ms, pairwise, perAnswer, perFrame, perSecond, range, select, signed } from './figures.mjs';

/** @typedef {import('./bench.mjs').Case} Case */
/** @typedef {import('./bench.mjs').Kind} Kind */
/** @typedef {import('./bench.mjs').Side} Side */
/** @typedef {import('./admission.mjs').Admissions} Admissions */
/** @typedef {{ loaded: Admissions, paced: Admissions }} AdmissionRound */
/** @typedef {{ title: string, head: string[], rows: string[][] }} Table */

/** @param {Case[]} cases @param {Record<string, string>} stores @returns {Table} */
export function plainTable(cases, stores) {
  const names = stores['redis'] === 'external' ? ['postgres', 'redis'] : ['postgres'];
  const toReach = names.length > 1 ? '≤ 2.0' : '≤ 1.6';
  const rows = plainCases(cases).map(([connections, floor, tollgate]) => {
    const ratios = pairwise(floor, tollgate, (a, b) => perAnswer(b) / perAnswer(a));
    const costs = [floor, tollgate].map((side) => middle(side, (each) => perAnswer(each)).toFixed(1));
    const ofStores = names.map((name) => middle(tollgate, (each) => perAnswer(each, name)).toFixed(1));
    return [String(connections), ...costs, median(ratios).toFixed(2), range(ratios, 2), connections > 2 ? toReach : '', ...ofStores];
  });
  const head = ['connections', 'floor µs', 'Tollgate µs', 'ratio', 'range', 'to reach', ...names.map((name) => `+ ${name} µs`)];
  return { title: 'Plain calls: CPU of the server per call', head, rows };
}

/** @param {Case[]} cases @returns {Table} */
export function speedTable(cases) {
  const rows = plainCases(cases).map(([connections, ...sides]) => {
    const speeds = sides.map((side) => middle(side, perSecond).toFixed(0));
    const quantile = (/** @type {Case[]} */ side, /** @type {'p50' | 'p99'} */ at) =>
      ms(middle(side, ({ measured }) => measured.latency[at]));
    return [String(connections), ...speeds, ...sides.map((side) => `${quantile(side, 'p50')} / ${quantile(side, 'p99')}`)];
  });
  const head = ['connections', 'floor calls/s', 'Tollgate calls/s', 'floor p50 / p99 ms', 'Tollgate p50 / p99 ms'];
  return { title: 'Plain calls, as fast as one processor goes', head, rows };
}

/** @param {Case[]} cases @returns {[connections: number, floor: Case[], tollgate: Case[]][]} */
function plainCases(cases) {
  const counts = [...new Set(select(cases, 'plain').map((each) => each.connections))].sort((a, b) => b - a);
  const of = (/** @type {Side} */ side, /** @type {number} */ connections) =>
    select(cases, 'plain', side).filter((each) => each.connections === connections);
  return counts.map((connections) => [connections, of('floor', connections), of('tollgate', connections)]);
}

/** @param {Case[]} cases @returns {Table} */
export function latencyTable(cases) {
  const rate = median(select(cases, 'half-load').map((each) => each.perSecond ?? 0));
  const rows = addedRows(cases, 'half-load', ['direct', 'floor', 'tollgate'], (measured) => measured.latency, '≤ 0.5 / 3');
  return { title: `Plain calls at half load (${rate} a second): time to the answer`, head: addedHead(), rows };
}

/** @param {Case[]} cases @returns {Table} */
export function firstFrameTable(cases) {
  const rows = addedRows(cases, 'first-frame', ['direct', 'pipe', 'relayed', 'hidden'], (measured) => measured.firstFrame, '≤ 0.7 / 4');
  const rate = select(cases, 'first-frame')[0]?.perSecond;
  return { title: `Streams, ${rate} begun a second: time to the first frame`, head: addedHead(), rows };
}

/** @param {Case[]} cases @returns {Table} */
export function streamTable(cases) {
  const head = [
    'chunks',
    'pipe µs',
    'relayed µs',
    'above pipe',
    'range',
    'usage hidden µs',
    'above pipe',
    'range',
    'to reach',
    'relayed gap p99/max ms',
  ];
  /** @type {[Kind, string, string][]} */
  const kinds = [
    ['paced', 'one per segment', '≤ 3 above'],
    ['fast', 'coalesced', '≤ 2.5'],
  ];
  const rows = kinds.flatMap(([kind, name, toReach]) => {
    const [pipe, relayed, hidden] = [select(cases, kind, 'pipe'), select(cases, kind, 'relayed'), select(cases, kind, 'hidden')];
    if (relayed.length === 0) return [];
    const above = (/** @type {Case[]} */ side) => pairwise(pipe, side, (a, b) => perFrame(b) - perFrame(a));
    const cells = [relayed, hidden].flatMap((side) =>
      side.length === 0 ? ['', '', ''] : [middle(side, perFrame).toFixed(1), signed(median(above(side)), 1), range(above(side), 1)],
    );
    if (kind === 'fast') return [[name, middle(pipe, perFrame).toFixed(1), ...cells, toReach, '']];
    const gap = `${ms(middle(relayed, (each) => each.measured.gap.p99))} / ${ms(Math.max(...relayed.map((each) => each.measured.gap.max)))}`;
    return [[name, middle(pipe, perFrame).toFixed(1), ...cells, toReach, gap]];
  });
  const { connections, perSecond: pace } = select(cases, 'paced')[0] ?? { connections: 0, perSecond: 0 };
  return { title: `Streams: CPU of the server per chunk (${connections} streams paced to ${pace} chunks a second together)`, head, rows };
}

/** @param {Case[]} cases @returns {Table} */
export function translatedTable(cases) {
  const [pipe, translated] = [select(cases, 'paced', 'pipe'), select(cases, 'paced', 'translated')];
  const above = pairwise(pipe, translated, (a, b) => perFrame(b) - perFrame(a));
  const costs = [pipe, translated].map((side) => (side.length === 0 ? '' : middle(side, perFrame).toFixed(1)));
  return {
    title: 'Streams from Messages to Chat Completions: CPU of the server per chunk, one per segment',
    head: ['', 'pipe µs', 'translated µs', 'above pipe', 'range', 'to reach'],
    rows: above.length > 0 ? [['', ...costs, signed(median(above), 1), range(above, 1), '≤ 10 above']] : [],
  };
}

/** @param {AdmissionRound[]} rounds @returns {Table} */
export function admissionTable(rounds) {
  const row = (/** @type {string} */ name, /** @type {Admissions[]} */ of, /** @type {string} */ toReach) => {
    const cpu = of.map(({ cpuUs }) => cpuUs);
    const [rate, p50, p99] = [of.map((each) => each.perSecond), of.map((each) => each.p50 * 1000), of.map((each) => each.p99 * 1000)];
    return [name, median(rate).toFixed(0), median(cpu).toFixed(1), range(cpu, 1), ms(median(p50)), ms(median(p99)), toReach];
  };
  const [loaded, paced] = [rounds.map((round) => round.loaded), rounds.map((round) => round.paced)];
  return {
    title: 'Admission and settling in Redis, for each call',
    head: ['', 'calls/s', 'CPU µs', 'range', 'p50 ms', 'p99 ms', 'to reach'],
    rows: rounds.length === 0 ? [] : [row('32 at a time', loaded, '≤ 35 µs'), row('paced', paced, 'p99 ≤ 2 ms')],
  };
}

/** @param {import('./settle-round.mjs').SettleRound[]} rounds @returns {Table} */
export function settleTable(rounds) {
  const row = (/** @type {string} */ name, /** @type {import('./settle-round.mjs').Settling[]} */ of) => {
    const together = of.map(({ queueUs, insertUs }) => queueUs + insertUs);
    const [queue, insert, postgres] = [of.map((each) => each.queueUs), of.map((each) => each.insertUs), of.map((each) => each.postgresUs)];
    const rate = median(of.map((each) => each.perSecond)).toFixed(0);
    return [
      name,
      rate,
      ...[queue, insert, together].map((us) => median(us).toFixed(1)),
      range(together, 1),
      '≤ 8',
      median(postgres).toFixed(0),
    ];
  };
  const [loaded, paced] = [rounds.map((round) => round.loaded), rounds.map((round) => round.paced)];
  return {
    title: 'Settling besides admission: CPU of the gateway for each call',
    head: ['', 'calls/s', 'up to the queue µs', 'batch insert µs', 'together µs', 'range', 'to reach', '+ postgres µs'],
    rows: rounds.length === 0 ? [] : [row('32 at a time', loaded), row('paced', paced)],
  };
}

/** @param {import('./conversation.mjs').Translated[]} conversations @returns {Table} */
export function conversationTable(conversations) {
  return {
    title: 'A conversation of 200 messages, 400 KB and 20 tools, from the parsed body to the bytes for a provider',
    head: ['client', 'provider', 'ms', 'to reach'],
    rows: conversations.map(({ from, to, ms: took }) => [from, to, took.toFixed(2), '≤ 5']),
  };
}

/** @param {{ cases: Case[], readyMs: number[] }} result @returns {Table} */
export function memoryTable({ cases, readyMs }) {
  const peak = (/** @type {Kind} */ kind, /** @type {Side} */ side) =>
    Math.max(0, ...select(cases, kind, side).map((each) => each.measured.rssBytes));
  const megabytes = (/** @type {number} */ bytes) => (bytes > 0 ? `${(bytes / 2 ** 20).toFixed(0)} MB` : '');
  const row = [megabytes(peak('plain', 'floor')), megabytes(peak('plain', 'tollgate')), megabytes(peak('paced', 'relayed'))];
  return {
    title: 'Memory and start',
    head: ['', 'floor RSS', 'Tollgate RSS, plain calls', 'Tollgate RSS, streams', 'start to ready'],
    rows: readyMs.length > 0 ? [['', ...row, `${(median(readyMs) / 1000).toFixed(2)} s`]] : [],
  };
}

function addedHead() {
  return ['', 'p50 ms', 'p99 ms', 'added p50', 'added p99', 'to reach'];
}

/**
 * @param {Case[]} cases
 * @param {Kind} kind
 * @param {Side[]} sides the first is what the others add to
 * @param {(measured: Case['measured']) => { p50: number, p99: number }} timesOf
 * @param {string} toReach
 */
function addedRows(cases, kind, sides, timesOf, toReach) {
  const base = select(cases, kind, sides[0]);
  return sides.flatMap((side) => {
    const of = select(cases, kind, side);
    if (of.length === 0) return [];
    const quantile = (/** @type {'p50' | 'p99'} */ at) => ms(middle(of, (each) => timesOf(each.measured)[at]));
    const added = (/** @type {'p50' | 'p99'} */ at) =>
      ms(median(pairwise(base, of, (a, b) => timesOf(b.measured)[at] - timesOf(a.measured)[at])));
    const isOurs = side === 'tollgate' || side === 'relayed' || side === 'hidden';
    const cells = side === sides[0] ? ['', '', ''] : [added('p50'), added('p99'), isOurs ? toReach : ''];
    return [[NAMES[side], quantile('p50'), quantile('p99'), ...cells]];
  });
}

/** @type {Record<Side, string>} */
const NAMES = {
  direct: 'upstream stub alone',
  floor: 'floor',
  pipe: 'bare pipe',
  tollgate: 'Tollgate',
  relayed: 'Tollgate, relayed',
  hidden: 'Tollgate, usage hidden',
  translated: 'Tollgate, translated',
};
