import type { Ask, Reading, Refused, Verdict } from '../admission-store.js';
import { type Bound, limitOf } from '../bounds.js';
import { type AskOnLoan, isLent, type Loan, type Short } from './messages.js';
import { type Account, type Pools, poolLineOf, type PoolState, type Slice } from './pools.js';
import { Searches } from './searches.js';
import { shardNumberOf } from './shards.js';

/** Of a pool that has much, so many calls like this one are provided for at once. */
const AHEAD = 16n;
/** Others may take in between what was seen to be there. */
const TRIES = 4;

/** What calling back has brought. */
interface Found {
  readonly broughtNanoUsd: bigint;
  /** Lent, but not arrived: somebody is about to use it. */
  readonly onItsWayNanoUsd: bigint;
  readonly free: bigint;
  readonly resetMs: number | undefined;
}

type Borrowed = { readonly loan: Loan; readonly isAll: boolean } | Refused;

/**
 * Budgets on everything. A pool, which lies in one shard, lends slices of the limit to the shards of tenants, never more in sum than
 * the limit; within a shard the slice takes the limit's place. What moves is told as a running total, so that it may be told late, or
 * twice: a crash in between leaves money where nobody can spend it until it is told again, and never makes any.
 */
export class Escrow {
  private readonly searches = new Searches<Found>(({ broughtNanoUsd }) => broughtNanoUsd > 0n);

  constructor(private readonly pools: Pools) {}

  /** Borrows what is short, and asks again in the same step in which it is credited: nobody takes it in between. */
  async admit(ask: Ask, first: Short, send: (again: AskOnLoan) => Promise<Verdict | Short>): Promise<Verdict> {
    let short = first;
    for (let tries = 1; ; tries += 1) {
      const { wantedNanoUsd, slices } = short;
      const borrowed = await Promise.all(slices.map(({ bound, roomNanoUsd }) => this.borrow(ask, bound, wantedNanoUsd, roomNanoUsd)));
      const refusal = latestOf(borrowed.filter((one) => 'outcome' in one));
      const lent = borrowed.filter((one) => 'loan' in one);
      if (lent.length === 0) return refusal!;
      const isLast = refusal !== undefined || lent.some(({ isAll }) => !isAll) || tries === TRIES;
      const verdict = await send({ ask, loans: lent.map(({ loan }) => loan), isLast });
      if (verdict.outcome !== 'short') return this.inTheWordsOfThePool(ask, verdict, refusal);
      short = verdict;
    }
  }

  /** What all have spent and hold. */
  async look(bound: Bound): Promise<Reading> {
    const line = poolLineOf(bound);
    const { spent, resetMs, accounts } = await this.pools.tell(line, {});
    const slices = await Promise.all(accounts.map(({ shard }) => this.pools.look(shard, line)));
    return {
      used: spent + sum(slices.map(({ used }) => used)),
      held: sum(slices.map(({ held }) => held)),
      resetMs: bound.kind === 'rolling' ? soonestOf(spent > 0n ? resetMs : undefined, slices) : resetMs,
    };
  }

  /** After a limit was lowered: takes back what is not used, if more is lent than that. */
  async recall(bound: Bound): Promise<void> {
    const { free } = await this.pools.tell(poolLineOf(bound), {});
    if (free < 0n) await this.search(bound);
  }

  private async borrow(ask: Ask, bound: Bound, wanted: bigint, room: bigint): Promise<Borrowed> {
    const shard = shardNumberOf(ask.tenant);
    this.pools.checkGeneration(bound, shard);
    const missing = wanted - room;
    const at = { shard, ahead: wanted * AHEAD };
    const asked = await this.pools.tell(poolLineOf(bound), { borrowing: { ...at, wanted: missing, least: missing } });
    if (asked.lent > 0n) return { loan: asked.loan, isAll: true };
    let found = await this.search(bound);
    let state = await this.borrowAll(ask, bound, { ...at, wanted });
    if (state.lent === 0n && found.onItsWayNanoUsd > 0n) {
      found = await this.search(bound);
      state = await this.borrowAll(ask, bound, { ...at, wanted });
    }
    // What needs nothing goes out with what there is, and be that nothing.
    if (state.lent > 0n || ask.leastCostNanoUsd === 0n) return { loan: state.loan, isAll: state.lent >= wanted };
    return refused(ask, bound, state, found);
  }

  /** After the search, which has called back the borrower's own slice too. */
  private borrowAll(ask: Ask, bound: Bound, at: { shard: number; wanted: bigint; ahead: bigint }): Promise<PoolState> {
    return this.pools.tell(poolLineOf(bound), { borrowing: { ...at, least: ask.leastCostNanoUsd } });
  }

  /** Calls back what slices do not use. */
  private search(bound: Bound): Promise<Found> {
    return this.searches.run(bound.counter, async () => {
      const line = poolLineOf(bound);
      const before = await this.pools.tell(line, {});
      const told = await Promise.allSettled(before.accounts.map(({ shard }) => this.pools.callBack(shard, line)));
      // What a shard has that does not answer stays there.
      const slices = told.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      const after = await this.pools.tell(line, { slices });
      const accounts = new Map(before.accounts.map((account) => [account.shard, account]));
      return {
        broughtNanoUsd: sum(slices.map((slice) => slice.returned - accounts.get(slice.shard)!.returned)),
        onItsWayNanoUsd: sum(slices.map((slice) => onItsWay(accounts.get(slice.shard)!, slice))),
        free: after.free,
        resetMs: bound.kind === 'rolling' ? soonestOf(after.spent > 0n ? after.resetMs : undefined, slices) : after.resetMs,
      };
    });
  }

  /** A slice says how little is left of it; what counts is the pool. */
  private async inTheWordsOfThePool(ask: Ask, verdict: Verdict, refusal: Refused | undefined): Promise<Verdict> {
    if (verdict.outcome !== 'refused' || !isLent(verdict.bound) || ask.leastCostNanoUsd > limitOf(verdict.bound)) return verdict;
    if (refusal) return refusal;
    const found = await this.search(verdict.bound);
    return refused(ask, verdict.bound, found, found);
  }
}

function refused(ask: Ask, bound: Bound, { free }: { readonly free: bigint }, { resetMs }: Found): Refused {
  return { outcome: 'refused', bound, used: limitOf(bound) - free, needed: ask.leastCostNanoUsd, resetMs };
}

function onItsWay({ lent }: Account, slice: Slice): bigint {
  return lent > slice.lent ? lent - slice.lent : 0n;
}

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n);
}

function soonestOf(resetMs: number | undefined, slices: readonly Slice[]): number {
  const times = [resetMs, ...slices.map((slice) => (slice.used > 0n ? slice.resetMs : undefined))].filter((one) => one !== undefined);
  return times.length === 0 ? 0 : Math.min(...times);
}

function latestOf(refusals: readonly Refused[]): Refused | undefined {
  return refusals.toSorted((one, other) => (other.resetMs ?? 0) - (one.resetMs ?? 0))[0];
}
