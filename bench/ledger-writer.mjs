// Writes the rows of the ledger drill by the gateway's own store, two statements at a time, in a process of its own: how long it takes
// to make the rows is counted apart. Answers what each step took.

import { Rows, importBuilt } from './ledger-rows.mjs';

/** @typedef {{ rows: number, writingMs: number, makingMs: number, writingCpuUs: number, makingCpuUs: number }} Written rows = 0: there are no more */

const CONNECTIONS = 2;
const CHUNK_BATCHES = 64;

const [entry = '', url = '', fill = ''] = process.argv.slice(2);

async function open() {
  const [{ openPool }, { PrismaService }, { LedgerStore }, { LEDGER_LIMITS }] = await Promise.all([
    importBuilt(entry, 'platform', 'database', 'connection-pool.js'),
    importBuilt(entry, 'platform', 'database', 'prisma.service.js'),
    importBuilt(entry, 'usage', 'ledger', 'ledger.store.js'),
    importBuilt(entry, 'usage', 'ledger', 'ledger.js'),
  ]);
  const pool = openPool(url, { connections: CONNECTIONS, connectMs: 5_000, queryMs: 60_000 });
  const store = new LedgerStore(new PrismaService({ pool }));
  const rows = await Rows.open(JSON.parse(fill), entry);
  return { store, rows, batchRows: LEDGER_LIMITS.batchRows };
}

/** @param {{ insert(lines: readonly string[]): Promise<void> }} store @param {string[][]} batches */
async function write(store, batches) {
  const one = async () => {
    for (let batch = batches.shift(); batch; batch = batches.shift()) await store.insert(batch);
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, one));
}

/** @param {Awaited<ReturnType<typeof open>>} parts @param {number} most @returns {Promise<Written>} */
async function step({ store, rows, batchRows }, most) {
  const done = { rows: 0, writingMs: 0, makingMs: 0, writingCpuUs: 0, makingCpuUs: 0 };
  while (done.rows < most) {
    const making = stopwatch();
    /** @type {string[][]} */
    const batches = [];
    for (let left = Math.min(CHUNK_BATCHES * batchRows, most - done.rows); left > 0; left -= batchRows) {
      const lines = rows.take(Math.min(batchRows, left));
      if (lines.length > 0) batches.push(lines);
    }
    const made = batches.reduce((sum, lines) => sum + lines.length, 0);
    const [makingMs, makingCpuUs] = making();
    if (made === 0) break;
    const writing = stopwatch();
    await write(store, batches);
    const [writingMs, writingCpuUs] = writing();
    done.rows += made;
    done.makingMs += makingMs;
    done.makingCpuUs += makingCpuUs;
    done.writingMs += writingMs;
    done.writingCpuUs += writingCpuUs;
  }
  return done;
}

/** @returns {() => [ms: number, cpuUs: number]} */
function stopwatch() {
  const [startedMs, startedCpu] = [performance.now(), process.cpuUsage()];
  return () => {
    const { user, system } = process.cpuUsage(startedCpu);
    return [performance.now() - startedMs, user + system];
  };
}

const parts = await open();
process.on('message', async (/** @type {{ id: number, rows: number }} */ { id, rows }) => {
  try {
    process.send?.({ id, ...(await step(parts, rows)) });
  } catch (error) {
    console.error(error);
    process.exit(1);
  }
});
process.send?.({ ready: true });
