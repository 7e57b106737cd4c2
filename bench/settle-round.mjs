// What settling costs: the same calls unsettled, settled into a queue and settled into Postgres, one after the other in one process.

import { mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Companion } from './child.mjs';
import { findDescendants, readCpu } from './cpu.mjs';
import { DrillDatabase, monthsBefore } from './ledger-database.mjs';
import { makePopulation } from './ledger-population.mjs';

/** @typedef {import('./settle.mjs').Load} Load */
/** @typedef {import('./settle.mjs').Depth} Depth */
/** @typedef {{ perSecond: number, queueUs: number, insertUs: number, postgresUs: number }} Settling CPU for each call: of the gateway up to the queue and for the insert, and of Postgres */
/** @typedef {{ loaded: Settling, paced: Settling }} SettleRound */

const WARMUP_MS = 3_000;
const SEED = 1;
/** A month of so many is what the population's budgets are for: more than a run writes, so that none of them is used up. */
const ROWS = 1_000_000;

/** @param {string} entry @param {import('./options.mjs').Plan} plan @param {import('./cpu.mjs').Pinning} pinning @returns {Promise<SettleRound[]>} */
export async function settleRounds(entry, plan, pinning) {
  const database = await DrillDatabase.start(entry, mkdtempSync(join(realpathSync(tmpdir()), 'tollgate-bench-')));
  try {
    const untilMs = Date.now();
    await database.prepare({ seed: SEED, rows: ROWS, months: 1, sinceMs: monthsBefore(untilMs, 1), untilMs });
    /** @type {SettleRound[]} */
    const rounds = [];
    while (rounds.length < plan.rounds) {
      console.error(`round ${rounds.length + 1} of ${plan.rounds}`);
      rounds.push(await settleRound(entry, database.url, plan.windowMs, pinning));
    }
    return rounds;
  } finally {
    await database.stop();
    database.remove();
  }
}

/** @param {string} entry @param {string} url @param {number} windowMs @param {import('./cpu.mjs').Pinning} pinning @returns {Promise<SettleRound>} */
async function settleRound(entry, url, windowMs, pinning) {
  const now = new Date();
  const budget = `${makePopulation(SEED).everythingBudget}@${Date.UTC(now.getUTCFullYear(), now.getUTCMonth())}`;
  const companion = await Companion.start('./settle.mjs', [entry, url, budget], pinning?.server);
  const measure = async (/** @type {Load} */ load, /** @type {number} */ ms) => {
    const of = (/** @type {Depth} */ depth) => measureDepth(companion, depth, load, ms);
    const [bare, queued, stored] = [await of('bare'), await of('queued'), await of('stored')];
    const { perSecond, postgresUs } = stored;
    return { perSecond, queueUs: queued.cpuUs - bare.cpuUs, insertUs: stored.cpuUs - queued.cpuUs, postgresUs };
  };
  const loaded = await measure({ atATime: 32 }, 2 * windowMs);
  // A tenth as many calls: what they cost is the difference of larger figures.
  const paced = await measure({ perSecond: 1_000 }, 6 * windowMs);
  await companion.stop();
  return { loaded, paced };
}

/**
 * Warm, as what it compiles at the beginning is paid once.
 * @param {Companion} companion @param {Depth} depth @param {Load} load @param {number} ms
 * @returns {Promise<import('./settle.mjs').Settlings & { postgresUs: number }>}
 */
async function measureDepth(companion, depth, load, ms) {
  await companion.ask({ depth, load, ms: WARMUP_MS });
  const before = readPostgres();
  const settlings = await companion.ask({ depth, load, ms });
  const after = readPostgres();
  const ns = Object.entries(after).reduce((sum, [pid, each]) => sum + each - (before[pid] ?? 0), 0);
  return { ...settlings, postgresUs: ns / 1_000 / settlings.calls };
}

/** By process, as some come and go. */
function readPostgres() {
  return readCpu(Object.fromEntries(findDescendants(process.pid, 'postgres').map((pid) => [pid, [pid]])));
}
