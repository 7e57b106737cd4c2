import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../../platform/index.js';
import { type RedisStore, ShardClosed } from '../redis/redis-store.js';
import { ALL_SHARDS, SHARDS } from '../redis/shards.js';
import type { HeldCalls } from './held-calls.js';
import type { Seeds } from './seeds.js';
import type { RebuildingLedger } from '../admission.js';
import type { ShardGates } from './shard-gates.js';

const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 500;
const SWEEP_AFTER_MS = 60_000;
/** How long the start waits for the shards. */
const BEGIN_MS = 2_000;

export interface RecoveryParts {
  readonly store: RedisStore;
  readonly gates: ShardGates;
  readonly held: HeldCalls;
  readonly seeds: Pick<Seeds, 'read'>;
  readonly gateways: { readonly id: string; living(): Promise<readonly string[]> };
  readonly log: Log;
  /** What earlier generations have left is dropped when nobody can be about to ask for it any more: after a minute. */
  readonly sweepAfterMs?: number;
}

type SeedsByShard = Awaited<ReturnType<Seeds['read']>>;

interface Joining {
  readonly shard: number;
  readonly epoch: string;
}

/**
 * Brings shards back that have lost what they knew, or may have: a Redis that was restarted, or another one in its place. Every
 * living gateway first writes its rows of calls that are over to the ledger, then says what it holds; when all have, one of them sets the
 * budgets' counters to what the ledger says, those on everything first, and opens the shards. What was held stays held, what was spent
 * stays spent, each once.
 */
export class Recovery {
  private ledger: RebuildingLedger | undefined;
  /** The epoch of each shard that knows what this process holds. */
  private readonly joined = new Map<number, string>();
  /** As last told. */
  private living: readonly string[] = [];
  private running: Promise<void> | undefined;
  private isStopped = false;
  private isTold = false;
  private sweeping: NodeJS.Timeout | undefined;

  constructor(private readonly parts: RecoveryParts) {}

  rebuildFrom(ledger: RebuildingLedger): void {
    this.ledger = ledger;
  }

  /** Resolves when all shards are open, or after two seconds: calls are answered by the policy for outages until then. */
  async begin(): Promise<void> {
    this.look();
    await Promise.race([this.running, sleep(BEGIN_MS, undefined, { ref: false })]);
  }

  stop(): void {
    this.isStopped = true;
    clearTimeout(this.sweeping);
  }

  /** The connection was lost: whoever answers next may be another, or have forgotten. */
  lost(): void {
    this.parts.store.forget();
    this.parts.gates.closeAll();
    this.look();
  }

  closed(...shards: readonly number[]): void {
    for (const shard of shards) this.parts.gates.at(shard).close();
    this.look();
  }

  /** Works on whatever is closed until nothing is. */
  look(): void {
    if (this.isStopped || this.parts.gates.closed.length === 0) return;
    this.running ??= this.run().finally(() => {
      this.running = undefined;
      this.look();
    });
  }

