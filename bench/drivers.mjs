// How load is put on: in a closed loop, at a rate, or as streams that all stay open.

import { Connection } from './connection.mjs';
import { poisson, startTicking } from './arrivals.mjs';

/** @typedef {import('./connection.mjs').Listener} Listener */

/**
 * `start` puts the load on; `stop` sends nothing new and resolves when all that was sent is answered.
 * @typedef {{ start: () => void, stop: () => Promise<void> }} Driver
 */

/**
 * @typedef {object} DriverOptions
 * @property {number} port
 * @property {Buffer} request
 * @property {number} connections
 * @property {number} [perSecond] of an open loop
 * @property {number} [rampMs] over which streams are opened
 * @property {Listener} listener
 */

/** Each connection sends its next call when the last is answered. @param {DriverOptions} options @returns {Driver} */
export function closedLoop({ port, request, connections, listener }) {
  const pool = new Pool(port, request, listener, (connection) => connection.send(performance.now()));
  return {
    start: () => pool.open(connections).forEach((connection) => connection.send(performance.now())),
    stop: () => pool.drain(),
  };
}

/** Calls arrive at a rate; one that finds no free connection waits, and its waiting counts. @param {DriverOptions} options @returns {Driver} */
export function openLoop({ port, request, connections, perSecond = 0, listener }) {
  /** @type {Connection[]} */
  const free = [];
  /** @type {number[]} */
  const waiting = [];
  const pool = new Pool(port, request, listener, (connection) => {
    const dueMs = waiting.shift();
    if (dueMs === undefined) free.push(connection);
    else connection.send(dueMs);
  });
  const moments = poisson(perSecond);
  let stopTicking = () => {};

  function start() {
    free.push(...pool.open(connections));
    const startedMs = performance.now();
    let dueMs = startedMs + moments.next().value;
    stopTicking = startTicking(() => {
      for (const now = performance.now(); dueMs <= now; dueMs = startedMs + moments.next().value) {
        const connection = free.pop();
        if (connection) connection.send(dueMs);
        else waiting.push(dueMs);
      }
    });
  }

  async function stop() {
    stopTicking();
    waiting.length = 0;
    await pool.drain();
  }
  return { start, stop };
}

/** One stream per connection, opened one after the other; none is opened again. @param {DriverOptions} options @returns {Driver} */
export function heldStreams({ port, request, connections, rampMs = 0, listener }) {
  const pool = new Pool(port, request, listener, () => {});
  function start() {
    for (let at = 0; at < connections; at += 1) {
      setTimeout(() => pool.open(1).forEach((connection) => connection.send(performance.now())), (at * rampMs) / connections);
    }
  }
  return { start, stop: () => pool.drain() };
}

/** The connections of one driver, and what to do with one that has become free. */
class Pool {
  /** @type {Connection[]} */
  #connections = [];
  #isOver = false;
  #whenIdle = () => {};
  #port;
  #request;
  /** @type {Listener} */
  #listener;

  /** @param {number} port @param {Buffer} request @param {Listener} listener @param {(connection: Connection) => void} next */
  constructor(port, request, listener, next) {
    this.#port = port;
    this.#request = request;
    const goOn = (/** @type {Connection} */ connection) => (this.#isOver ? this.#checkIdle() : next(connection));
    this.#listener = {
      frames: listener.frames,
      answered: (answer, now, connection) => {
        listener.answered(answer, now, connection);
        goOn(connection);
      },
      failed: (why, connection) => {
        listener.failed(why, connection);
        goOn(connection);
      },
    };
  }

  /** @param {number} count */
  open(count) {
    const fresh = Array.from({ length: count }, () => new Connection(this.#port, this.#request, this.#listener));
    this.#connections.push(...fresh);
    return fresh;
  }

  /** Waits for what is under way, then closes. @returns {Promise<void>} */
  async drain() {
    this.#isOver = true;
    await new Promise((resolve) => {
      this.#whenIdle = () => resolve(undefined);
      this.#checkIdle();
    });
    for (const connection of this.#connections) connection.close();
  }

  #checkIdle() {
    if (this.#connections.every((connection) => !connection.isBusy)) this.#whenIdle();
  }
}
