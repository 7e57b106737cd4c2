// Settling by itself, as the gateway has it, in front of a real Postgres: what it takes from the end of a call to its stored row, without
// the call and without admission.

import { once } from 'node:events';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { importBuilt } from './ledger-rows.mjs';
import { toRequestBody } from './wire.mjs';

/** @typedef {import('./admission.mjs').Load} Load */
/** @typedef {'bare' | 'queued' | 'stored'} Depth calls that nobody settles; settled into a ledger whose store takes everything at once; into the database */
/** @typedef {{ calls: number, cpuUs: number, perSecond: number }} Settlings `cpuUs` for each call, all of this process */

/** So many rows may wait for the database, four batches: whoever comes then waits for it. */
const MOST_WAITING = 2_048;
const CONNECTIONS = 2;

const [entry = '', url = '', budget = ''] = process.argv.slice(2);

const clock = { now: () => Date.now(), elapsed: () => performance.now() };
const log = { info() {}, warn: console.error, error: console.error };
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
  userId: 'user-4711',
};
const TAGS = { feature: 'search' };
const PRICE = {
  input: 2_500_000n,
  cacheRead: 1_250_000n,
  cacheWrite5m: 2_500_000n,
  cacheWrite1h: 2_500_000n,
  output: 10_000_000n,
  audioInput: 0n,
  audioOutput: 0n,
  image: 2_500_000n,
};
const USAGE = {
  input: 200,
  cacheRead: 1_000,
  cacheWrite5m: 0,
  cacheWrite1h: 0,
  output: 80,
  audioInput: 0,
  audioOutput: 0,
  image: 0,
  reasoning: 30,
};
const READER = { reading: { usage: USAGE, costNanoUsd: undefined, serviceTier: undefined, generatedText: () => '' } };
const ATTEMPT = { provider: 'openai', model: 'gpt-4o', startedMs: 1, durationMs: 750, outcome: 'answered' };
const BILLING = { onUnknownUsage: 'held', billFailedAttempts: 'provider', costSource: 'computed' };
const CLIENT = { status: 200 };

/** How many rows are on their way; who waits is woken when there are fewer. */
class Backlog {
  #rows = 0;
  /** @type {(() => void)[]} */
  #waiting = [];

  /** As admission is told of it. */
  confirm() {
    this.#rows -= 1;
    if (this.#rows < MOST_WAITING) for (const wake of this.#waiting.splice(0)) wake();
  }

  add() {
    this.#rows += 1;
  }

  get isLong() {
    return this.#rows >= MOST_WAITING;
  }

  /** @returns {Promise<void>} */
  whenShorter() {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}

async function open() {
  const [{ openPool }, { PrismaService }, { LedgerStore }, { Ledger }] = await Promise.all([
    importBuilt(entry, 'platform', 'database', 'connection-pool.js'),
    importBuilt(entry, 'platform', 'database', 'prisma.service.js'),
    importBuilt(entry, 'usage', 'ledger', 'ledger.store.js'),
    importBuilt(entry, 'usage', 'ledger', 'ledger.js'),
  ]);
  const [{ ChargedPrices }, { ChargedPricesStore }, { priceIdOf }] = await Promise.all(
    ['charged-prices.js', 'charged-prices.store.js', 'price-id.js'].map((file) => importBuilt(entry, 'usage', 'prices', file)),
  );
  const [{ Settler }, { UsageMeter }, { LiveCall }] = await Promise.all(
    ['settler.js', 'usage-meter.js', 'live-call.js'].map((file) => importBuilt(entry, 'chat', file)),
  );
  const prisma = new PrismaService({ pool: openPool(url, { connections: CONNECTIONS, connectMs: 5_000, queryMs: 60_000 }) });
  const charged = new ChargedPrices(new ChargedPricesStore(prisma), clock, log);
  const backlog = new Backlog();
  const settlerOf = (/** @type {object} */ store) => {
    const ledger = new Ledger(store, clock, log);
    const alerts = { raise: (/** @type {string} */ kind) => log.error(`An alert that no call should raise: ${kind}`) };
    return { ledger, settler: new Settler(ledger, new UsageMeter({}, { billing: BILLING }), backlog, alerts, log) };
  };
  const unpriced = { price: PRICE, version: 'bench' };
  const priced = { ...unpriced, id: priceIdOf(unpriced) };
  const taking = { insert: () => turn() };
  return { LiveCall, charged, backlog, priced, queued: settlerOf(taking), stored: settlerOf(new LedgerStore(prisma)) };
}

class Calls {
  #parts;
  #target;
  #made = 0;

  /** @param {Awaited<ReturnType<typeof open>>} parts */
  constructor(parts) {
    this.#parts = parts;
    this.#target = {
      provider: { name: 'openai', type: 'openai' },
      model: 'gpt-4o',
      metricModel: 'gpt-4o',
      weight: 1,
      priced: parts.priced,
    };
  }

  /** Until the last row is stored. @param {Depth} depth @param {Load} load @param {number} ms @returns {Promise<Settlings>} */
  async measure(depth, load, ms) {
    const [before, startedMs, cpu] = [this.#made, performance.now(), process.cpuUsage()];
    await ('atATime' in load
      ? this.#closed(depth, load.atATime, startedMs + ms)
      : this.#open(depth, load.perSecond, startedMs, startedMs + ms));
    if (depth !== 'bare') await this.#parts[depth].ledger.flush();
    const { user, system } = process.cpuUsage(cpu);
    const calls = this.#made - before;
    return { calls, cpuUs: (user + system) / calls, perSecond: (calls * 1_000) / (performance.now() - startedMs) };
  }

  /** Each followed by another in the next turn, as fast as the database takes them. @param {Depth} depth @param {number} atATime @param {number} untilMs */
  async #closed(depth, atATime, untilMs) {
    const caller = async () => {
      while (performance.now() < untilMs) {
        this.#call(depth);
        while (this.#parts.backlog.isLong) await this.#parts.backlog.whenShorter();
        await turn();
      }
    };
    await Promise.all(Array.from({ length: atATime }, caller));
  }

  /** @param {Depth} depth @param {number} perSecond @param {number} startedMs @param {number} untilMs */
  async #open(depth, perSecond, startedMs, untilMs) {
    let made = 0;
    while (performance.now() < untilMs) {
      for (const due = ((performance.now() - startedMs) * perSecond) / 1000; made < due; made += 1) this.#call(depth);
      await sleep(1);
    }
  }

  /** @param {Depth} depth */
  #call(depth) {
    const { LiveCall, charged, backlog, priced } = this.#parts;
    const requestId = `bench-${process.pid}-${(this.#made += 1)}`;
    const live = new LiveCall({ requestId, caller: CALLER, request: REQUEST, tags: TAGS }, clock);
    live.hold = { callId: live.call.callId, tenant: CALLER.tenant, heldCostNanoUsd: 8_000_000n, budgets: [budget] };
    live.begin(this.#target);
    live.reader = READER;
    live.attempts.push(ATTEMPT);
    live.markFirstByte();
    live.ending = 'complete';
    if (depth === 'bare') return;
    charged.keep(priced);
    backlog.add();
    this.#parts[depth].settler.settle(live, CLIENT);
  }
}

const calls = new Calls(await open());
process.on('message', async (/** @type {{ id: number, depth: Depth, load: Load, ms: number }} */ { id, depth, load, ms }) => {
  process.send?.({ id, ...(await calls.measure(depth, load, ms)) });
});
process.send?.({ port: 0 });
await once(process, 'disconnect');
process.exit();
