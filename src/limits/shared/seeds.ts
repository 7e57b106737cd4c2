import type { Clock } from '../../core/clock.js';
import type { HoldName } from '../admission-store.js';
import type { CounterSeed, SpendStore, Spent, StoredCall } from '../budgets/spend.store.js';
import type { Seed } from '../redis/redis-store.js';
import { shardNumberOf } from '../redis/shards.js';

/** What lost counters begin with, by the ledger. */
export class Seeds {
  constructor(
    private readonly spend: Pick<SpendStore, 'read'>,
    private readonly clock: Clock,
  ) {}

  /**
   * What was spent of the budgets whose counters lie in these shards, by shard. Calls that are held have not been charged yet, even if
   * their rows are in the ledger already: what they came to is left out, and added when they are settled.
   */
  async read(shards: readonly number[], held: readonly HoldName[]): Promise<ReadonlyMap<number, readonly Seed[]>> {
    const concerned = new Set(shards);
    const { seeds, stored } = await this.spend.read({
      nowMs: this.clock.now(),
      callIds: held.map(({ callId }) => callId),
      concerns: (tenant) => tenant === undefined || concerned.has(shardNumberOf(tenant)),
    });
    const byShard = new Map<number, Seed[]>(shards.map((shard) => [shard, []]));
    for (const seed of seeds) {
      // What is above all tenants lies in the shard of its own name.
      byShard.get(shardNumberOf(seed.tenant ?? seed.bound.counter))?.push({ bound: seed.bound, spent: without(seed, stored) });
    }
    return byShard;
  }
}

function without({ bound, spent }: CounterSeed, stored: ReadonlyMap<string, StoredCall>): readonly Spent[] {
  const charged = new Map<string, bigint>();
  for (const { budgets, costNanoUsd } of stored.values())
    for (const ref of budgets) charged.set(ref, (charged.get(ref) ?? 0n) + costNanoUsd);
  return spent.map((one) => ({ ...one, costNanoUsd: one.costNanoUsd - (charged.get(`${bound.budgetId}@${one.bucketMs}`) ?? 0n) }));
}
