// Turns the cases of a run into tables, as plain text or as Markdown. `node bench/report.mjs [FILE] [--markdown]` prints a stored one.

import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { conditionsOf } from './conditions.mjs';
import {
  admissionTable,
  conversationTable,
  firstFrameTable,
  latencyTable,
  memoryTable,
  plainTable,
  settleTable,
  speedTable,
  streamTable,
  translatedTable,
} from './tables.mjs';

/** @typedef {import('./bench.mjs').Case} Case */
/** @typedef {import('./conditions.mjs').Conditions} Conditions */
/** @typedef {import('./conversation.mjs').Translated} Translated */
/** @typedef {import('./settle-round.mjs').SettleRound} SettleRound */
/** @typedef {import('./tables.mjs').AdmissionRound} AdmissionRound */
/** @typedef {import('./tables.mjs').Table} Table */

/** @typedef {Conditions & { valid: boolean, problems: string[], readyMs: number[], cases: Case[], conversations?: Translated[], admissions?: AdmissionRound[], settlings?: SettleRound[] }} Result one file of `bench/results` */

/** @param {Result} result @param {boolean} markdown */
export function toReport(result, markdown) {
  const tables = [
    plainTable(result.cases, result.stores),
    speedTable(result.cases),
    latencyTable(result.cases),
    streamTable(result.cases),
    translatedTable(result.cases),
    firstFrameTable(result.cases),
    conversationTable(result.conversations ?? []),
    memoryTable(result),
    admissionTable(result.admissions ?? []),
    settleTable(result.settlings ?? []),
  ];
  const parts = tables.filter((table) => table.rows.length > 0).map((table) => (markdown ? toMarkdown(table) : toText(table)));
  return [...parts, conditionsOf(result), ...verdictOf(result)].join('\n\n');
}

/** @param {Result} result */
function verdictOf({ valid, problems, cases }) {
  const notes = [];
  const foreign = Math.max(...cases.map((each) => each.measured.foreignShare));
  if (foreign > 0.05)
    notes.push(`Other programs took up to ${percent(foreign)} of the measured processor: the figures scatter. Best run alone.`);
  const fullest = Math.max(...cases.map(otherLoadOf));
  if (fullest > 0.95)
    notes.push(`Stub, load and stores took up to ${percent(fullest)} of a processor: waiting times there are theirs too.`);
  const slow = cases.filter((each) => each.kind === 'paced' && each.measured.frames / each.measured.seconds < 0.95 * (each.perSecond ?? 0));
  if (slow.length > 0) notes.push(`${slow.length} paced cases fell behind their pace: fewer streams (--streams) suit this machine better.`);
  if (!valid) notes.push(`THIS RUN IS INVALID:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
  return notes;
}

/** The share of one processor that all but the measured process took. @param {Case} each */
function otherLoadOf({ measured: { cpuUs, seconds } }) {
  const others = Object.entries(cpuUs).filter(([name]) => name !== 'server');
  return others.reduce((sum, [, us]) => sum + us, 0) / (seconds * 1e6);
}

/** @param {number} share */
function percent(share) {
  return `${Math.round(share * 100)} %`;
}

/** @param {Table} table */
export function toText({ title, head, rows }) {
  const widths = head.map((name, column) => Math.max(name.length, ...rows.map((row) => (row[column] ?? '').length)));
  const line = (/** @type {string[]} */ cells) =>
    cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join('   ');
  return [title, line(head), ...rows.map(line)].join('\n');
}

/** @param {Table} table */
export function toMarkdown({ title, head, rows }) {
  const line = (/** @type {string[]} */ cells) => `| ${cells.join(' | ')} |`;
  const rule = `|${head.map((_, column) => (column === 0 ? ' --- ' : ' ---: ')).join('|')}|`;
  return [`**${title}**`, '', line(head), rule, ...rows.map(line)].join('\n');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { values, positionals } = parseArgs({ options: { markdown: { type: 'boolean', default: false } }, allowPositionals: true });
  const path = positionals[0] ?? new URL('results/latest.json', import.meta.url);
  console.log(toReport(JSON.parse(readFileSync(path, 'utf8')), values.markdown));
}
