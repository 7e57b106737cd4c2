// `npm run bench -- ledger`: fills a ledger by the gateway's own store, and asks a gateway over it everything that reads much.

import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Companion } from './child.mjs';
import { DrillDatabase, FORGETTING, monthsBefore } from './ledger-database.mjs';
import { Measure } from './ledger-measure.mjs';
import { LEDGER_USAGE, parseDrillOptions } from './ledger-options.mjs';
import { makePopulation } from './ledger-population.mjs';
import { makeQuestions } from './ledger-questions.mjs';
import { answerTable, ingestTable, routeTable, sizeTable, verdictOf } from './ledger-tables.mjs';
import { readConditions } from './conditions.mjs';
import { toMarkdown, toText } from './report.mjs';
import { startTollgate } from './tollgate.mjs';

/** @typedef {import('./ledger-options.mjs').DrillOptions} DrillOptions */
/** @typedef {import('./ledger-measure.mjs').Measured} Measured */
/** @typedef {import('./ledger-tables.mjs').Ingest} Ingest */
/** @typedef {import('./ledger-writer.mjs').Written} Written */
/** @typedef {import('./ledger-rows.mjs').Fill & { months: number }} Filled what a kept database is filled with */
/** @typedef {{ filled: Filled, ingest: Ingest | undefined, sizes: import('./ledger-database.mjs').Size[], answers: Measured[], settings: string }} Findings */

const ROOT = resolve(import.meta.dirname, '..');
const RESULTS = resolve(import.meta.dirname, 'results');
const FILLED = 'ledger-drill.json';
const STEP = 20_000;
const LAST = 1_000_000;
const ADMINS = 60;
const SAMPLES = 200;
/** Questions that follow the same restart: of unlike kinds, so that what one has read does not help the next. */
const TOGETHER = 4;

/** @param {string[]} args */
export async function runLedgerDrill(args) {
  const options = parseDrillOptions(args);
  if (!options) return console.log(LEDGER_USAGE);
  const entry = resolve(ROOT, options.entry);
  if (!existsSync(entry)) throw new Error(`There is no ${options.entry}. Build first: npm run build`);
  const known = options.reuse === undefined ? undefined : readFilled(options.reuse);
  const folder = options.reuse ?? options.keep ?? mkdtempSync(join(realpathSync(tmpdir()), 'tollgate-ledger-'));
  mkdirSync(folder, { recursive: true });
  const database = await DrillDatabase.start(entry, folder);
  try {
    const { filled, ingest } = known ? { filled: known, ingest: undefined } : await fill(database, entry, folder, options);
    const findings = { filled, ingest, settings: await database.settings(), sizes: await database.sizes() };
    const result = toResult(options, { ...findings, answers: await askAll(database, entry, filled, options) });
    store(result);
    console.log(toReport(result, options.markdown));
    if (result.missed > 0) process.exitCode = 1;
  } finally {
    await database.stop();
    if (options.keep === undefined && options.reuse === undefined) database.remove();
  }
}

/** @param {DrillDatabase} database @param {string} entry @param {string} folder @param {DrillOptions} options @returns {Promise<{ filled: Filled, ingest: Ingest }>} */
async function fill(database, entry, folder, { rows, months, seed, untilMs }) {
  if (existsSync(join(folder, FILLED))) throw new Error(`${folder} is filled already: --reuse measures it as it is.`);
  const filled = { rows, months, seed, untilMs, sinceMs: monthsBefore(untilMs, months) };
  await database.prepare(filled);
  const writer = await Companion.start('./ledger-writer.mjs', [entry, database.url, JSON.stringify(filled)]);
  /** @type {Written[]} */
  const steps = [];
  for (let written = 0; ;) {
    /** @type {Written} */
    const step = await writer.ask({ rows: STEP });
    if (step.rows === 0) break;
    steps.push(step);
    written += step.rows;
    if (steps.length % 10 === 0 || written === rows) {
      console.error(`${written} of ${rows} rows, now ${speedOf(steps.slice(-10)).toFixed(0)} a second`);
    }
  }
  await writer.stop();
  console.error('vacuum and analyze, as Postgres does by itself within minutes');
  await database.settle();
  writeFileSync(join(folder, FILLED), JSON.stringify(filled));
  return { filled, ingest: toIngest(steps) };
}

/** @param {readonly Written[]} steps @returns {Ingest} */
function toIngest(steps) {
  const sum = (/** @type {keyof Written} */ figure) => steps.reduce((all, step) => all + step[figure], 0);
  const rows = sum('rows');
  return {
    rows,
    whole: speedOf(steps),
    lastMillion: speedOf(steps.slice(-Math.ceil(LAST / STEP))),
    withMaking: (rows * 1000) / (sum('writingMs') + sum('makingMs')),
    makingCpuShare: sum('makingCpuUs') / (sum('makingCpuUs') + sum('writingCpuUs')),
    writingCpuUs: sum('writingCpuUs') / rows,
  };
}

/** Rows/s while they were written. @param {readonly Written[]} steps */
function speedOf(steps) {
  const [rows, ms] = steps.reduce(([sum, time], step) => [sum + step.rows, time + step.writingMs], [0, 0]);
  return (rows * 1000) / ms;
}

