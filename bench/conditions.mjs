// Under what conditions a run was made: machine, commit, plan. Nothing that names the machine or its owner.

import { execFileSync } from 'node:child_process';
import { arch, cpus, platform, release, totalmem } from 'node:os';
import { resolve } from 'node:path';

/** @typedef {import('./options.mjs').Options} Options */

/** @typedef {ReturnType<typeof readConditions>} Conditions */

/** @param {Options} options @param {import('./cpu.mjs').Pinning} pinning */
export function readConditions({ plan, only, modelLatencyMs, stores }, pinning) {
  return {
    date: new Date().toISOString(),
    commit: git('rev-parse', '--short', 'HEAD') || 'unknown',
    changed: git('status', '--porcelain', '--', 'src', 'bench', 'package-lock.json') !== '',
    machine: {
      cpu: cpus()[0]?.model ?? 'unknown',
      cpus: cpus().length,
      memoryBytes: totalmem(),
      system: `${platform()} ${release()} ${arch()}`,
      node: process.version,
    },
    pinning: pinning ?? null,
    stores: /** @type {Record<string, string>} */ ({
      postgres: stores['DATABASE_URL'] ? 'external' : 'embedded',
      redis: stores['REDIS_URL'] ? 'external' : 'none',
    }),
    plan,
    only: only ?? null,
    modelLatencyMs,
  };
}

/** @param {Conditions} conditions */
export function conditionsOf({ date, commit, changed, machine, pinning, stores, plan }) {
  const where = pinning
    ? `measured process on CPU ${pinning.server}, all else on ${pinning.others}`
    : 'processes NOT pinned (no taskset, or one CPU only)';
  return [
    `${date.slice(0, 10)}, commit ${commit}${changed ? ' with changes' : ''}; ${machine.cpu}, ${machine.cpus} CPUs, Node ${machine.node}, ${machine.system}; ${where}.`,
    `Postgres ${stores['postgres']}, Redis ${stores['redis']}. ${plan.rounds} rounds with fresh processes each, floor and Tollgate in turn; medians.`,
  ].join('\n');
}

/** @param {string[]} args */
function git(...args) {
  try {
    return execFileSync('git', args, {
      cwd: resolve(import.meta.dirname, '..'),
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return '';
  }
}
