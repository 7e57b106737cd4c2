// The command line of `npm run bench -- ledger`.

import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

/**
 * @typedef {object} DrillOptions
 * @property {number} rows
 * @property {number} months
 * @property {number} seed
 * @property {number} untilMs when the last row was admitted, epoch milliseconds
 * @property {string | undefined} keep where the filled database is to stay
 * @property {string | undefined} reuse where a filled one is
 * @property {number} warm requests for each question, of which none is counted cold
 * @property {number} cold requests for each question after a restart
 * @property {string | undefined} only questions whose name has this in it
 * @property {boolean} markdown
 * @property {string} entry
 */

export const LEDGER_USAGE = `npm run bench -- ledger [options]
  --rows N           rows of the ledger (default 10000000)
  --months N         over which they are spread (default 13)
  --seed N           another one makes other rows (default 1)
  --until TIME       when the last row was admitted (default now)
  --keep DIR         leave the filled database in this folder
  --reuse DIR        measure one that was kept, without filling it anew
  --warm N           requests for each question while all is warm (default 20)
  --cold N           requests for each question after a restart with nothing in memory (default 2; 0 = none)
  --only TEXT        only questions whose name has this in it
  --entry FILE       the build to measure (default dist/main.js)
  --markdown         the tables in Markdown`;

const FLAGS = /** @type {const} */ ({
  rows: { type: 'string', default: '10000000' },
  months: { type: 'string', default: '13' },
  seed: { type: 'string', default: '1' },
  until: { type: 'string' },
  keep: { type: 'string' },
  reuse: { type: 'string' },
  warm: { type: 'string', default: '20' },
  cold: { type: 'string', default: '2' },
  only: { type: 'string' },
  entry: { type: 'string', default: 'dist/main.js' },
  markdown: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
});

/** @param {string[]} args @returns {DrillOptions | undefined} undefined if only help is wanted */
export function parseDrillOptions(args) {
  const { values } = parseArgs({ args, options: FLAGS });
  if (values.help) return undefined;
  if (values.keep !== undefined && values.reuse !== undefined) throw new Error('--keep, --reuse: one of them, for what is reused is kept');
  const untilMs = values.until === undefined ? Date.now() : Date.parse(values.until);
  if (Number.isNaN(untilMs)) throw new Error(`--until: expected a time such as 2026-11-01T12:00:00Z, found "${values.until}"`);
  return {
    rows: whole('rows', values.rows, 1),
    months: whole('months', values.months, 1),
    seed: whole('seed', values.seed, 0),
    untilMs,
    keep: toPath(values.keep),
    reuse: toPath(values.reuse),
    warm: whole('warm', values.warm, 1),
    cold: whole('cold', values.cold, 0),
    only: values.only,
    markdown: values.markdown,
    entry: values.entry,
  };
}

/** @param {string | undefined} folder */
function toPath(folder) {
  return folder === undefined ? undefined : resolve(folder);
}

/** @param {string} name @param {string} text @param {number} least */
function whole(name, text, least) {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least) throw new Error(`--${name}: expected a whole number from ${least}, found "${text}"`);
  return value;
}
