import { type Ask, LEASE_MS } from '../admission-store.js';
import type { BudgetBound } from '../bounds.js';
import { type Epochs, generationOf, ShardClosed } from './epochs.js';
import { LuaScript, MONEY, type RedisClient } from './lua-script.js';
import { isLent, type Left, lineOf, specOf, toLeft } from './messages.js';
import type { Pools } from './pools.js';
import { ALL_SHARDS, prefixOf, SHARDS } from './shards.js';
import { coverSlices } from './upkeep.js';

const ATTEND = LuaScript.of(import.meta.url, 'attend.lua');
const JOIN = LuaScript.of(import.meta.url, ...MONEY, 'join.lua');
const OPEN = LuaScript.of(import.meta.url, ...MONEY, 'open.lua');
const HELD = LuaScript.of(import.meta.url, 'shard.lua', 'held.lua');
const REMAINS = LuaScript.of(import.meta.url, 'shard.lua', 'remains.lua');

/** One message tells of so many calls at most. */
const JOIN_MOST = 200;
/** Or of so many counters, each with up to as many amounts as a rolling window has buckets. */
const SEEDS_MOST = 50;

export interface ShardState {
  readonly epoch: string;
  /** If not, everybody who lives must join before it can be opened. */
  readonly isOpen: boolean;
  /** What was spent of the budgets on everything that lie there is known. Of all shards, or none may be opened. */
  readonly arePoolsSeeded: boolean;
  readonly joined: readonly string[];
}

/** What was spent of a budget before its counter was lost. */
export interface Seed {
  readonly bound: BudgetBound;
  /** The oldest first. Times (epoch milliseconds) matter for rolling budgets only. */
  readonly spent: readonly { readonly atMs: number; readonly costNanoUsd: bigint }[];
}

interface Found extends ShardState {
  readonly shard: number;
  readonly generation: number;
  /** It knows its epoch, and that is of the process that runs there now. */
  readonly isWhole: boolean;
  readonly nowMs: number;
}

/**
 * The generations of counters. All shards are of one: a budget on everything ties them together, and binds every call, so that where
 * one shard has lost what it knew, all begin anew, and none is opened before all others have come to the same generation.
 */
export class Generations {
  private gathering: Promise<ReadonlyMap<number, Found>> | undefined;
  private readonly attended = new Map<number, Found>();
  /** The generation to which all shards have come. */
  private reached = 0;

  /** `hasOwner` knows the owners for whom this gateway speaks. */
  constructor(
    private readonly redis: RedisClient,
    private readonly epochs: Epochs,
    private readonly pools: Pools,
    private readonly hasOwner: (owner: string) => boolean,
  ) {}

  /** Rejects if this shard does not answer. Those who ask in one turn share what is asked of all shards. */
  async attend(shard: number): Promise<ShardState> {
    this.gathering ??= Promise.resolve().then(() => {
      this.gathering = undefined;
      return this.attendAll();
    });
    const found = (await this.gathering).get(shard);
    if (!found) throw new Error(`Shard ${shard} does not answer.`);
    const { epoch, isOpen, arePoolsSeeded, joined } = found;
    return { epoch, isOpen, arePoolsSeeded, joined };
  }

  async join(shard: number, epoch: string, owner: string, holds: readonly Ask[]): Promise<void> {
    await this.reach(shard, epoch);
    for (let from = 0; from < holds.length; from += JOIN_MOST) {
      await this.sayJoin(shard, epoch, owner, holds.slice(from, from + JOIN_MOST));
    }
    await coverSlices(this.pools, shard, epoch, (pool) => this.epochOf(pool, epoch));
    const state = await this.sayJoin(shard, epoch, owner);
    if (state === 'open') this.epochs.believe(shard, epoch);
  }

  async heldIn(shard: number, epoch: string): Promise<readonly { readonly callId: string; readonly tenant: string }[]> {
    const held = (await this.epochs.run(HELD, shard, [], epoch)) as [string, string][];
    return held.map(([callId, tenant]) => ({ callId, tenant }));
  }

  async remains(shard: number, epoch: string, living: readonly string[]): Promise<Left> {
    return toLeft((await this.epochs.run(REMAINS, shard, living, epoch)) as string[][][]);
  }

  async seedPools(shard: number, epoch: string, seeds: readonly Seed[]): Promise<boolean> {
    return this.seed(
      shard,
      epoch,
      seeds.filter(({ bound }) => isLent(bound)),
      'pools',
    );
  }

  async open(shard: number, epoch: string, seeds: readonly Seed[]): Promise<boolean> {
    const isOpen = await this.seed(shard, epoch, seeds, 'open');
    if (isOpen) this.epochs.believe(shard, epoch);
    return isOpen;
  }

