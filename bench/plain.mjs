// Plain calls: what one costs beside the floor, and what it adds to the time when the gateway is half busy.

/** @typedef {import('./bench.mjs').Bench} Bench */
/** @typedef {import('./bench.mjs').Side} Side */
/** @typedef {import('./bench.mjs').Target} Target */
/** @typedef {import('./options.mjs').Plan} Plan */

const LATENCY_CONNECTIONS = 128;
const WARMUP = { connections: 32, windowMs: 1000 };

/**
 * Floor and gateway take turns case by case, and the first of them changes with the round: what the machine does meanwhile hits both.
 * @param {Bench} bench
 * @param {Plan} plan
 * @param {number} round
 * @param {{ floor: Target, tollgate: Target }} targets
 */
export async function plainRound(bench, plan, round, { floor, tollgate }) {
  await bench.playUpstream({});
  /** @type {[Side, Target][]} */
  const sides = [
    ['floor', floor],
    ['tollgate', tollgate],
  ];
  if (round % 2 === 0) sides.reverse();
  const job = /** @type {const} */ ({ driver: 'closed', call: 'plain', warmupMs: 200, windowMs: plan.windowMs });
  for (const [, target] of sides) await bench.warm(target, { ...job, ...WARMUP, minCalls: plan.warmupCalls });
  let maximum = 0;
  for (const connections of plan.connections) {
    for (const [side, target] of sides) {
      const { answers, seconds } = await bench.measure({ round, kind: 'plain', side }, target, { ...job, connections });
      if (side === 'tollgate') maximum = Math.max(maximum, answers / seconds);
    }
  }
  if (plan.withLatency) await latencyAt(maximum / 2, bench, plan, round, [['direct', bench.direct], ...sides]);
}

/** @param {number} perSecond @param {Bench} bench @param {Plan} plan @param {number} round @param {[Side, Target][]} sides */
async function latencyAt(perSecond, bench, plan, round, sides) {
  const load = /** @type {const} */ ({ driver: 'open', call: 'plain', connections: LATENCY_CONNECTIONS, warmupMs: 500 });
  const job = { ...load, windowMs: plan.windowMs, perSecond: Math.round(perSecond) };
  for (const [side, target] of sides) await bench.measure({ round, kind: 'half-load', side }, target, job);
}
