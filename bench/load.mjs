// The load generator, a process of its own: takes a job by IPC, puts the load on, checks every answer, and reads the CPU
// clocks of the watched processes at the very moments at which it starts and stops counting.

import { readBusy, readCpu, readRssBytes } from './cpu.mjs';
import { closedLoop, heldStreams, openLoop } from './drivers.mjs';
import { Histogram } from './histogram.mjs';
import { PLAIN_BODY_BYTES, toFrameCount, toRequest, toRequestBody } from './wire.mjs';

/** @typedef {import('./answer-reader.mjs').Answer} Answer */
/** @typedef {import('./histogram.mjs').Summary} Summary */

/**
 * @typedef {object} Job
 * @property {'closed' | 'open' | 'held'} driver
 * @property {import('./wire.mjs').Call} call
 * @property {number} port
 * @property {string} key
 * @property {number} connections
 * @property {number} warmupMs before the window opens
 * @property {number} windowMs
 * @property {number} [minCalls] the window stays open until so many are answered, or for five times its length
 * @property {number} [perSecond]
 * @property {number} [chunks] pieces of text that a stream must bring
 * @property {Record<string, number[]>} watch process ids by what they are; `server` is the one under test
 * @property {string} [serverCpu] the processor that is the server's own
 */

/**
 * Times in microseconds, of what fell into the window; `sent` counts all.
 * @typedef {object} Measured
 * @property {number} seconds
 * @property {number} sent
 * @property {number} answers
 * @property {number} frames
 * @property {Record<string, number>} errors
 * @property {Summary} latency
 * @property {Summary} firstFrame
 * @property {Summary} gap between two reads of one stream
 * @property {Record<string, number>} cpuUs
 * @property {number} rssBytes
 * @property {number} foreignShare of the server's processor, that programs outside this run took
 */

const DRIVERS = { closed: closedLoop, open: openLoop, held: heldStreams };
const US_PER_MS = 1000;

/** What a job has seen so far; times go into it only while the window is open. */
class Tally {
  answers = 0;
  frames = 0;
  sent = 0;
  isOpen = false;
  /** @type {Record<string, number>} */
  errors = {};
  latency = new Histogram();
  firstFrame = new Histogram();
  gap = new Histogram();
  #job;

  /** @param {Job} job */
  constructor(job) {
    this.#job = job;
  }

  /** @type {import('./connection.mjs').Listener} */
  listener = {
    frames: (frames, now, connection) => {
      if (!this.isOpen) return;
      this.frames += frames;
      if (connection.lastFrameMs === 0) this.firstFrame.record((now - connection.dueMs) * US_PER_MS);
      else this.gap.record((now - connection.lastFrameMs) * US_PER_MS);
    },
    answered: (answer, now, connection) => {
      this.sent += 1;
      const fault = this.#faultOf(answer);
      if (fault) this.#fail(fault);
      if (!this.isOpen) return;
      this.answers += 1;
      this.latency.record((now - connection.dueMs) * US_PER_MS);
    },
    failed: (why) => {
      this.sent += 1;
      this.#fail(why);
    },
  };

  /** @param {Answer} answer */
  #faultOf({ status, bodyBytes, frames, done }) {
    if (status !== 200) return `status ${status}`;
    if (this.#job.call === 'plain')
      return bodyBytes === PLAIN_BODY_BYTES ? undefined : `body of ${bodyBytes} bytes, not ${PLAIN_BODY_BYTES}`;
    if (!done) return 'stream without [DONE]';
    const expected = toFrameCount(this.#job.chunks ?? 0, this.#job.call !== 'stream');
    return frames === expected ? undefined : `stream of ${frames} frames, not ${expected}`;
  }

  /** @param {string} why */
  #fail(why) {
    this.errors[why] = (this.errors[why] ?? 0) + 1;
  }
}

/** @param {Job} job @returns {Promise<Measured>} */
async function measure(job) {
  const tally = new Tally(job);
  const request = toRequest(toRequestBody(job.call), job.key);
  const driver = DRIVERS[job.driver]({ ...job, request, rampMs: job.warmupMs / 2, listener: tally.listener });
  driver.start();
  await elapsed(job.warmupMs);
  const before = readClocks(job);
  const startedMs = performance.now();
  tally.isOpen = true;
  await elapsed(job.windowMs);
  for (let at = 0; at < 40 && tally.sent < (job.minCalls ?? 0); at += 1) await elapsed(job.windowMs / 10);
  tally.isOpen = false;
  const after = readClocks(job);
  const seconds = (performance.now() - startedMs) / 1000;
  const rssBytes = readRssBytes(job.watch['server'] ?? []);
  await driver.stop();
  return { seconds, rssBytes, ...usedBetween(before, after, seconds), ...summaryOf(tally) };
}

/** @param {Job} job */
function readClocks({ watch, serverCpu }) {
  return { cpu: readCpu(watch), busy: serverCpu === undefined ? 0 : readBusy(serverCpu) };
}

/** @param {Tally} tally */
function summaryOf({ sent, answers, frames, errors, latency, firstFrame, gap }) {
  return { sent, answers, frames, errors, latency: latency.summary, firstFrame: firstFrame.summary, gap: gap.summary };
}

/** @param {ReturnType<typeof readClocks>} before @param {ReturnType<typeof readClocks>} after @param {number} seconds */
function usedBetween(before, after, seconds) {
  const cpuUs = Object.fromEntries(Object.entries(after.cpu).map(([name, ns]) => [name, (ns - (before.cpu[name] ?? 0)) / 1000]));
  const foreignUs = (after.busy - before.busy) / 1000 - (cpuUs['server'] ?? 0);
  return { cpuUs, foreignShare: Math.max(0, foreignUs / (seconds * 1e6)) };
}

/** @param {number} ms @returns {Promise<void>} */
function elapsed(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

process.on('message', async (/** @type {{ id: number, job: Job }} */ { id, job }) => {
  const watch = { ...job.watch, load: [process.pid] };
  process.send?.({ id, ...(await measure({ ...job, watch })) });
});
process.on('disconnect', () => process.exit());
process.send?.({ port: 0 });
