import {
  type AdmissionStore,
  type Amounts,
  type Ask,
  type HoldName,
  LEASE_MS,
  type Reading,
  type Reaped,
  REMEMBER_MS,
  type Settling,
  type Verdict,
} from '../admission-store.js';
import type { Bound } from '../bounds.js';
import { Batches } from './batches.js';
import { LuaScript, type RedisClient } from './lua-script.js';
import { specOf, toReadings, toVerdict } from './messages.js';
import { ALL_SHARDS, shardOf } from './shards.js';

const ADMIT = LuaScript.of(import.meta.url, 'shard.lua', 'admit.lua');
const END = LuaScript.of(import.meta.url, 'shard.lua', 'end.lua');
const REAP = LuaScript.of(import.meta.url, 'shard.lua', 'reap.lua');

/** Ends are no hurry: their calls are over, and what they hold is held until then. */
const END_MS = 2;
const REAP_MOST = 100;
const DONE = 1;
const AMENDED = 2;

type End = readonly [what: 'settle' | 'release' | 'cancel' | 'renew', name: string, tokens: string, cost: string];

/**
 * Admission for all replicas together, in Redis: one script for each step, on Redis's own clock. What is said within one turn of the
 * event loop goes to a shard in one message. Rejects when Redis does; what came of it is then unknown.
 */
export class RedisStore implements AdmissionStore {
  private readonly admits = new Batches<Ask, Verdict>((shard, asks) => this.sendAdmits(shard, asks), setImmediate);
  private readonly ends = new Batches<End, number>(
    (shard, ends) => this.sendEnds(shard, ends),
    (flush) => void setTimeout(flush, END_MS),
  );
  /** Shards in which an owner may hold something. */
  private readonly shards = new Map<string, Set<string>>();

  constructor(private readonly redis: RedisClient) {}

  admit(ask: Ask): Promise<Verdict> {
    const shard = shardOf(ask.tenant);
    const shards = this.shards.get(ask.owner);
    if (shards) shards.add(shard);
    else this.shards.set(ask.owner, new Set([shard]));
    return this.admits.add(shard, ask);
  }

  async release({ callId, tenant }: HoldName): Promise<void> {
    await this.ends.add(shardOf(tenant), ['release', callId, '', '']);
  }

  async settle({ callId, tenant }: HoldName, { tokens, costNanoUsd }: Amounts): Promise<Settling> {
    const outcome = await this.ends.add(shardOf(tenant), ['settle', callId, String(tokens), String(costNanoUsd)]);
    if (outcome === AMENDED) return 'amended';
    return outcome === DONE ? 'settled' : 'unknown';
  }

  async cancel({ callId, tenant }: HoldName): Promise<void> {
    await this.ends.add(shardOf(tenant), ['cancel', callId, '', '']);
  }

  async renew(owner: string): Promise<void> {
    await Promise.all([...(this.shards.get(owner) ?? [])].map((shard) => this.ends.add(shard, ['renew', owner, '', ''])));
  }

  async reap(): Promise<readonly Reaped[]> {
    return (await Promise.all(ALL_SHARDS.map((shard) => this.reapShard(shard)))).flat();
  }

  async look(tenant: string, bounds: readonly Bound[]): Promise<readonly Reading[]> {
    const reply = (await ADMIT.run(this.redis, shardOf(tenant), [LEASE_MS, '', '', '0', '0', '', specOf(bounds)])) as number[][];
    return toReadings(bounds, reply[0]!);
  }

  private async sendAdmits(shard: string, asks: readonly Ask[]): Promise<readonly Verdict[]> {
    // A caller that has seen the end of its last call finds the place of that free.
    this.ends.flush(shard);
    const args: (string | number)[] = [LEASE_MS];
    for (const { callId, owner, worst, memo, bounds } of asks) {
      args.push(callId, owner, String(worst.tokens), String(worst.costNanoUsd), memo, specOf(bounds));
    }
    const replies = (await ADMIT.run(this.redis, shard, args)) as number[][];
    return asks.map((ask, at) => toVerdict(ask, replies[at]!));
  }

  private async sendEnds(shard: string, ends: readonly End[]): Promise<readonly number[]> {
    return (await END.run(this.redis, shard, [REMEMBER_MS, LEASE_MS, ...ends.flat()])) as number[];
  }

  private async reapShard(shard: string): Promise<readonly Reaped[]> {
    const rows = (await REAP.run(this.redis, shard, [REMEMBER_MS, REAP_MOST])) as string[][];
    return rows.map(([callId, owner, tokens, cost, memo]) => ({
      callId: callId!,
      owner: owner!,
      worst: { tokens: Number(tokens), costNanoUsd: BigInt(cost!) },
      memo: memo!,
    }));
  }
}
