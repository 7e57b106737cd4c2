// Admission by itself, as the gateway has it, in front of a real Redis: what bounding, admitting and settling a call takes without the call.

import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { readCpu } from './cpu.mjs';
import { toRequestBody } from './wire.mjs';

/** @typedef {{ atATime: number } | { perSecond: number }} Load closed, each call followed by another in the next turn; or open, each call lasting 20 ms */
/** @typedef {{ cpuUs: number, perSecond: number, p50: number, p99: number }} Admissions for each call; the times, ms, from asking to the verdict */

const CALL_MS = 20;
const FLUSH_MS = 100;
/** The length of a usual ledger event. */
const LINE = JSON.stringify({ line: 'x'.repeat(900) });

const [entry = '', redisUrl = ''] = process.argv.slice(2);

/** @param {string[]} path of a module of the build */
const importBuilt = (...path) => import(pathToFileURL(join(dirname(entry), ...path)).href);

async function open() {
  const [{ RedisConnection }, { RedisStore }, { RedisAdmission }, { LocalAdmission }] = await Promise.all([
    importBuilt('platform', 'redis', 'redis-connection.js'),
    importBuilt('limits', 'redis', 'redis-store.js'),
    importBuilt('limits', 'redis-admission.js'),
    importBuilt('limits', 'local-admission.js'),
  ]);
  const [{ HeldCalls }, { ShardGates }, { Recovery }] = await Promise.all(
    ['held-calls.js', 'shard-gates.js', 'recovery.js'].map((file) => importBuilt('limits', 'shared', file)),
  );
  const clock = { now: () => Date.now(), elapsed: () => performance.now() };
  const log = { info() {}, warn: console.error, error: console.error };
  const id = `bench-${randomUUID()}`;
  const gateways = { id, lastSeen: 1, living: async () => [id] };
  const redis = new RedisConnection(redisUrl);
  await redis.whenReady(5_000);
  const [store, held, gates] = [new RedisStore(redis), new HeldCalls(), new ShardGates(clock, log)];
  const seeds = { read: async (/** @type {number[]} */ shards) => new Map(shards.map((shard) => [shard, []])) };
  const recovery = new Recovery({ store, gates, held, seeds, gateways, log });
  const boundsOf = () => BOUNDS;
  const parts = { store, local: new LocalAdmission(boundsOf, clock), boundsOf, held, gates, recovery, gateways, clock, log };
  const admission = new RedisAdmission({ ...parts, lentBounds: () => [], config: { redis: { whenDown: 'closed' } } });
  admission.rebuildFrom({ flush: async () => {}, bury: async () => {} });
  await admission.onModuleInit();
  return admission;
}

const KEY = { scope: 'key', subject: 'bench' };
const BOUNDS = [
  { ...KEY, kind: 'requests', counter: 'requests:key:bench:60000', limit: 1e9, windowMs: 60_000 },
  { ...KEY, kind: 'tokens', counter: 'tokens:key:bench:60000', limit: 1e9, windowMs: 60_000 },
  {
    ...KEY,
    kind: 'budget',
    counter: 'budget:bench:0',
    ref: 'bench@0',
    period: 'total',
    limitNanoUsd: 8_000_000_000_000_000n,
    startsAt: 0,
    endsAt: Infinity,
  },
];
const CALLER = { keyId: 'client:bench', keyName: 'bench', tenant: 'client:bench', role: 'client' };
const BODY = toRequestBody('plain');
const REQUEST = {
  dialect: 'openai-chat',
  raw: Buffer.from(BODY),
  text: BODY,
  parsed: JSON.parse(BODY),
  stream: false,
  choices: 1,
  modelAsked: 'gpt-4o',
};
const PRICE = {
  input: 2_500_000n,
  cacheRead: 1_250_000n,
  cacheWrite5m: 2_500_000n,
  cacheWrite1h: 2_500_000n,
  output: 10_000_000n,
  image: 0n,
};
const TARGET = {
  provider: { name: 'openai', type: 'openai', dialects: ['openai-chat'], defaultMaxTokens: () => 4_096 },
  model: 'gpt-4o',
  priced: { price: { ...PRICE, audioInput: 0n, audioOutput: 0n }, version: 'bench' },
};

