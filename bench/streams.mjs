// Streams: what a chunk costs beside a bare socket pipe, one chunk per segment and coalesced, and how long the first one takes.

import { PLAIN } from './wire.mjs';

/** @typedef {import('./bench.mjs').Bench} Bench */
/** @typedef {import('./bench.mjs').Side} Side */
/** @typedef {import('./bench.mjs').Target} Target */
/** @typedef {import('./options.mjs').Plan} Plan */
/** @typedef {[Side, Target, 'stream' | 'stream+usage' | 'translated'][]} Sides */

const PACED_RAMP_MS = 1000;
const FAST = { connections: 32, chunks: 2000, perWrite: 48 };
const FIRST_FRAME = { connections: 64, perSecond: 500 };

/**
 * @param {Bench} bench
 * @param {Plan} plan
 * @param {number} round
 * @param {{ pipe: Target, tollgate: Target }} targets
 */
export async function streamRound(bench, plan, round, { pipe, tollgate }) {
  /** @type {Sides} */
  const sides = [
    ['pipe', pipe, 'stream+usage'],
    ['relayed', tollgate, 'stream+usage'],
  ];
  if (plan.withHidden) sides.push(['hidden', tollgate, 'stream']);
  if (round % 2 === 0) sides.reverse();
  /** @type {Sides} */
  const translated = [['translated', tollgate, 'translated']];
  await warmAll(bench, plan, [...sides, ...translated]);
  await paced(bench, plan, round, [...sides, ...translated]);
  if (plan.withFast) await fast(bench, plan, round, sides);
  if (plan.withLatency) await firstFrame(bench, plan, round, [['direct', bench.direct, 'stream+usage'], ...sides]);
}

/** @param {Bench} bench @param {Plan} plan @param {Sides} sides */
async function warmAll(bench, plan, sides) {
  await bench.playUpstream({});
  const job = /** @type {const} */ ({ driver: 'closed', connections: 32, chunks: PLAIN.chunks, warmupMs: 0, windowMs: 500 });
  for (const [, target, call] of sides) await bench.warm(target, { ...job, call, minCalls: plan.warmupCalls / 5 });
}

/** All streams open at once, each at its own pace, each chunk a segment of its own: what providers send. @param {Bench} bench @param {Plan} plan @param {number} round @param {Sides} sides */
async function paced(bench, plan, round, sides) {
  const lastsMs = PACED_RAMP_MS + plan.windowMs + 300;
  const chunks = Math.ceil((lastsMs * plan.chunksPerSecond) / 1000);
  await bench.playUpstream({ chunks, intervalMs: 1000 / plan.chunksPerSecond });
  const times = { warmupMs: PACED_RAMP_MS, windowMs: plan.windowMs };
  const job = /** @type {const} */ ({ driver: 'held', connections: plan.streams, perSecond: plan.streams * plan.chunksPerSecond, chunks });
  for (const [side, target, call] of sides) await bench.measure({ round, kind: 'paced', side }, target, { ...job, ...times, call });
}

/** @param {Bench} bench @param {Plan} plan @param {number} round @param {Sides} sides */
async function fast(bench, plan, round, sides) {
  const { connections, chunks, perWrite } = FAST;
  await bench.playUpstream({ chunks, perWrite });
  const job = /** @type {const} */ ({ driver: 'closed', connections, chunks, warmupMs: 500 });
  for (const [side, target, call] of sides) {
    await bench.measure({ round, kind: 'fast', side }, target, { ...job, call, windowMs: plan.windowMs });
  }
}

/** @param {Bench} bench @param {Plan} plan @param {number} round @param {Sides} sides */
async function firstFrame(bench, plan, round, sides) {
  await bench.playUpstream({});
  const job = /** @type {const} */ ({ driver: 'open', ...FIRST_FRAME, chunks: PLAIN.chunks, warmupMs: 500 });
  for (const [side, target, call] of sides) {
    await bench.measure({ round, kind: 'first-frame', side }, target, { ...job, call, windowMs: plan.windowMs });
  }
}
