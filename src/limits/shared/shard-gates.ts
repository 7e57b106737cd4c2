import type { Clock } from '../../core/clock.js';
import type { Log } from '../../platform/index.js';
import { SHARDS } from '../redis/shards.js';
import { ShardGate } from './shard-gate.js';

/** The gates of all shards. That some have failed is told once, and so is that none does any more. */
export class ShardGates {
  private readonly gates: readonly ShardGate[];
  private failing = 0;

  constructor(
    clock: Clock,
    private readonly log: Log,
  ) {
    this.gates = Array.from({ length: SHARDS }, () => new ShardGate(clock));
  }

  at(shard: number): ShardGate {
    return this.gates[shard]!;
  }

  /** Numbers of shards. */
  get closed(): readonly number[] {
    return this.gates.flatMap((gate, shard) => (gate.isClosed ? [shard] : []));
  }

  closeAll(): void {
    for (const gate of this.gates) gate.close();
  }

  failed(shard: number, error: unknown): void {
    if (!this.at(shard).failed()) return;
    this.failing += 1;
    if (this.failing > 1) return;
    this.log.warn({ event: 'admission_store_down', reason: String(error) }, 'Calls are admitted per process where Redis does not answer.');
  }

  answered(shard: number): void {
    if (!this.at(shard).answered()) return;
    this.failing -= 1;
    if (this.failing === 0) this.log.info({ event: 'admission_store_up' }, 'Calls are admitted across replicas again.');
  }
}
