// Calls that arrive by themselves, whatever became of those before: a Poisson process, the same one in every run.

import { Worker } from 'node:worker_threads';

const SEED = 0x7011;
const TICK_MS = 0.2;

/** Moments in milliseconds from 0, on average `perSecond` of them in a second. @param {number} perSecond @returns {Generator<number, never>} */
export function* poisson(perSecond) {
  let state = SEED;
  let at = 0;
  for (;;) {
    // mulberry32: small, and even enough for this.
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    at -= (Math.log(1 - ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296) * 1000) / perSecond;
    yield at;
  }
}

/**
 * Calls `tick` five times in a millisecond until the returned function is called. Node's own timers know whole milliseconds
 * only and would send calls in bunches; a loop that spins would take the processor from the upstream stub.
 * @param {() => void} tick
 */
export function startTicking(tick) {
  const worker = new Worker(
    `const { parentPort } = require('node:worker_threads');
     const still = new Int32Array(new SharedArrayBuffer(4));
     for (;;) { Atomics.wait(still, 0, 0, ${TICK_MS}); parentPort.postMessage(0); }`,
    { eval: true },
  );
  worker.on('message', tick);
  return () => void worker.terminate();
}
