import { bucketLengthOf, bucketOf } from '../budgets/budget-bound.js';
import type { CounterSeed, SpendSnapshot, StoredCall } from '../budgets/spend.store.js';
import type { InspectedShard } from '../redis/shard-inspection.js';

/** How many parts a counter's window is kept in; of each part all leaves with the latest. */
const GRAINS = 256;
/** What clocks may be apart, and how late a call is counted after its row's time. */
const SKEW_MS = 60_000;

/** From and up to, both included: what a rolling counter has, depends on when within its buckets money was spent. */
export interface ExpectedSpend {
  readonly least: bigint;
  readonly most: bigint;
}

/** By budget, and bucket (epoch milliseconds): nano-dollars to be added to what its rows say. */
type Corrections = ReadonlyMap<string, ReadonlyMap<number, bigint>>;

/**
 * What the rows at one instant say that counters were told at another, shortly before. A call is in the counter from when it is over,
 * and in the rows from when its row is stored: those that are in one only are known by their holds and events.
 */
export function correctionsOf(shards: readonly InspectedShard[], stored: SpendSnapshot['stored']): Corrections {
  const corrections = new Map<string, Map<number, bigint>>();
  const add = ({ budgets, costNanoUsd }: StoredCall, sign: bigint): void => {
    for (const ref of budgets) {
      const budgetId = ref.slice(0, ref.indexOf('@'));
      const buckets = corrections.get(budgetId) ?? new Map<number, bigint>();
      buckets.set(bucketOf(ref), (buckets.get(bucketOf(ref)) ?? 0n) + sign * costNanoUsd);
      corrections.set(budgetId, buckets);
    }
  };
  for (const { holds, events } of shards) {
    for (const { callId } of holds) {
      const row = stored.get(callId);
      if (row) add(row, -1n);
    }
    for (const { callId, event } of events) if (!stored.has(callId)) add(toStored(event), 1n);
  }
  return corrections;
}

/** What of a budget the counter that `seed` is for should have, `nowMs` by its own clock. */
export function expectedSpend({ bound, spent }: CounterSeed, corrections: Corrections, nowMs: number): ExpectedSpend {
  const buckets = new Map(spent.map(({ bucketMs, costNanoUsd }) => [bucketMs, costNanoUsd]));
  for (const [bucket, amount] of corrections.get(bound.budgetId) ?? []) {
    if (bound.kind === 'rolling' || bucket === bucketOf(bound.ref)) buckets.set(bucket, (buckets.get(bucket) ?? 0n) + amount);
  }
  if (bound.kind === 'budget') {
    const exact = sum([...buckets.values()]);
    return { least: exact, most: exact };
  }
  const since = nowMs - bound.windowMs;
  const latestPart = bucketLengthOf(bound.windowMs) + Math.ceil(bound.windowMs / GRAINS) + SKEW_MS;
  const after = (limit: number): bigint => sum([...buckets].filter(([bucket]) => bucket > limit).map(([, amount]) => amount));
  return { least: after(since + SKEW_MS), most: after(since - latestPart) };
}

/** What calls that are under way hold, by counter. */
export function heldByCalls(shards: readonly InspectedShard[]): ReadonlyMap<string, bigint> {
  const held = new Map<string, bigint>();
  for (const { counters, costNanoUsd } of shards.flatMap(({ holds }) => holds)) {
    for (const counter of counters) held.set(counter, (held.get(counter) ?? 0n) + costNanoUsd);
  }
  return held;
}

function toStored(event: string): StoredCall {
  const { budgets = [], cost_nano_usd: cost } = JSON.parse(event) as { budgets?: readonly string[]; cost_nano_usd: number };
  return { budgets, costNanoUsd: BigInt(cost) };
}

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n);
}