  private async run(): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS;
    while (!this.isStopped && this.parts.gates.closed.length > 0) {
      const before = this.parts.gates.closed.length;
      await this.round(this.parts.gates.closed).catch((error: unknown) => this.noteFailure(error));
      if (this.parts.gates.closed.length === 0) break;
      pauseMs = this.parts.gates.closed.length < before ? FIRST_PAUSE_MS : Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
      await sleep(pauseMs, undefined, { ref: false });
    }
    if (this.isTold && !this.isStopped) this.parts.log.info({ event: 'admission_rebuilt' }, 'What was held and spent is known again.');
    this.isTold = false;
  }

  /** A shard that has lost what it knew may say so wherever it is asked. */
  failed(error: unknown): void {
    if (error instanceof ShardClosed) this.closed(error.shard);
  }

  private noteFailure(error: unknown): void {
    if (this.isTold) return;
    this.isTold = true;
    this.parts.log.warn(
      { event: 'admission_unknown', reason: String(error) },
      'What was held and spent is not known until Redis and the ledger answer.',
    );
  }

  private async round(closed: readonly number[]): Promise<void> {
    const joining = await this.attend(closed);
    if (joining.length === 0) return;
    // A call that ends from now on ends in what is joined; those that ended before are in the ledger by then.
    await this.ledger?.flush();
    await Promise.all(joining.map((one) => this.join(one)));
    await this.openWhereAllHaveJoined(joining);
  }

  /** Opens the gates of those that are whole, and returns those that are being rebuilt. */
  private async attend(shards: readonly number[]): Promise<readonly Joining[]> {
    const { store, gates, held } = this.parts;
    const found = await Promise.all(shards.map((shard) => this.attendOne(shard)));
    const joining: Joining[] = [];
    for (const { shard, state } of found) {
      if (!state) continue;
      if (!state.isOpen) {
        joining.push({ shard, epoch: state.epoch });
        continue;
      }
      // It was opened without us: what we hold is not in it yet.
      if (this.joined.get(shard) !== state.epoch) {
        await store.join(shard, state.epoch, this.parts.gateways.id, held.inShard(shard));
        this.joined.set(shard, state.epoch);
      }
      gates.answered(shard);
      gates.at(shard).open();
    }
    return joining;
  }

  private async attendOne(shard: number) {
    try {
      return { shard, state: await this.parts.store.attend(shard) };
    } catch (error) {
      this.parts.gates.failed(shard, error);
      return { shard, state: undefined };
    }
  }

  private async join({ shard, epoch }: Joining): Promise<void> {
    const { store, held, gateways } = this.parts;
    if (this.joined.get(shard) === epoch) return;
    await store.join(shard, epoch, gateways.id, held.inShard(shard));
    this.joined.set(shard, epoch);
  }

  private async openWhereAllHaveJoined(joining: readonly Joining[]): Promise<void> {
    this.living = await this.parts.gateways.living();
    const { living } = this;
    const states = await Promise.all(ALL_SHARDS.map((shard) => this.parts.store.attend(shard)));
    const complete = joining.filter(({ shard, epoch }) => {
      const state = states[shard]!;
      return !state.isOpen && state.epoch === epoch && living.every((id) => state.joined.includes(id));
    });
    if (states.every(({ arePoolsSeeded }) => arePoolsSeeded)) {
      if (complete.length > 0) await this.open(complete, await this.seedsOf(complete));
    } else if (complete.length === SHARDS) {
      // Nothing can be settled yet anywhere, so that whoever reads now reads the same.
      const seeded = await this.seedsOf(complete);
      if (await this.seedPools(complete, seeded)) await this.open(complete, seeded);
    }
  }

  /** What gateways have left that died before, and the shards still know of: nobody else will write it when they are open. */
  private async bury(complete: readonly Joining[]): Promise<void> {
    const estates = await Promise.all(complete.map(({ shard, epoch }) => this.parts.store.remains(shard, epoch, this.living)));
    const [holds, events] = [estates.flatMap((estate) => estate.holds), estates.flatMap((estate) => estate.events)];
    if (holds.length + events.length > 0) await this.ledger?.bury({ holds, events });
  }

  private async seedsOf(complete: readonly Joining[]): Promise<SeedsByShard> {
    const { store, seeds } = this.parts;
    await this.bury(complete);
    const held = await Promise.all(complete.map(({ shard, epoch }) => store.heldIn(shard, epoch)));
    const shards = complete.map(({ shard }) => shard);
    return seeds.read(shards, held.flat());
  }

  /** False: somebody else was faster, with some of them at least. */
  private async seedPools(complete: readonly Joining[], seeded: SeedsByShard): Promise<boolean> {
    const { store } = this.parts;
    const done = await Promise.all(complete.map(({ shard, epoch }) => store.seedPools(shard, epoch, seeded.get(shard) ?? [])));
    return done.every(Boolean);
  }

  private async open(complete: readonly Joining[], seeded: SeedsByShard): Promise<void> {
    const { store } = this.parts;
    await Promise.all(complete.map(({ shard, epoch }) => store.open(shard, epoch, seeded.get(shard) ?? [])));
    await this.attend(complete.map(({ shard }) => shard)).finally(() => this.sweepLater());
  }

  /** Whoever opened shards drops what the generations before have left. */
  private sweepLater(): void {
    clearTimeout(this.sweeping);
    const { store, sweepAfterMs = SWEEP_AFTER_MS } = this.parts;
    this.sweeping = setTimeout(() => void store.sweepGenerations().catch(() => this.sweepLater()), sweepAfterMs).unref();
  }
}