/** @param {DrillDatabase} database @param {string} entry @param {Filled} filled @param {DrillOptions} options @returns {Promise<Measured[]>} */
async function askAll(database, entry, filled, { warm, cold, only }) {
  const admins = Array.from({ length: ADMINS }, () => randomBytes(16).toString('hex'));
  const stores = {
    DATABASE_URL: database.url,
    ADMIN_API_KEYS: admins.map((key, index) => `drill${index}=${key}`).join(','),
    LEDGER_RETENTION_DAYS: '0',
  };
  const calls = await sampleCalls(database, filled);
  const gateway = await startTollgate({ entry, upstreamPort: 9, pinning: undefined, stores });
  try {
    const scope = { ...filled, population: makePopulation(filled.seed), calls };
    const measure = new Measure({ port: gateway.port, admins }, scope);
    const questions = makeQuestions().filter(({ route, name }) => only === undefined || `${route} ${name}`.includes(only));
    console.error(`${questions.length} questions, warm`);
    /** @type {[import('./ledger-questions.mjs').Question, Measured][]} */
    const asked = [];
    for (const question of questions) asked.push([question, await measure.warm(question, warm)]);
    for (let round = 1; round <= cold; round += 1) {
      console.error(`cold, ${round} of ${cold}: Postgres is restarted with nothing in memory before every ${TOGETHER} questions`);
      for (const group of groupsOf(asked, round)) {
        await database.restartCold();
        await measure.untilReady();
        for (const [question, measured] of group) await measure.cold(question, measured);
      }
    }
    return asked.map(([, measured]) => measured);
  } finally {
    await gateway.stop();
  }
}

/** Of what was answered. Who comes first changes with the round. @param {readonly [import('./ledger-questions.mjs').Question, Measured][]} asked @param {number} round */
function groupsOf(asked, round) {
  const answered = asked.filter(([, { warmMs }]) => warmMs.length > 0);
  const count = Math.ceil(answered.length / TOGETHER);
  return Array.from({ length: count }, (_, first) => {
    const group = answered.filter((_each, index) => index % count === first);
    return [...group.slice(round % TOGETHER), ...group.slice(0, round % TOGETHER)];
  });
}

/** Calls at moments that are evenly spread. @param {DrillDatabase} database @param {Filled} filled @returns {Promise<{ callId: string, requestId: string, keyId: string }[]>} */
function sampleCalls(database, { sinceMs, untilMs }) {
  return database.query(
    `SELECT calls.* FROM generate_series(0, $1::int - 1) AS part, LATERAL (
       SELECT call_id AS "callId", request_id AS "requestId", key_id AS "keyId" FROM ledger
       WHERE admitted_at >= $2::timestamptz + ($3::timestamptz - $2::timestamptz) * part / $1::int ORDER BY admitted_at LIMIT 1) AS calls`,
    [SAMPLES, new Date(sinceMs), new Date(untilMs)],
  );
}

/** @param {string} folder @returns {Filled} */
function readFilled(folder) {
  const path = join(folder, FILLED);
  if (!existsSync(path)) throw new Error(`${folder} has no filled database: --keep makes one.`);
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** @param {DrillOptions} options @param {Findings} findings */
function toResult({ entry, markdown, warm, cold }, findings) {
  const { date, commit, changed, machine } = readConditions(
    { plan: NO_PLAN, only: undefined, markdown, entry, modelLatencyMs: 0, stores: {} },
    undefined,
  );
  const slow = findings.answers.filter((each) => verdictOf(each) !== 'met').length;
  const late = findings.ingest && (findings.ingest.whole < 10_000 || findings.ingest.lastMillion < 10_000) ? 1 : 0;
  return { date, commit, changed, machine, warm, cold, forgetting: FORGETTING ?? null, missed: slow + late, ...findings };
}

const NO_PLAN = {
  rounds: 0,
  warmupCalls: 0,
  windowMs: 0,
  connections: [],
  withLatency: false,
  withFast: false,
  withHidden: false,
  streams: 0,
  chunksPerSecond: 0,
};

/** @param {ReturnType<typeof toResult>} result @param {boolean} markdown */
function toReport({ filled, ingest, sizes, answers, missed, settings, ...conditions }, markdown) {
  const tables = [ingestTable(ingest), sizeTable(sizes, filled.rows), answerTable(answers), routeTable(answers)];
  const parts = tables.filter(({ rows }) => rows.length > 0).map((table) => (markdown ? toMarkdown(table) : toText(table)));
  const { date, commit, changed, machine, warm, cold, forgetting } = conditions;
  return [
    ...parts,
    [
      `${date.slice(0, 10)}, commit ${commit}${changed ? ' with changes' : ''}; ${machine.cpu}, ${machine.cpus} CPUs, Node ${machine.node}, ${machine.system}.`,
      `${filled.rows} rows over ${filled.months} months until ${new Date(filled.untilMs).toISOString()}, seed ${filled.seed}. Postgres embedded: ${settings}.`,
      `Each question ${warm} times while warm${cold > 0 ? `, ${cold} times cold: Postgres restarted before every ${TOGETHER} questions, ${forgetting ?? 'the system’s own memory of its files NOT emptied'}` : ''}.`,
    ].join('\n'),
    missed > 0 ? `${missed} of the bounds are NOT met.` : 'All bounds are met.',
  ].join('\n\n');
}

/** @param {ReturnType<typeof toResult>} result */
function store(result) {
  mkdirSync(RESULTS, { recursive: true });
  const text = `${JSON.stringify(result, null, 1)}\n`;
  const name = `${result.date.slice(0, 16).replace(':', '')}-${result.commit}-ledger.json`;
  for (const file of [name, 'latest-ledger.json']) writeFileSync(resolve(RESULTS, file), text);
}
