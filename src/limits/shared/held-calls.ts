import type { Ask, HoldName } from '../admission-store.js';

interface Held {
  readonly ask: Ask;
  readonly shard: number;
  /** Its end is acknowledged: the store keeps its event instead of a hold. */
  isSettled: boolean;
  /** Its row is in the ledger. */
  isStored: boolean;
}

/** The calls of this process that the store may know of, until their end is acknowledged and their row is in the ledger. */
export class HeldCalls {
  private readonly calls = new Map<string, Held>();

  /** `ask.worst` is what was granted. */
  add(ask: Ask, shard: number): void {
    this.calls.set(ask.callId, { ask, shard, isSettled: false, isStored: false });
  }

  forget({ callId }: HoldName): void {
    this.calls.delete(callId);
  }

  /** What a shard must hold for this process: calls whose end it has not acknowledged. */
  inShard(shard: number): readonly Ask[] {
    return [...this.calls.values()].filter((held) => held.shard === shard && !held.isSettled).map(({ ask }) => ask);
  }

  /** The end is acknowledged. True = its row was stored before, so that its event need not be kept. */
  noteSettled({ callId }: HoldName): boolean {
    const held = this.calls.get(callId);
    if (!held) return false;
    held.isSettled = true;
    if (held.isStored) this.calls.delete(callId);
    return held.isStored;
  }

  /** The row is stored. True = its end is acknowledged, or not from this process, so that its event need not be kept. */
  noteStored({ callId }: HoldName): boolean {
    const held = this.calls.get(callId);
    if (!held) return true;
    held.isStored = true;
    if (held.isSettled) this.calls.delete(callId);
    return held.isSettled;
  }

  get size(): number {
    return this.calls.size;
  }
}
