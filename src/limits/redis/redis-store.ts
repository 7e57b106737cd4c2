import {
  type AdmissionStore,
  type Amounts,
  type Ask,
  type Estate,
  type HoldName,
  LEASE_MS,
  type Reading,
  REMEMBER_MS,
  type Settling,
  type Verdict,
} from '../admission-store.js';
import type { Bound } from '../bounds.js';
import { CallMessages, type End } from './call-messages.js';
import { Epochs, ShardClosed } from './epochs.js';
import { Escrow } from './escrow.js';
import { Generations, type Seed, type ShardState } from './generations.js';
import { LuaScript, MONEY, type RedisClient } from './lua-script.js';
import { isLent, packEvent, specOf, toEstate, toLeft, toReadings } from './messages.js';
import { Pools } from './pools.js';
import { ALL_SHARDS, shardNumberOf } from './shards.js';
import { type RedisNode, sweepNode } from './sweep.js';
import { sweepTransfers } from './upkeep.js';

export { ShardClosed } from './epochs.js';
export type { Seed, ShardState } from './generations.js';

const LOOK = LuaScript.of(import.meta.url, ...MONEY, 'step.lua', 'admit.lua', 'look.lua');
const INHERIT = LuaScript.of(import.meta.url, 'shard.lua', 'inherit.lua');

const INHERIT_MOST = 100;
const DONE = 1;
const AMENDED = 2;

/** What the store needs of a Redis: one that stands alone, or is behind Sentinel, or a Cluster. */
export type StoreRedis = RedisClient & (RedisNode | { nodes(role: 'master'): RedisNode[] });

/**
 * Admission for all replicas together, in Redis: one script for each step, on Redis's own clock. What is said within one turn of the
 * event loop goes to a shard in one message. Rejects when Redis does; what came of it is then unknown. Rejects with `ShardClosed`
 * where a shard has lost what it knew, or may have: then nothing has changed, and it must be attended, joined and opened.
 */
export class RedisStore implements AdmissionStore {
  private readonly messages: CallMessages;
  private readonly epochs: Epochs;
  private readonly pools: Pools;
  private readonly escrow: Escrow;
  private readonly generations: Generations;
  /** For whom this gateway speaks, which is itself, and the shards in which it may hold something. */
  private readonly owners = new Map<string, Set<number>>();
  /** Of events of the dead that this gateway was told of: in whose outbox each is. */
  private outboxes = new Map<string, string>();

  constructor(private readonly redis: StoreRedis) {
    this.epochs = new Epochs(redis);
    this.messages = new CallMessages(this.epochs);
    this.pools = new Pools(this.epochs);
    this.escrow = new Escrow(this.pools);
    this.generations = new Generations(redis, this.epochs, this.pools, (owner) => this.owners.has(owner));
  }

  admit(ask: Ask): Promise<Verdict> {
    const shard = shardNumberOf(ask.tenant);
    this.shardsOf(ask.owner).add(shard);
    const asked = this.messages.admit(shard, { ask, loans: [], isLast: false });
    if (!ask.bounds.some(isLent)) return asked as Promise<Verdict>;
    return asked.then((verdict) => {
      return verdict.outcome === 'short' ? this.escrow.admit(ask, verdict, (again) => this.messages.admit(shard, again)) : verdict;
    });
  }

  async release({ callId, tenant }: HoldName): Promise<void> {
    await this.end(shardNumberOf(tenant), { what: `release ${callId}` });
  }

  settle({ callId, tenant }: HoldName, { tokens, costNanoUsd }: Amounts, event: string): Promise<Settling> {
    const told = `${tokens} ${costNanoUsd} ${packEvent(tenant, event)}`;
    return this.end(shardNumberOf(tenant), { what: `settle ${callId}`, told }).then(toSettling);
  }

  interrupt({ callId, tenant }: HoldName, { tokens, costNanoUsd }: Amounts): Promise<Settling> {
    return this.end(shardNumberOf(tenant), { what: `interrupt ${callId}`, told: `${tokens} ${costNanoUsd}` }).then(toSettling);
  }

  async confirm({ callId, tenant }: HoldName): Promise<void> {
    const owners = [...this.owners.keys()];
    const dead = this.outboxes.get(callId);
    if (dead !== undefined) owners.push(dead);
    await this.end(shardNumberOf(tenant), { what: `confirm ${callId}`, told: owners.join('\n') });
    if (dead !== undefined) this.outboxes.delete(callId);
  }

  async cancel({ callId, tenant }: HoldName): Promise<void> {
    await this.end(shardNumberOf(tenant), { what: `cancel ${callId}` });
  }

  /** Shards that are closed are passed over: whoever joins one lives. */
  async renew(owner: string): Promise<void> {
    await this.whereOpen([...this.shardsOf(owner)], (shard) => this.end(shard, { what: `renew ${owner}` }));
  }

  /** Shards that are closed are passed over. Asks all others, so that afterwards `closed` tells of all that have lost what they knew. */
  async inherit(heir: string): Promise<Estate> {
    const shards = this.shardsOf(heir);
    const left = await this.whereOpen(ALL_SHARDS, async (shard) => {
      const args = [REMEMBER_MS, LEASE_MS, INHERIT_MOST, heir];
      const found = toLeft((await this.epochs.run(INHERIT, shard, args)) as string[][][]);
      if (found.holds.length > 0) shards.add(shard);
      return found;
    });
    this.outboxes = new Map(left.flatMap(({ events }) => events.map(({ callId, owner }) => [callId, owner])));
    return toEstate(left);
  }

