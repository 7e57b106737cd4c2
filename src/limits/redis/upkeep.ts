import { counterOf, type Pools, type Slice, type SlicesOfShard } from './pools.js';
import { ALL_SHARDS, shardNumberOf } from './shards.js';

/**
 * Finishes what was under way between pools and slices when somebody died: what was lent but did not arrive is credited, what was
 * given back but not told is told, and what is used beyond what was lent is lent. Costs a message to every shard, hardly more.
 */
export async function sweepTransfers(pools: Pools): Promise<void> {
  const told = await Promise.all(ALL_SHARDS.map((shard) => pools.list(shard)));
  const lines = new Map(told.flatMap(linesOf).map((line) => [counterOf(line), line]));
  await Promise.all([...lines].map(([counter, line]) => settle(pools, line, slicesOf(counter, told))));
}

/**
 * Has the pools lend a shard what its calls hold beyond what was lent to it: those that it was told of when it had lost what it knew.
 * `poolEpochOf` knows the epochs of shards that may not be open yet.
 */
export async function coverSlices(pools: Pools, shard: number, epoch: string, poolEpochOf: (shard: number) => string): Promise<void> {
  const { slices } = await pools.list(shard, epoch);
  const uncovered = slices.filter(({ lent, returned, used }) => used > lent - returned);
  await Promise.all(
    uncovered.map(async (slice) => {
      const pool = poolEpochOf(shardNumberOf(counterOf(slice.line)));
      const { accounts } = await pools.tell(slice.line, { slices: [slice], epoch: pool });
      const account = accounts.find((one) => one.shard === shard)!;
      await pools.credit(shard, slice.line, account.lent, epoch);
    }),
  );
}

async function settle(pools: Pools, line: string, slices: readonly Slice[]): Promise<void> {
  const { accounts } = await pools.tell(line, { slices });
  const known = new Map(slices.map((slice) => [slice.shard, slice.lent]));
  const late = accounts.filter(({ shard, lent }) => lent > (known.get(shard) ?? 0n));
  await Promise.all(late.map(({ shard, lent }) => pools.credit(shard, line, lent)));
}

function linesOf({ slices, pools }: SlicesOfShard): readonly string[] {
  return [...slices.map(({ line }) => line), ...pools];
}

function slicesOf(counter: string, told: readonly SlicesOfShard[]): readonly Slice[] {
  return told.flatMap(({ slices }) => slices.filter(({ line }) => counterOf(line) === counter));
}