class Calls {
  #admission;
  #settlement;
  #made = 0;
  /** Whose rows are stored at the next flush. @type {object[]} */
  #over = [];
  /** Milliseconds. @type {number[]} */
  #times = [];

  /** @param {any} admission @param {object} usage */
  constructor(admission, usage) {
    this.#admission = admission;
    const settled = { record: { usage, costNanoUsd: 12_345n }, line: LINE };
    this.#settlement = { whenSettled: (/** @type {(settled: object) => void} */ listener) => listener(settled) };
    setInterval(() => {
      for (const hold of this.#over.splice(0)) admission.confirm(hold);
    }, FLUSH_MS);
  }

  /** @param {Load} load @param {number} ms @returns {Promise<Admissions>} */
  async measure(load, ms) {
    this.#times = [];
    const [before, startedMs] = [cpuNs(), performance.now()];
    await ('atATime' in load ? this.#closed(load.atATime, startedMs + ms) : this.#open(load.perSecond, startedMs, startedMs + ms));
    const [cpu, seconds] = [cpuNs() - before, (performance.now() - startedMs) / 1000];
    const times = this.#times.sort((a, b) => a - b);
    const quantile = (/** @type {number} */ at) => times[Math.floor(times.length * at)] ?? NaN;
    return { cpuUs: cpu / 1000 / times.length, perSecond: times.length / seconds, p50: quantile(0.5), p99: quantile(0.99) };
  }

  /** @param {number} atATime @param {number} untilMs */
  async #closed(atATime, untilMs) {
    const caller = async () => {
      while (performance.now() < untilMs) await this.#call(turn);
    };
    await Promise.all(Array.from({ length: atATime }, caller));
  }

  /** @param {number} perSecond @param {number} startedMs @param {number} untilMs */
  async #open(perSecond, startedMs, untilMs) {
    const calls = [];
    while (performance.now() < untilMs) {
      const due = ((performance.now() - startedMs) * perSecond) / 1000;
      while (calls.length < due) calls.push(this.#call(() => sleep(CALL_MS)));
      await sleep(1);
    }
    await Promise.all(calls);
  }

  /** @param {() => Promise<unknown>} answer */
  async #call(answer) {
    const callId = `call_${process.pid}_${(this.#made += 1)}`;
    const call = { callId, requestId: callId, admittedAt: Date.now(), caller: CALLER, request: REQUEST, tags: {} };
    const askedMs = performance.now();
    const hold = await this.#admission.admit({
      call,
      caller: CALLER,
      worstCase: () => worstCaseOf(REQUEST, [TARGET], { isBudgeted: true }),
      memo: (/** @type {string[]} */ budgets) => toMemo(call, budgets),
    });
    this.#times.push(performance.now() - askedMs);
    await answer();
    this.#admission.settle(hold, this.#settlement);
    this.#over.push(hold);
  }
}

/** All threads, by the scheduler's own clock. */
function cpuNs() {
  return readCpu({ own: [process.pid] })['own'] ?? 0;
}

const [{ NO_USAGE }, { worstCaseOf }, { toMemo }] = await Promise.all([
  importBuilt('core', 'usage.js'),
  importBuilt('chat', 'worst-case', 'index.js'),
  importBuilt('usage', 'ledger', 'interrupted.js'),
]);
const calls = new Calls(await open(), NO_USAGE);
process.on('message', async (/** @type {{ id: number, load: Load, ms: number }} */ { id, load, ms }) => {
  process.send?.({ id, ...(await calls.measure(load, ms)) });
});
process.on('disconnect', () => process.exit());
process.send?.({ port: 0 });