  async look(tenant: string, bounds: readonly Bound[]): Promise<readonly Reading[]> {
    const own = bounds.filter((bound) => !isLent(bound));
    const lent = bounds.filter(isLent);
    const [ofTenant, ofAll] = await Promise.all([this.lookAt(tenant, own), Promise.all(lent.map((bound) => this.escrow.look(bound)))]);
    return bounds.map((bound) => (isLent(bound) ? ofAll[lent.indexOf(bound)]! : ofTenant[own.indexOf(bound)]!));
  }

  /** Shards that nothing is said to until they have been attended, and are open. */
  get closed(): readonly number[] {
    return ALL_SHARDS.filter((shard) => this.epochs.get(shard) === undefined);
  }

  /**
   * Asks which epoch a shard is of. Where any shard has lost what it knew, all begin a new generation, which everybody who lives must
   * join. An open shard is spoken to from now on; one in which this gateway may hold calls only after it has joined, or attended again.
   */
  attend(shard: number): Promise<ShardState> {
    return this.generations.attend(shard);
  }

  /**
   * Tells a shard what a gateway holds there (`worst` = what was granted), whatever the limits say, and that this was all. Rates are
   * not counted again. Joining twice changes nothing; a shard that is open may be joined too. Rejects with `ShardClosed` for another epoch.
   */
  async join(shard: number, epoch: string, owner: string, holds: readonly Ask[]): Promise<void> {
    this.shardsOf(owner).add(shard);
    await this.generations.join(shard, epoch, owner, holds);
  }

  /** All calls that are held in a shard. */
  heldIn(shard: number, epoch: string): Promise<readonly HoldName[]> {
    return this.generations.heldIn(shard, epoch);
  }

  /**
   * What those have left in earlier generations who do not live, where the shard still knows: nobody joins for them. Once it is in the
   * ledger, and so in what the shard is opened with, it is done with; opening forgets it.
   */
  async remains(shard: number, epoch: string, living: readonly string[]): Promise<Estate> {
    return toEstate([await this.generations.remains(shard, epoch, living)]);
  }

  /**
   * Says with what the pools of a shard begin. A call is counted in the pool's shard by its row, but held and settled in its tenant's: so
   * this must be known when all shards have been joined and none is open. Only the first time counts. False: as for `open`.
   */
  seedPools(shard: number, epoch: string, seeds: readonly Seed[]): Promise<boolean> {
    return this.generations.seedPools(shard, epoch, seeds);
  }

  /**
   * Opens a shard with what was spent before; that of a budget on everything belongs to the shard of its counter's name. False: it
   * was not joining in this epoch (any more).
   */
  open(shard: number, epoch: string, seeds: readonly Seed[]): Promise<boolean> {
    return this.generations.open(shard, epoch, seeds);
  }

  /** The connection was lost: whoever answers next may have forgotten everything. */
  forget(): void {
    this.epochs.closeAll();
  }

  /** Drops what earlier generations have left behind in shards that are open, as attended last. Returns how many keys that were. */
  async sweepGenerations(): Promise<number> {
    const nodes = 'nodes' in this.redis ? this.redis.nodes('master') : [this.redis];
    const swept = await Promise.all(nodes.map((node) => sweepNode(node, (shard) => this.generations.openGenerationOf(shard))));
    return swept.reduce((sum, keys) => sum + keys, 0);
  }

  /** Finishes what was under way between the shards when somebody died. */
  sweepTransfers(): Promise<void> {
    return sweepTransfers(this.pools);
  }

  /** The limit of a budget on everything was lowered: takes back what is lent and not used, if that is more than the limit has room for. */
  recall(bound: Bound): Promise<void> {
    return this.escrow.recall(bound);
  }

  private async lookAt(tenant: string, bounds: readonly Bound[]): Promise<readonly Reading[]> {
    if (bounds.length === 0) return [];
    return toReadings(bounds, (await this.epochs.run(LOOK, shardNumberOf(tenant), [specOf(bounds)])) as number[]);
  }

  private end(shard: number, end: End): Promise<number> {
    return new Promise((done, failed) => this.messages.end(shard, end, done, failed));
  }

  private shardsOf(owner: string): Set<number> {
    let shards = this.owners.get(owner);
    if (!shards) this.owners.set(owner, (shards = new Set()));
    return shards;
  }

  /** Each shard is asked, whatever becomes of the others. */
  private async whereOpen<T>(shards: readonly number[], ask: (shard: number) => Promise<T>): Promise<readonly T[]> {
    const told = await Promise.allSettled(shards.filter((shard) => this.epochs.get(shard) !== undefined).map(ask));
    const failed = told.find((one) => one.status === 'rejected' && !(one.reason instanceof ShardClosed));
    if (failed?.status === 'rejected') throw failed.reason;
    return told.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  }
}

function toSettling(outcome: number): Settling {
  if (outcome === AMENDED) return 'amended';
  return outcome === DONE ? 'settled' : 'unknown';
}
