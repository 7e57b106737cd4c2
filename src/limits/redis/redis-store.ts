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
import { Batches } from './batches.js';
import { Epochs, ShardClosed } from './epochs.js';
import { Escrow } from './escrow.js';
import { Generations, type Seed, type ShardState } from './generations.js';
import { LuaScript, type RedisClient } from './lua-script.js';
import {
  addAdmission,
  type AskOnLoan,
  isLent,
  lookOf,
  packEvent,
  type Short,
  toEstate,
  toLeft,
  toReadings,
  toVerdict,
} from './messages.js';
import { Pools } from './pools.js';
import { ALL_SHARDS, shardNumberOf } from './shards.js';
import { type RedisNode, sweepNode } from './sweep.js';
import { sweepTransfers } from './upkeep.js';

export { ShardClosed } from './epochs.js';
export type { Seed, ShardState } from './generations.js';

const ADMIT = LuaScript.of(import.meta.url, 'shard.lua', 'window.lua', 'slice.lua', 'take.lua', 'admit.lua');
const END = LuaScript.of(import.meta.url, 'shard.lua', 'window.lua', 'hold.lua', 'end.lua');
const INHERIT = LuaScript.of(import.meta.url, 'shard.lua', 'inherit.lua');

/** Ends are no hurry: their calls are over, and what they hold is held until then. */
const END_MS = 2;
const INHERIT_MOST = 100;
const DONE = 1;
const AMENDED = 2;

type What = 'settle' | 'interrupt' | 'release' | 'cancel' | 'confirm' | 'renew';
type End = readonly [what: What, name: string, first: string, second: string, event: string];

/** What the store needs of a Redis: one that stands alone, or is behind Sentinel, or a Cluster. */
export type StoreRedis = RedisClient & (RedisNode | { nodes(role: 'master'): RedisNode[] });

/**
 * Admission for all replicas together, in Redis: one script for each step, on Redis's own clock. What is said within one turn of the
 * event loop goes to a shard in one message. Rejects when Redis does; what came of it is then unknown. Rejects with `ShardClosed`
 * where a shard has lost what it knew, or may have: then nothing has changed, and it must be attended, joined and opened.
 */
export class RedisStore implements AdmissionStore {
  private readonly admits = new Batches<AskOnLoan, Verdict | Short>((shard, asks) => this.sendAdmits(shard, asks), setImmediate);
  private readonly ends = new Batches<End, number>(
    (shard, ends) => this.sendEnds(shard, ends),
    (flush) => void setTimeout(flush, END_MS),
  );
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
    this.pools = new Pools(this.epochs);
    this.escrow = new Escrow(this.pools);
    this.generations = new Generations(redis, this.epochs, this.pools, (owner) => this.owners.has(owner));
  }

  async admit(ask: Ask): Promise<Verdict> {
    const shard = shardNumberOf(ask.tenant);
    this.shardsOf(ask.owner).add(shard);
    const verdict = await this.admits.add(shard, { ask, loans: [], isLast: false });
    if (verdict.outcome !== 'short') return verdict;
    return this.escrow.admit(ask, verdict, (again) => this.admits.add(shard, again));
  }

  async release({ callId, tenant }: HoldName): Promise<void> {
    await this.ends.add(shardNumberOf(tenant), ['release', callId, '', '', '']);
  }

  async settle({ callId, tenant }: HoldName, { tokens, costNanoUsd }: Amounts, event: string): Promise<Settling> {
    const end: End = ['settle', callId, String(tokens), String(costNanoUsd), packEvent(tenant, event)];
    return toSettling(await this.ends.add(shardNumberOf(tenant), end));
  }

  async interrupt({ callId, tenant }: HoldName, { tokens, costNanoUsd }: Amounts): Promise<Settling> {
    const end: End = ['interrupt', callId, String(tokens), String(costNanoUsd), ''];
    return toSettling(await this.ends.add(shardNumberOf(tenant), end));
  }

  async confirm({ callId, tenant }: HoldName): Promise<void> {
    const shard = shardNumberOf(tenant);
    const dead = this.outboxes.get(callId);
    const owners = dead === undefined ? [...this.owners.keys()] : [...this.owners.keys(), dead];
    await Promise.all(owners.map((owner) => this.ends.add(shard, ['confirm', callId, owner, '', ''])));
    this.outboxes.delete(callId);
  }

  async cancel({ callId, tenant }: HoldName): Promise<void> {
    await this.ends.add(shardNumberOf(tenant), ['cancel', callId, '', '', '']);
  }

  /** Shards that are closed are passed over: whoever joins one lives. */
  async renew(owner: string): Promise<void> {
    await this.whereOpen([...this.shardsOf(owner)], (shard) => this.ends.add(shard, ['renew', owner, '', '', '']));
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
    const reply = (await this.epochs.run(ADMIT, shardNumberOf(tenant), [LEASE_MS, ...lookOf(tenant, bounds)])) as number[][];
    return toReadings(bounds, reply[0]!);
  }

  private async sendAdmits(shard: number, asks: readonly AskOnLoan[]): Promise<readonly (Verdict | Short)[]> {
    // A caller that has seen the end of its last call finds the place of that free.
    this.ends.flush(shard);
    const args: (string | number)[] = [LEASE_MS];
    for (const ask of asks) addAdmission(args, ask);
    const replies = (await this.epochs.run(ADMIT, shard, args)) as number[][];
    return asks.map((ask, at) => toVerdict(ask, replies[at]!));
  }

  private async sendEnds(shard: number, ends: readonly End[]): Promise<readonly number[]> {
    return (await this.epochs.run(END, shard, [REMEMBER_MS, LEASE_MS, ...ends.flat()])) as number[];
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
