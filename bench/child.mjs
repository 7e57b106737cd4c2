// The processes of a run: started, asked by IPC, and ended with it, however it ends.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const STOP_WITHIN_MS = 15_000;
const ANSWER_WITHIN_MS = 60_000;

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();

// SIGKILL and nothing gentler: an `exit` listener cannot wait.
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/**
 * @param {string} command
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions & { cpus?: string | undefined }} options `cpus`: where it may run, if not where we do
 */
export function start(command, args, { cpus, ...options }) {
  const line = cpus === undefined ? [command, ...args] : ['taskset', '-c', cpus, command, ...args];
  const child = spawn(line[0] ?? '', line.slice(1), options);
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/** @param {import('node:child_process').ChildProcess} child */
export async function stop(child) {
  if (!running.has(child)) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
  await gone;
  clearTimeout(timer);
}

export async function stopAll() {
  await Promise.all([...running].map(stop));
}

/** A script of this folder, as a process of its own that says by IPC when it is ready and answers what it is asked. */
export class Companion {
  #child;
  #lastId = 0;
  port = 0;

  /** @param {import('node:child_process').ChildProcess} child */
  constructor(child) {
    this.#child = child;
  }

  /** @param {string} script @param {string[]} [args] @param {string} [cpus] */
  static async start(script, args = [], cpus) {
    const path = fileURLToPath(new URL(script, import.meta.url));
    const child = start(process.execPath, [path, ...args], { cpus, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    const companion = new Companion(child);
    const ready = await companion.#next(() => true, script);
    companion.port = Number(ready['port']);
    return companion;
  }

  get pid() {
    return this.#child.pid ?? 0;
  }

  /** @param {object} question @returns {Promise<any>} what the script sends back */
  ask(question) {
    const id = (this.#lastId += 1);
    const answer = this.#next((message) => message['id'] === id, this.#child.spawnargs.at(-1) ?? '');
    this.#child.send({ id, ...question });
    return answer;
  }

  stop() {
    return stop(this.#child);
  }

  /** @param {(message: Record<string, unknown>) => boolean} isIt @param {string} name @returns {Promise<Record<string, unknown>>} */
  #next(isIt, name) {
    return new Promise((resolve, reject) => {
      const settle = (/** @type {() => void} */ how) => {
        clearTimeout(timer);
        this.#child.off('message', read);
        this.#child.off('exit', ended);
        how();
      };
      const read = (/** @type {any} */ message) => isIt(message) && settle(() => resolve(message));
      const ended = () => settle(() => reject(new Error(`${name} ended before it answered`)));
      const timer = setTimeout(() => settle(() => reject(new Error(`${name} did not answer in time`))), ANSWER_WITHIN_MS);
      this.#child.on('message', read);
      this.#child.on('exit', ended);
    });
  }
}
