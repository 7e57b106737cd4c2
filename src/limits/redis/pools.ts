import type { Bound } from '../bounds.js';
import { type Epochs, generationOf, ShardClosed } from './epochs.js';
import { LuaScript, MONEY } from './lua-script.js';
import { isLent, lineOf, type Loan, toResetMs } from './messages.js';
import { shardNumberOf } from './shards.js';

const POOL = LuaScript.of(import.meta.url, ...MONEY, 'pool.lua');
const SLICES = LuaScript.of(import.meta.url, ...MONEY, 'slices.lua');

/** A shard's part of a budget on everything. Amounts are nano-dollars. */
export interface Slice {
  readonly shard: number;
  readonly line: string;
  /** All that was ever lent to it, and all that it ever gave back. */
  readonly lent: bigint;
  readonly returned: bigint;
  readonly used: bigint;
  readonly held: bigint;
  readonly resetMs: number | undefined;
}

export interface Account {
  readonly shard: number;
  /** As in `Slice`, as the pool knows it. */
  readonly lent: bigint;
  readonly returned: bigint;
}

/** Who borrows how much: all that is wanted, or what is left if that is no less than the least. */
export interface Borrowing {
  readonly shard: number;
  readonly wanted: bigint;
  readonly least: bigint;
  /** What a pool that has much may lend at once, so that the next calls need not borrow. */
  readonly ahead: bigint;
}

export interface PoolState {
  /** To the borrower, now. */
  readonly lent: bigint;
  readonly loan: Loan;
  readonly free: bigint;
  /** Before this generation. */
  readonly spent: bigint;
  readonly resetMs: number | undefined;
  /** Of all shards with a slice; empty where all that was wanted is lent. */
  readonly accounts: readonly Account[];
}

export interface PoolMessage {
  readonly borrowing?: Borrowing;
  readonly slices?: readonly Slice[];
  /** The epoch of the pool's shard; by default the one that is believed. */
  readonly epoch?: string | undefined;
}

export interface SlicesOfShard {
  readonly slices: readonly Slice[];
  /** The lines of the pools that lie there. */
  readonly pools: readonly string[];
}

/** Messages to the pools of budgets on everything and to their slices: one script on one shard each. */
export class Pools {
  constructor(private readonly epochs: Epochs) {}

  async tell(line: string, { borrowing, slices = [], epoch }: PoolMessage): Promise<PoolState> {
    const counter = counterOf(line);
    const shard = shardNumberOf(counter);
    const of = epoch ?? this.epochs.of(shard);
    const lending = borrowing ? [borrowing.shard, borrowing.wanted, borrowing.least, borrowing.ahead].map(String) : ['', '0', '0', '0'];
    const heard = slices.flatMap((slice) => [String(slice.shard), String(slice.returned), String(slice.used)]);
    const reply = (await this.epochs.run(POOL, shard, [line, ...lending, ...heard], of)) as (string | number)[];
    const [lent, total, free, spent, reset, ...accounts] = reply;
    return {
      lent: BigInt(lent!),
      loan: { generation: generationOf(of), counter, total: String(total) },
      free: BigInt(free!),
      spent: BigInt(spent!),
      resetMs: toResetMs(Number(reset)),
      accounts: toAccounts(accounts),
    };
  }

  async look(shard: number, line: string): Promise<Slice> {
    return this.one(shard, ['look', line, '']);
  }

  /** The slice gives back all that it does not use. */
  async callBack(shard: number, line: string): Promise<Slice> {
    return this.one(shard, ['call back', line, '']);
  }

  async credit(shard: number, line: string, total: bigint, epoch?: string): Promise<Slice> {
    return this.one(shard, ['credit', line, String(total)], epoch);
  }

  async list(shard: number, epoch?: string): Promise<SlicesOfShard> {
    const [slices, pools] = (await this.epochs.run(SLICES, shard, ['list'], epoch)) as [(string | number)[][], string[]];
    return { slices: slices.map((told) => toSlice(shard, told)), pools };
  }

  /** Money moves between shards of one generation only: another has not heard of it. */
  checkGeneration(bound: Bound, shard: number): void {
    const pool = shardNumberOf(bound.counter);
    if (generationOf(this.epochs.of(pool)) !== generationOf(this.epochs.of(shard))) throw new ShardClosed(pool);
  }

  private async one(shard: number, args: readonly string[], epoch?: string): Promise<Slice> {
    const [told] = (await this.epochs.run(SLICES, shard, args, epoch)) as (string | number)[][];
    return toSlice(shard, told!);
  }
}

/** The name of the counter in a bound's line. */
export function counterOf(line: string): string {
  return line.split(' ', 2)[1]!;
}

/** The line of a budget on everything. */
export function poolLineOf(bound: Bound): string {
  if (!isLent(bound)) throw new Error(`${bound.counter} is no budget on everything.`);
  return lineOf(bound);
}

function toSlice(shard: number, [line, lent, returned, used, held, reset]: readonly (string | number)[]): Slice {
  return {
    shard,
    line: String(line),
    lent: BigInt(lent!),
    returned: BigInt(returned!),
    used: BigInt(used!),
    held: BigInt(held!),
    resetMs: toResetMs(Number(reset)),
  };
}

function toAccounts(told: readonly (string | number)[]): readonly Account[] {
  const accounts = [];
  for (let at = 0; at < told.length; at += 3) {
    accounts.push({ shard: Number(told[at]), lent: BigInt(told[at + 1]!), returned: BigInt(told[at + 2]!) });
  }
  return accounts;
}
