import type { LuaScript, RedisClient } from './lua-script.js';
import { prefixOf } from './shards.js';

/** The shard is not what the gateway took it for, and nothing has changed: it must be attended before it is asked again. */
export class ShardClosed extends Error {
  override readonly name = 'ShardClosed';

  constructor(readonly shard: number) {
    super(`Shard ${shard} has lost what it knew, or may have.`);
  }
}

const CLOSED = 'closed';

/** `<generation>.<run id>`. Generations rise, and all shards come to the same one. */
export function generationOf(epoch: string): number {
  return Number(epoch.slice(0, epoch.indexOf('.')));
}

/** What the gateway believes of each shard. Every script is told, and does nothing where it is not so. */
export class Epochs {
  private readonly open = new Map<number, string>();
  /** The last epoch in which something was said to a shard: it may hold calls of this gateway. */
  private readonly spoken = new Map<number, string>();
  private readonly doubted = new Map<number, string>();

  constructor(private readonly redis: RedisClient) {}

  get(shard: number): string | undefined {
    return this.open.get(shard);
  }

  /** Throws `ShardClosed` where it is not known to be open. */
  of(shard: number): string {
    const epoch = this.open.get(shard);
    if (epoch === undefined) throw new ShardClosed(shard);
    return epoch;
  }

  /** Only a shard that knows what this gateway holds is spoken to. */
  believe(shard: number, epoch: string): void {
    this.open.set(shard, epoch);
    this.spoken.set(shard, epoch);
    this.doubted.delete(shard);
  }

  /**
   * An open shard was found. Where this gateway spoke to it in another epoch and has not joined it since, it is given the occasion to
   * do so before anything else is said.
   */
  found(shard: number, epoch: string, hasJoined: boolean): void {
    const spoken = this.spoken.get(shard);
    if (hasJoined || spoken === undefined || spoken === epoch || this.doubted.get(shard) === epoch) return this.believe(shard, epoch);
    this.open.delete(shard);
    this.doubted.set(shard, epoch);
  }

  close(shard: number): void {
    this.open.delete(shard);
  }

  closeAll(): void {
    this.open.clear();
    this.doubted.clear();
  }

  /** Runs a script in an epoch, which where none is given is the one that is believed. Rejects with `ShardClosed` if it is another. */
  async run(script: LuaScript, shard: number, args: readonly (string | number)[], epoch = this.of(shard)): Promise<unknown> {
    const reply = await script.run(this.redis, prefixOf(shard), [epoch, ...args]);
    if (reply !== CLOSED) return reply;
    if (this.open.get(shard) === epoch) this.open.delete(shard);
    throw new ShardClosed(shard);
  }
}
