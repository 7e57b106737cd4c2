import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../../core/clock.js';
import type { PrismaService, RedisConnection } from '../../platform/index.js';
import type { BudgetBound } from '../bounds.js';
import { type CounterSeed, SpendStore } from '../budgets/spend.store.js';
import { isLent } from '../redis/messages.js';
import { type InspectedShard, ShardInspection } from '../redis/shard-inspection.js';
import { ALL_SHARDS, shardNumberOf } from '../redis/shards.js';
import { correctionsOf, type ExpectedSpend, expectedSpend, heldByCalls } from './expected-spend.js';

const CONNECT_MS = 3_000;
const LOOKS = 8;
const PAUSE_MS = 500;
const OPEN_TRIES = 60;

/** A counter that does not have what it should. Nano-dollars. */
export interface CounterDifference {
  readonly budgetId: string;
  readonly budget: string;
  readonly counter: string;
  /** `spent`: by the ledger's sums. `held`: by the calls that are under way. */
  readonly what: 'spent' | 'held';
  readonly found: bigint;
  /** From and up to; the same but for rolling budgets. */
  readonly expected: ExpectedSpend;
}

export interface ComparedCounters {
  readonly compared: number;
  readonly differences: readonly CounterDifference[];
  /** Calls came and went so fast that no two looks agreed: nobody can tell. */
  readonly unsettled: readonly string[];
}

/** How the counters in Redis stand by the ledger's sums, as somebody sees who is no gateway. */
export class CounterInspection {
  private readonly spend: Pick<SpendStore, 'read'>;
  private readonly shards: ShardInspection;

  constructor(
    prisma: PrismaService,
    private readonly redis: Pick<RedisConnection, 'evalsha' | 'eval' | 'whenReady'>,
    private readonly clock: Pick<Clock, 'now'>,
    private readonly pause: (ms: number) => Promise<unknown> = sleep,
  ) {
    this.spend = new SpendStore(prisma);
    this.shards = new ShardInspection(redis);
  }

  /**
   * What differs is looked at again for some seconds, as calls are under way: it is a difference if it is there each time, and by the
   * same amount twice. Rejects where Redis is away, or does not know itself what it held.
   */
  async compare(): Promise<ComparedCounters> {
    await this.redis.whenReady(CONNECT_MS);
    const suspects = new Map<string, CounterDifference[]>();
    let compared = 0;
    for (let look = 1; look <= LOOKS; look += 1) {
      const found = await this.look();
      compared = Math.max(compared, found.compared);
      narrow(suspects, found.differences, look === 1);
      if ([...suspects.values()].every(isSettled)) break;
      await this.pause(PAUSE_MS);
    }
    const settled = [...suspects.values()].filter(isSettled);
    const moving = [...suspects.values()].filter((seen) => !isSettled(seen));
    return { compared, differences: settled.map((seen) => seen.at(-1)!), unsettled: moving.map((seen) => seen[0]!.counter) };
  }

  /** Has the gateways that live make all counters anew from the ledger. False = none did so within half a minute; the next one will. */
  async rebuild(): Promise<boolean> {
    await this.shards.beginAnew();
    for (let tried = 0; tried < OPEN_TRIES; tried += 1) {
      if (await this.shards.areOpen()) return true;
      await this.pause(PAUSE_MS);
    }
    return false;
  }

  /** First the counters and then the rows, at once: what is stored by then was known to the counters, or came since. */
  private async look(): Promise<Omit<ComparedCounters, 'unsettled'>> {
    const known = (await this.read([])).seeds;
    const placed = ALL_SHARDS.map((shard) => known.filter((seed) => liesIn(shard, seed)).map(({ bound }) => bound));
    const shards = await Promise.all(placed.map((bounds, shard) => this.shards.inspect(shard, bounds)));
    const { seeds, stored } = await this.read(shards.flatMap(({ holds, events }) => [...holds, ...events]));
    const [corrections, held, figures] = [correctionsOf(shards, stored), heldByCalls(shards), figuresOf(placed, shards)];
    // A budget that was reset or deleted in between is no difference.
    const differences = seeds.flatMap((seed) => {
      const figure = figures.get(seed.bound.counter);
      if (!figure) return [];
      return differencesOf(seed.bound, figure, held.get(seed.bound.counter) ?? 0n, expectedSpend(seed, corrections, figure.nowMs));
    });
    return { compared: figures.size, differences };
  }

  private read(calls: readonly { readonly callId: string }[]) {
    return this.spend.read({ nowMs: this.clock.now(), callIds: calls.map(({ callId }) => callId), concerns: () => true });
  }
}

/** What stands in a counter, in all shards that have some of it, by the clock of one of them. */
interface Figure {
  readonly used: bigint;
  readonly held: bigint;
  readonly nowMs: number;
}

/** Each shard may have a slice of what is lent. */
function liesIn(shard: number, { bound, tenant }: CounterSeed): boolean {
  return isLent(bound) || shardNumberOf(tenant ?? bound.counter) === shard;
}

/** By counter. */
function figuresOf(placed: readonly (readonly BudgetBound[])[], shards: readonly InspectedShard[]): ReadonlyMap<string, Figure> {
  const figures = new Map<string, Figure>();
  for (const [shard, { figures: told, nowMs }] of shards.entries()) {
    for (const [at, { counter }] of placed[shard]!.entries()) {
      const { used, held } = told[at]!;
      const before = figures.get(counter) ?? { used: 0n, held: 0n };
      figures.set(counter, { used: before.used + used, held: before.held + held, nowMs });
    }
  }
  return figures;
}

function differencesOf(bound: BudgetBound, figure: Figure, underWay: bigint, expected: ExpectedSpend): readonly CounterDifference[] {
  const named = { budgetId: bound.budgetId, budget: bound.subject, counter: bound.counter };
  // Of a rolling budget what is held is told by the calls alone.
  const held = bound.kind === 'rolling' ? underWay : figure.held;
  const spent = figure.used - held;
  const differences: CounterDifference[] = [];
  if (spent < expected.least || spent > expected.most) differences.push({ ...named, what: 'spent', found: spent, expected });
  if (held !== underWay) differences.push({ ...named, what: 'held', found: held, expected: { least: underWay, most: underWay } });
  return differences;
}

/** Whatever was right once is right. */
function narrow(suspects: Map<string, CounterDifference[]>, differences: readonly CounterDifference[], isFirst: boolean): void {
  const differing = new Map(differences.map((one) => [nameOf(one), one]));
  if (isFirst) for (const [name, one] of differing) suspects.set(name, [one]);
  for (const [name, seen] of isFirst ? [] : [...suspects]) {
    const again = differing.get(name);
    if (again) seen.push(again);
    else suspects.delete(name);
  }
}

function nameOf({ counter, what }: CounterDifference): string {
  return `${what} ${counter}`;
}

/** What is wrong stays wrong by the same amount, whatever comes and goes meanwhile. */
function isSettled(seen: readonly CounterDifference[]): boolean {
  const amounts = seen.map(({ found, expected }) => `${found - expected.least} ${found - expected.most}`);
  return new Set(amounts).size < amounts.length;
}
