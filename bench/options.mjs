// The command line of `npm run bench`.

import { parseArgs } from 'node:util';

/**
 * How long things take and how hard they are driven. Each process first answers `warmupCalls`, and a fifth as many streams: its
 * code is compiled by then (a gateway's first thousand calls cost five times what later ones do).
 * @typedef {object} Plan
 * @property {number} rounds
 * @property {number} warmupCalls
 * @property {number} windowMs
 * @property {readonly number[]} connections
 * @property {boolean} withLatency latency at half load, and time to the first frame
 * @property {boolean} withFast streams whose chunks come coalesced
 * @property {boolean} withHidden streams of clients that do not ask for usage
 * @property {number} streams
 * @property {number} chunksPerSecond of each paced stream
 */

/**
 * @typedef {object} Options
 * @property {Plan} plan
 * @property {'plain' | 'streams' | 'admission' | 'settle' | undefined} only
 * @property {boolean} markdown
 * @property {string} entry
 * @property {number} modelLatencyMs
 * @property {Record<string, string>} stores
 */

const FULL = { warmupCalls: 15_000, windowMs: 2000, connections: [32, 8, 2], withLatency: true, withFast: true, withHidden: true };
const QUICK = { warmupCalls: 10_000, windowMs: 800, connections: [32, 8], withLatency: false, withFast: false, withHidden: false };

export const USAGE = `npm run bench -- [options]
  --quick                 under a minute: fewer cases, shorter windows
  --only plain|streams    one half of it
  --only admission        admitting and settling calls, without the calls; needs --redis-url
  --only settle           settling calls, from their end to their stored rows, without the calls and without admission
  --rounds N              rounds, each with fresh processes (default 3)
  --streams N             paced streams open at once (default 200)
  --chunks-per-second N   of each paced stream (default 50)
  --model-latency-ms N    how long the upstream stub thinks (default 0)
  --database-url URL, --redis-url URL   external stores instead of the embedded ones
  --entry FILE            the build to measure (default dist/main.js)
  --markdown              the table in Markdown
  --help

npm run bench -- ledger [options]   the ledger of ten million rows; --help lists its options`;

const FLAGS = /** @type {const} */ ({
  quick: { type: 'boolean', default: false },
  only: { type: 'string' },
  rounds: { type: 'string', default: '3' },
  streams: { type: 'string', default: '200' },
  'chunks-per-second': { type: 'string', default: '50' },
  'model-latency-ms': { type: 'string', default: '0' },
  'database-url': { type: 'string' },
  'redis-url': { type: 'string' },
  entry: { type: 'string', default: 'dist/main.js' },
  markdown: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
});

/** @param {string[]} args @returns {Options | undefined} undefined if only help is wanted */
export function parseOptions(args) {
  const { values } = parseArgs({ args, options: FLAGS });
  if (values.help) return undefined;
  const only = values.only;
  if (only !== undefined && only !== 'plain' && only !== 'streams' && only !== 'admission' && only !== 'settle')
    throw new Error('--only: expected plain, streams, admission or settle');
  const pace = { streams: whole('streams', values.streams), chunksPerSecond: whole('chunks-per-second', values['chunks-per-second']) };
  if (1000 % pace.chunksPerSecond !== 0) throw new Error('--chunks-per-second: expected a divisor of 1000');
  const plan = { rounds: whole('rounds', values.rounds), ...(values.quick ? QUICK : FULL), ...pace };
  const { 'database-url': database, 'redis-url': redis } = values;
  if (only === 'admission' && !redis) throw new Error('--only admission: needs --redis-url');
  const stores = { ...(database && { DATABASE_URL: database }), ...(redis && { REDIS_URL: redis }) };
  const modelLatencyMs = Number(values['model-latency-ms']);
  return { plan, only, markdown: values.markdown, entry: values.entry, modelLatencyMs, stores };
}

/** @param {string} name @param {string} text */
function whole(name, text) {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name}: expected a whole number from 1, found "${text}"`);
  return value;
}
