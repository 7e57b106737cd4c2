// Asks the gateway of the ledger drill and takes the time, from sending the request to the last byte of the answer.

import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from './ledger-random.mjs';

/** @typedef {import('./ledger-questions.mjs').Question} Question */
/** @typedef {import('./ledger-questions.mjs').Scope} Scope */
/** @typedef {{ status: number, ms: number, bytes: number, text: string }} Answer */
/** @typedef {{ port: number, admins: readonly string[] }} Gateway of its administrators' keys each request takes the next: all of them are throttled */

/**
 * @typedef {object} Measured
 * @property {string} route
 * @property {string} name
 * @property {string} by
 * @property {number} bound
 * @property {readonly number[]} warmMs
 * @property {readonly number[]} coldMs
 * @property {number} bytes of the largest answer
 * @property {number} refusals because there would be too many rows: they are answers, and timed like others
 * @property {Record<string, number>} failures by status and message
 */

const UNCOUNTED = 3;
const READY_WITHIN_MS = 30_000;
const QUIET_FROM = 700;
const BUSY = 10;
const TOO_MANY = /more than \d+ rows/;

export class Measure {
  #gateway;
  #scope;
  #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  #asked = 0;

  /** @param {Gateway} gateway @param {Omit<Scope, 'random' | 'key'> & { seed: number }} scope */
  constructor(gateway, scope) {
    this.#gateway = gateway;
    this.#scope = { ...scope, random: new Random(scope.seed + 2) };
  }

  /** @param {Question} question @param {number} times @returns {Promise<Measured>} */
  async warm(question, times) {
    const measured = { ...question, warmMs: /** @type {number[]} */ ([]), coldMs: [], bytes: 0, refusals: 0, failures: {} };
    for (let uncounted = 0; uncounted < UNCOUNTED; uncounted += 1) await this.#ask(question);
    for (let count = 0; count < times; count += 1) note(measured, measured.warmMs, await this.#ask(question), question.status);
    return measured;
  }

  /** Once. @param {Question} question @param {Measured} measured */
  async cold(question, measured) {
    note(measured, /** @type {number[]} */ (measured.coldMs), await this.#ask(question), question.status);
  }

  /** Until the gateway has its database again. */
  async untilReady() {
    for (const startedMs = performance.now(); performance.now() - startedMs < READY_WITHIN_MS; await sleep(50)) {
      const status = await this.#get('/health/ready', '').then(
        (answer) => answer.status,
        () => 0,
      );
      if (status === 200) return;
    }
    throw new Error('The gateway was not ready again after Postgres had been restarted.');
  }

  /** @param {Question} question */
  #ask({ by, toPath }) {
    const { keys } = this.#scope.population;
    const { admins } = this.#gateway;
    const [first, count] = by === 'quiet' ? [Math.min(QUIET_FROM, keys.length - 1), keys.length - QUIET_FROM] : [0, BUSY];
    const key = keys[first + this.#scope.random.whole(Math.max(1, count))];
    if (!key) throw new Error('There are no keys.');
    this.#asked += 1;
    const secret = by === 'admin' ? (admins[this.#asked % admins.length] ?? '') : `tg-${key.publicId}-${key.secret}`;
    return this.#get(toPath({ ...this.#scope, key }), secret);
  }

  /** @param {string} path @param {string} key @returns {Promise<Answer>} */
  #get(path, key) {
    return new Promise((resolve, reject) => {
      const startedMs = performance.now();
      const options = {
        host: '127.0.0.1',
        port: this.#gateway.port,
        path,
        agent: this.#agent,
        headers: { authorization: `Bearer ${key}` },
      };
      const sent = request(options, (answer) => {
        /** @type {Buffer[]} */
        const chunks = [];
        answer.on('data', (chunk) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () => {
          const ms = performance.now() - startedMs;
          const body = Buffer.concat(chunks);
          resolve({ status: answer.statusCode ?? 0, ms, bytes: body.length, text: body.toString('utf8', 0, 500) });
        });
      });
      sent.on('error', reject);
      sent.end();
    });
  }
}

/** @param {Measured} measured @param {number[]} times @param {Answer} answer @param {number} expected */
function note(measured, times, { status, ms, bytes, text }, expected) {
  measured.bytes = Math.max(measured.bytes, bytes);
  const isRefusal = status === 400 && TOO_MANY.test(text);
  if (isRefusal) measured.refusals += 1;
  if (isRefusal || status === expected) {
    times.push(ms);
    return;
  }
  const message = /"message":"([^"]*)/.exec(text)?.[1] ?? text;
  const why = `${status} ${message.slice(0, 120)}`;
  measured.failures[why] = (measured.failures[why] ?? 0) + 1;
}