  /** What came before this generation of a shard is of no use any more: the shard was open when this gateway saw it last. */
  openGenerationOf(shard: number): number {
    const seen = this.attended.get(shard);
    return seen?.isOpen ? seen.generation : 0;
  }

  private async attendAll(): Promise<ReadonlyMap<number, Found>> {
    const seen = await answersOf(ALL_SHARDS.map((shard) => this.ask(shard, 0)));
    const target = targetOf(seen);
    const found = await answersOf(
      seen.map((one) => (one.isWhole && one.generation >= target ? Promise.resolve(one) : this.ask(one.shard, target))),
    );
    if (found.length === SHARDS && found.every(({ generation }) => generation >= target)) this.reached = Math.max(this.reached, target);
    for (const one of found) this.note(one);
    return new Map(found.map((one) => [one.shard, one]));
  }

  private note(found: Found): void {
    const { shard, epoch, isOpen, joined } = found;
    this.attended.set(shard, found);
    if (isOpen) this.epochs.found(shard, epoch, joined.some(this.hasOwner));
    else this.epochs.close(shard);
  }

  private async ask(shard: number, target: number): Promise<Found> {
    const told = (await ATTEND.run(this.redis, prefixOf(shard), [String(target)])) as string[];
    const [state, generation, epoch, isWhole, now, arePoolsSeeded, ...joined] = told;
    return {
      shard,
      epoch: epoch!,
      isOpen: state === 'open',
      arePoolsSeeded: Number(arePoolsSeeded) === 1,
      joined,
      generation: Number(generation),
      isWhole: isWhole === '1',
      nowMs: Number(now),
    };
  }

  /** Nothing may be counted in an older generation any more when a newer one is built. */
  private async reach(shard: number, epoch: string): Promise<void> {
    if (this.reached < generationOf(epoch)) await this.attend(shard);
    if (this.reached < generationOf(epoch)) throw new ShardClosed(shard);
  }

  private epochOf(shard: number, sameAs: string): string {
    const { epoch, generation } = this.attended.get(shard)!;
    if (generation !== generationOf(sameAs)) throw new ShardClosed(shard);
    return epoch;
  }

  /** Without holds: that was all. */
  private async sayJoin(shard: number, epoch: string, owner: string, holds?: readonly Ask[]): Promise<unknown> {
    const told = (holds ?? []).flatMap(({ callId, tenant, worst, memo, bounds }) => [
      callId,
      tenant,
      String(worst.tokens),
      String(worst.costNanoUsd),
      memo,
      specOf(bounds),
    ]);
    return this.epochs.run(JOIN, shard, [LEASE_MS, owner, holds ? '' : '1', ...told], epoch);
  }

  /** False: it was not joining in this epoch (any more). */
  private async seed(shard: number, epoch: string, seeds: readonly Seed[], last: 'pools' | 'open'): Promise<boolean> {
    await this.reach(shard, epoch);
    for (let from = 0; from < seeds.length; from += SEEDS_MOST) {
      if (!(await this.sayOpen(shard, epoch, '', seeds.slice(from, from + SEEDS_MOST)))) return false;
    }
    return this.sayOpen(shard, epoch, last, []);
  }

  private async sayOpen(shard: number, epoch: string, what: string, seeds: readonly Seed[]): Promise<boolean> {
    const told = seeds.flatMap(({ bound, spent }) => [lineOf(bound), spentText(bound, spent)]);
    return (await this.epochs.run(OPEN, shard, [what, ...told], epoch)) === 1;
  }
}

/** Those that were begun already in the present attempt need not begin again. */
function targetOf(seen: readonly Found[]): number {
  const newest = Math.max(0, ...seen.map(({ generation }) => generation));
  const broken = seen.filter(({ isWhole }) => !isWhole);
  if (broken.length === 0) return newest;
  const ofNewest = seen.filter(({ generation }) => generation === newest);
  if (newest > 0 && ofNewest.every(({ isWhole, isOpen }) => isWhole && !isOpen)) return newest;
  return Math.max(newest + 1, ...seen.map(({ nowMs }) => nowMs));
}

async function answersOf<T>(asked: readonly Promise<T>[]): Promise<readonly T[]> {
  return (await Promise.allSettled(asked)).flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
}

function spentText(bound: BudgetBound, spent: Seed['spent']): string {
  if (bound.kind === 'rolling') {
    const some = spent.filter(({ costNanoUsd }) => costNanoUsd > 0n);
    return some.map(({ atMs, costNanoUsd }) => `${costNanoUsd} ${atMs}`).join('\n');
  }
  const sum = spent.reduce((total, { costNanoUsd }) => total + costNanoUsd, 0n);
  return String(sum > 0n ? sum : 0n);
}
