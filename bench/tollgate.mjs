// The gateway as it is shipped: the built entry, configured by environment, on a data folder of its own.

import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, openSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { start, stop } from './child.mjs';
import { findDescendants, pin } from './cpu.mjs';
import { findStores } from './stores.mjs';

/** @typedef {import('./bench.mjs').Target & { readyMs: number, stop: () => Promise<void> }} Tollgate */

const READY_WITHIN_MS = 60_000;

/**
 * @param {object} options
 * @param {string} options.entry
 * @param {number} options.upstreamPort
 * @param {import('./cpu.mjs').Pinning} options.pinning
 * @param {Record<string, string>} options.stores where external stores are, as the gateway's own variables
 * @returns {Promise<Tollgate>}
 */
export async function startTollgate({ entry, upstreamPort, pinning, stores }) {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'tollgate-bench-'));
  process.once('exit', () => remove(folder));
  const key = randomBytes(16).toString('hex');
  const port = await findFreePort();
  const logPath = join(folder, 'log');
  const log = openSync(logPath, 'a');
  const base = toEnvironment({ key: `bench=${key}`, port, upstreamPort, dataFolder: toDataFolder(folder) });
  const env = { ...base, ...stores };
  const startedMs = performance.now();
  // The folder is its working directory too: a `.env` of whoever runs the bench is not read.
  const child = start(process.execPath, [entry], { cpus: pinning?.server, cwd: folder, env, stdio: ['ignore', log, log] });
  const readyMs = await waitUntilReady(child, port, startedMs, logPath);
  const pid = child.pid ?? 0;
  // The embedded database is a child of the gateway and would otherwise share its processor.
  if (pinning) for (const each of findDescendants(pid, 'postgres')) pin(each, pinning.others);

  async function end() {
    await stop(child);
    remove(folder);
  }
  return { port, key, readyMs, watch: async () => ({ server: [pid], ...(await findStores(pid, stores)) }), stop: end };
}

/** @param {string} folder */
function remove(folder) {
  // Where Tollgate keeps the database of this data folder if root runs it: nobody would ever use it again.
  const ofRoot = createHash('sha256').update(toDataFolder(folder)).digest('hex').slice(0, 16);
  for (const each of [join('/var/lib/tollgate', ofRoot), folder]) rmSync(each, { recursive: true, force: true });
}

/** @param {string} folder */
function toDataFolder(folder) {
  return join(folder, 'store');
}

/**
 * Only what is named here, so that the settings of whoever runs the bench do not change what is measured.
 * @param {{ key: string, port: number, upstreamPort: number, dataFolder: string }} options
 */
function toEnvironment({ key, port, upstreamPort, dataFolder }) {
  const { PATH = '', HOME = '', TMPDIR = '' } = process.env;
  return {
    PATH,
    HOME,
    ...(TMPDIR && { TMPDIR }),
    HOST: '127.0.0.1',
    PORT: String(port),
    API_KEYS: key,
    OPENAI_API_KEY: 'x',
    OPENAI_API_BASE: `http://127.0.0.1:${upstreamPort}/v1`,
    ANTHROPIC_API_KEY: 'x',
    ANTHROPIC_API_BASE: `http://127.0.0.1:${upstreamPort}`,
    MAX_REQUESTS_PER_MINUTE: '0',
    MAX_REQUESTS_PER_HOUR: '0',
    TOLLGATE_DATA_DIR: dataFolder,
  };
}

/** @returns {Promise<number>} */
function findFreePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
      server.close(() => resolve(port));
    });
  });
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {number} port
 * @param {number} startedMs
 * @param {string} logPath
 * @returns {Promise<number>} milliseconds from the start
 */
async function waitUntilReady(child, port, startedMs, logPath) {
  while (performance.now() - startedMs < READY_WITHIN_MS) {
    if (child.exitCode !== null) throw new Error(`Tollgate ended with code ${child.exitCode}. Its last lines:\n${lastLinesOf(logPath)}`);
    if ((await statusOf(port)) === 200) return performance.now() - startedMs;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`Tollgate was not ready within ${READY_WITHIN_MS / 1000} s. Its last lines:\n${lastLinesOf(logPath)}`);
}

/** @param {number} port @returns {Promise<number | undefined>} */
function statusOf(port) {
  return new Promise((resolve) => {
    const request = get({ port, host: '127.0.0.1', path: '/health/ready', agent: false }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    request.on('error', () => resolve(undefined));
  });
}

/** @param {string} path */
function lastLinesOf(path) {
  return readFileSync(path, 'utf8').trimEnd().split('\n').slice(-10).join('\n');
}
