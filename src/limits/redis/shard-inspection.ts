import type { BudgetBound } from '../bounds.js';
import { ShardClosed } from './epochs.js';
import { LuaScript, MONEY, type RedisClient } from './lua-script.js';
import { lineOf } from './messages.js';
import { ALL_SHARDS, prefixOf } from './shards.js';

const ATTEND = LuaScript.of(import.meta.url, 'attend.lua');
const INSPECT = LuaScript.of(import.meta.url, ...MONEY, 'inspect.lua');

/** A call that is under way, and the counters that it is held in. */
interface InspectedHold {
  readonly callId: string;
  readonly costNanoUsd: bigint;
  readonly counters: readonly string[];
}

/** The ledger event of a call that is over. */
interface InspectedEvent {
  readonly callId: string;
  readonly event: string;
}

/** What a shard knew at one instant: `nowMs` by its own clock, epoch milliseconds. */
export interface InspectedShard {
  readonly nowMs: number;
  /** In the order of the bounds. What is used includes what is held; of a rolling budget nobody tells that apart (0). */
  readonly figures: readonly { readonly used: bigint; readonly held: bigint }[];
  readonly holds: readonly InspectedHold[];
  readonly events: readonly InspectedEvent[];
}

interface Attended {
  readonly isOpen: boolean;
  readonly epoch: string;
  readonly generation: number;
  readonly nowMs: number;
}

/** Looks at the shards from outside: whoever does holds nothing in them, and says nothing to them. */
export class ShardInspection {
  constructor(private readonly redis: RedisClient) {}

  /** Rejects with `ShardClosed` where the shard does not know what it held, or may not. Lent bounds are read as slice and pool in one. */
  async inspect(shard: number, bounds: readonly BudgetBound[]): Promise<InspectedShard> {
    const { isOpen, epoch } = await this.attend(shard, 0);
    if (!isOpen) throw new ShardClosed(shard);
    const told = await INSPECT.run(this.redis, prefixOf(shard), [epoch, bounds.map(lineOf).join('\n')]);
    if (typeof told === 'string') throw new ShardClosed(shard);
    const [figures, holds, events, now] = told as [[string, string][], string[][], [string, string][], string];
    return {
      nowMs: Number(now),
      figures: figures.map(([used, held]) => ({ used: BigInt(used), held: BigInt(held) })),
      holds: holds.map(([callId, cost, ...counters]) => ({ callId: callId!, costNanoUsd: BigInt(cost!), counters })),
      // In front of the event stands its tenant.
      events: events.map(([callId, packed]) => ({ callId, event: packed.slice(packed.indexOf(' ') + 1) })),
    };
  }

  /** All of them are open: somebody has told them what there is. */
  async areOpen(): Promise<boolean> {
    const found = await Promise.all(ALL_SHARDS.map((shard) => this.attend(shard, 0)));
    return found.every(({ isOpen }) => isOpen);
  }

  /**
   * Closes all shards and begins a new generation of their counters, as when they have lost what they knew: the gateways that live say
   * what they hold, and open them with what the ledger says. Where none lives, the next one does when it begins.
   */
  async beginAnew(): Promise<void> {
    const found = await Promise.all(ALL_SHARDS.map((shard) => this.attend(shard, 0)));
    const target = Math.max(...found.map(({ generation, nowMs }) => Math.max(generation + 1, nowMs)));
    await Promise.all(ALL_SHARDS.map((shard) => this.attend(shard, target)));
  }

  private async attend(shard: number, target: number): Promise<Attended> {
    const told = (await ATTEND.run(this.redis, prefixOf(shard), [String(target)])) as string[];
    const [state, generation, epoch, isWhole, now] = told;
    return { isOpen: state === 'open' && isWhole === '1', epoch: epoch!, generation: Number(generation), nowMs: Number(now) };
  }
}
