// `npm run bench`: Tollgate beside a floor that does nothing but forward, on this machine, in one run. README.md says how to read it.

import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Bench } from './bench.mjs';
import { Companion, stopAll } from './child.mjs';
import { readConditions } from './conditions.mjs';
import { keepOneFree } from './cpu.mjs';
import { runLedgerDrill } from './ledger.mjs';
import { USAGE, parseOptions } from './options.mjs';
import { plainRound } from './plain.mjs';
import { toReport } from './report.mjs';
import { settleRounds } from './settle-round.mjs';
import { streamRound } from './streams.mjs';
import { startTollgate } from './tollgate.mjs';

/** @typedef {import('./cpu.mjs').Pinning} Pinning */
/** @typedef {import('./options.mjs').Options} Options */

const ROOT = resolve(import.meta.dirname, '..');
const ADMISSION_WARMUP_MS = 3_000;
const RESULTS = resolve(import.meta.dirname, 'results');

let isInterrupted = false;
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    if (isInterrupted) process.exit(130);
    isInterrupted = true;
    void stopAll().then(() => process.exit(130));
  });
}

/** @param {Options} options */
async function run(options) {
  const entry = resolve(ROOT, options.entry);
  if (!existsSync(entry)) throw new Error(`There is no ${options.entry}. Build first: npm run build`);
  const pinning = keepOneFree();
  if (!pinning) console.error('Not pinned: taskset is missing, or there is one CPU only. Ratios will scatter more.');
  const conditions = readConditions(options, pinning);
  if (options.only === 'settle') {
    const settlings = await settleRounds(entry, options.plan, pinning);
    return report({ ...conditions, valid: true, problems: [], readyMs: [], cases: [], settlings }, options.markdown);
  }
  const bench = await Bench.start({ modelLatencyMs: options.modelLatencyMs, serverCpu: pinning?.server });
  /** @type {number[]} */
  const readyMs = [];
  /** @type {import('./tables.mjs').AdmissionRound[]} */
  const admissions = [];
  for (let round = 1; round <= options.plan.rounds; round += 1) {
    console.error(`round ${round} of ${options.plan.rounds}`);
    if (options.only === 'admission') admissions.push(await measureAdmission(entry, options, pinning));
    else readyMs.push(await runRound(bench, round, entry, options, pinning));
  }
  await bench.stop();
  const conversations =
    options.only === 'plain' || options.only === 'admission' ? [] : await translateConversations(entry, pinning?.server);
  const valid = bench.problems.length === 0;
  report({ ...conditions, valid, problems: bench.problems, readyMs, cases: bench.cases, conversations, admissions }, options.markdown);
}

/** @param {import('./report.mjs').Result} result @param {boolean} markdown */
function report(result, markdown) {
  store(result);
  console.log(toReport(result, markdown));
  if (!result.valid) process.exitCode = 1;
}

/** Fresh processes: one that happens to be compiled well or badly must not decide a whole run. Returns how long Tollgate took to start. @param {Bench} bench @param {number} round @param {string} entry @param {Options} options @param {Pinning} pinning */
async function runRound(bench, round, entry, { plan, only, stores }, pinning) {
  const args = [String(bench.upstreamPort)];
  const tollgate = await startTollgate({ entry, upstreamPort: bench.upstreamPort, pinning, stores });
  try {
    if (only !== 'streams') {
      const floor = await Companion.start('./floor.mjs', args, pinning?.server);
      await plainRound(bench, plan, round, { floor: toTarget(floor), tollgate });
      await floor.stop();
    }
    if (only !== 'plain') {
      const pipe = await Companion.start('./pipe.mjs', args, pinning?.server);
      await streamRound(bench, plan, round, { pipe: toTarget(pipe), tollgate });
      await pipe.stop();
    }
  } finally {
    await tollgate.stop();
  }
  return tollgate.readyMs;
}

/**
 * Warm, as what it compiles at the beginning is paid once.
 * @param {string} entry
 * @param {Options} options
 * @param {Pinning} pinning
 * @returns {Promise<import('./tables.mjs').AdmissionRound>}
 */
async function measureAdmission(entry, { plan, stores }, pinning) {
  const companion = await Companion.start('./admission.mjs', [entry, stores['REDIS_URL'] ?? ''], pinning?.server);
  const measure = async (/** @type {import('./admission.mjs').Load} */ load) => {
    await companion.ask({ load, ms: ADMISSION_WARMUP_MS });
    return companion.ask({ load, ms: 2 * plan.windowMs });
  };
  const loaded = await measure({ atATime: 32 });
  const paced = await measure({ perSecond: 1_000 });
  await companion.stop();
  return { loaded, paced };
}

/** @param {string} entry @param {string | undefined} cpu @returns {Promise<import('./conversation.mjs').Translated[]>} */
async function translateConversations(entry, cpu) {
  const companion = await Companion.start('./conversation.mjs', [entry], cpu);
  const { translated } = await companion.ask({});
  await companion.stop();
  return translated;
}

/** @param {Companion} companion @returns {import('./bench.mjs').Target} */
function toTarget({ port, pid }) {
  return { port, key: 'x', watch: async () => ({ server: [pid] }) };
}

/** @param {import('./report.mjs').Result} result */
function store(result) {
  mkdirSync(RESULTS, { recursive: true });
  const text = `${JSON.stringify(result, null, 1)}\n`;
  const name = `${result.date.slice(0, 16).replace(':', '')}-${result.commit}.json`;
  for (const file of [name, 'latest.json']) writeFileSync(resolve(RESULTS, file), text);
}

async function main() {
  const args = process.argv.slice(2);
  if (args[0] === 'ledger') return runLedgerDrill(args.slice(1));
  const options = parseOptions(args);
  if (!options) console.log(USAGE);
  else if (process.platform !== 'linux') throw new Error("The bench needs Linux: it reads the processes' CPU clocks from /proc.");
  else await run(options);
}

main().then(
  () => process.exit(),
  (error) => {
    // What fails because everything was stopped is no news.
    if (isInterrupted) return;
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
