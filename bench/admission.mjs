// What admission costs: two gateways over the same stores, one whose key nothing limits, and one with limits on requests and money; and
// admission by itself.

import { Companion } from './child.mjs';
import { startTollgate } from './tollgate.mjs';

/** @typedef {import('./bench.mjs').Bench} Bench */
/** @typedef {import('./bench.mjs').Target} Target */
/** @typedef {import('./options.mjs').Plan} Plan */

const ADMIN_KEY = 'bench-administrator-0123456789';
const PER_SECOND = 1_000;
const LATENCY_CONNECTIONS = 128;
const WARMUP = { connections: 32, windowMs: 1000 };
/** Far above what is reached: counted, and never met. */
const LIMITS = {
  MAX_REQUESTS_PER_MINUTE: '1000000000',
  MAX_REQUESTS_PER_HOUR: '1000000000',
};

/**
 * @param {Bench} bench
 * @param {Plan} plan
 * @param {number} round
 * @param {{ entry: string, pinning: import('./cpu.mjs').Pinning, stores: Record<string, string> }} options
 */
export async function admissionRound(bench, plan, round, { entry, pinning, stores }) {
  const common = { entry, upstreamPort: bench.upstreamPort, pinning, stores };
  const free = await startTollgate({ ...common, keyName: 'free' });
  const limited = await startTollgate({ ...common, keyName: 'limited', more: { ...LIMITS, ADMIN_API_KEYS: ADMIN_KEY } });
  try {
    await budgetFor(limited, 'limited');
    await bench.playUpstream({});
    const sides = /** @type {const} */ ([
      ['free', free],
      ['limited', limited],
    ]);
    const job = /** @type {const} */ ({ driver: 'closed', call: 'plain', warmupMs: 200, windowMs: plan.windowMs });
    for (const [, target] of sides) await bench.warm(target, { ...job, ...WARMUP, minCalls: plan.warmupCalls });
    const inTurn = round % 2 === 0 ? [...sides].reverse() : sides;
    for (const connections of plan.connections) {
      for (const [side, target] of inTurn) await bench.measure({ round, kind: 'admission', side }, target, { ...job, connections });
    }
    const open = /** @type {const} */ ({ driver: 'open', call: 'plain', connections: LATENCY_CONNECTIONS, warmupMs: 500 });
    for (const [side, target] of inTurn) {
      await bench.measure({ round, kind: 'admission-latency', side }, target, {
        ...open,
        windowMs: 2 * plan.windowMs,
        perSecond: PER_SECOND,
      });
    }
  } finally {
    await Promise.all([free.stop(), limited.stop()]);
  }
}

/**
 * @param {Plan} plan
 * @param {{ entry: string, pinning: import('./cpu.mjs').Pinning, stores: Record<string, string> }} options
 * @returns {Promise<import('./tables.mjs').AdmissionAlone>}
 */
export async function admissionAlone(plan, { entry, pinning, stores }) {
  const companion = await Companion.start('./admission-alone.mjs', [entry, stores['REDIS_URL'] ?? ''], pinning?.server);
  const warmly = async (/** @type {import('./admission-alone.mjs').Load} */ load) => {
    await companion.ask({ load, ms: 2_000 });
    return companion.ask({ load, ms: 2 * plan.windowMs });
  };
  const loaded = await warmly({ atATime: 32 });
  const paced = await warmly({ perSecond: PER_SECOND });
  await companion.stop();
  return { loaded, paced };
}

/** A budget that is never used up, on the key that the load comes with. @param {Target} target @param {string} name */
async function budgetFor({ port }, name) {
  const budget = { name: 'bench', scope: 'key', subject: `client:${name}`, period: 'month', limit_usd: '9000000' };
  const answer = await fetch(`http://127.0.0.1:${port}/v1/admin/budgets`, {
    method: 'POST',
    headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify(budget),
  });
  // One that stands there from the round before will do as well.
  if (answer.status !== 200 && answer.status !== 409) throw new Error(`No budget: ${answer.status} ${await answer.text()}`);
}
