// Where processes run and what they have used, from Linux's /proc.

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/**
 * Nanoseconds on a processor so far, user and system, all threads. A process that is gone counts as 0.
 * @param {Record<string, number[]>} groups process ids by name
 * @returns {Record<string, number>}
 */
export function readCpu(groups) {
  return Object.fromEntries(Object.entries(groups).map(([name, pids]) => [name, pids.reduce((sum, pid) => sum + cpuOf(pid), 0)]));
}

/** `stat` has these figures too, but in steps of 10 ms. @param {number} pid */
function cpuOf(pid) {
  let total = 0;
  try {
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      total += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1').split(' ', 1)[0]);
    }
  } catch {
    // A thread or process may end between listing and reading.
  }
  return total;
}

/**
 * Nanoseconds that some processors have been busy so far, whoever kept them so. In steps of 10 ms: fit for a share, not for a cost.
 * @param {string} cpus as in `0` or `1,2`
 */
export function readBusy(cpus) {
  const stat = readFileSync('/proc/stat', 'latin1');
  return cpus.split(',').reduce((sum, cpu) => {
    const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] =
      new RegExp(`^cpu${cpu} (.*)$`, 'm').exec(stat)?.[1]?.split(' ').map(Number) ?? [];
    return sum + (user + nice + system + irq + softirq + steal) * 1e7;
  }, 0);
}

/** @param {number[]} pids */
export function readRssBytes(pids) {
  return pids.reduce((sum, pid) => sum + Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0) * 1024, 0);
}

/** The processes below `pid` whose program is called `name`. @param {number} pid @param {string} name */
export function findDescendants(pid, name) {
  /** @type {Map<number, { parent: number, name: string }>} */
  const all = new Map();
  for (const entry of readdirSync('/proc')) {
    const found = /^\d+$/.test(entry) && findStat(entry);
    if (found) all.set(Number(entry), found);
  }
  const isBelow = (/** @type {number} */ of) => {
    for (let at = all.get(of)?.parent; at; at = all.get(at)?.parent) if (at === pid) return true;
    return false;
  };
  return [...all].filter(([of, stat]) => stat.name === name && isBelow(of)).map(([of]) => of);
}

/** @param {string} pid */
function findStat(pid) {
  try {
    const found = /^\d+ \((.*)\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'latin1'));
    return found ? { name: found[1] ?? '', parent: Number(found[2]) } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The processor for what is measured and those for all else; undefined where they cannot be kept apart.
 * @typedef {{ server: string, others: string } | undefined} Pinning
 */

/** Moves this process, and with it every child it will start, off the measured processor. @returns {Pinning} */
export function keepOneFree() {
  const allowed = /Cpus_allowed_list:\s+(\S+)/.exec(readFileSync('/proc/self/status', 'latin1'))?.[1] ?? '';
  const cpus = allowed.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, at) => first + at);
  });
  const [server, ...others] = cpus;
  if (server === undefined || others.length === 0) return undefined;
  const pinning = { server: String(server), others: others.join(',') };
  return pin(process.pid, pinning.others) ? pinning : undefined;
}

/** False where `taskset` is missing or refuses. @param {number} pid @param {string} cpus */
export function pin(pid, cpus) {
  try {
    execFileSync('taskset', ['-a', '-c', '-p', cpus, String(pid)], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
