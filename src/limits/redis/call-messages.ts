import { LEASE_MS, REMEMBER_MS, type Verdict } from '../admission-store.js';
import type { Epochs } from './epochs.js';
import { LuaScript, MONEY } from './lua-script.js';
import { AskArguments, type AskOnLoan, type Short, toVerdict } from './messages.js';

const CALLS = LuaScript.of(import.meta.url, ...MONEY, 'hold.lua', 'step.lua', 'end.lua', 'admit.lua', 'calls.lua');

/** Ends are no hurry: their calls are over, and what they hold is held until then. */
const END_MS = 2;
/** One message holds so many of each at most: a script that runs for long keeps everybody else waiting. */
const MOST = 200;
const ZERO = '0'.charCodeAt(0);

type What = 'settle' | 'interrupt' | 'release' | 'cancel' | 'confirm' | 'renew';

/** What became of a call, or of an owner, as `calls.lua` reads it. */
export interface End {
  readonly what: `${What} ${string}`;
  readonly told?: string;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly done: (result: Result) => void;
  readonly failed: (reason: unknown) => void;
}

type WaitingEnd = Waiting<End, number>;
type WaitingAsk = Waiting<AskOnLoan, Verdict | Short>;

/** What is to be said to one shard. */
interface Gathered {
  ends: WaitingEnd[];
  asks: WaitingAsk[];
}

/**
 * Tells shards of calls, in as few messages as may be: of ends what comes within 2 ms, or until calls want to be admitted there; of
 * those what comes within one turn of the event loop.
 */
export class CallMessages {
  private readonly gathered = new Map<number, Gathered>();
  private readonly asked = new Set<number>();
  private ending: NodeJS.Timeout | undefined;

  constructor(private readonly epochs: Epochs) {}

  /** Rejects as `Epochs.run` does. */
  admit(shard: number, item: AskOnLoan): Promise<Verdict | Short> {
    return new Promise((done, failed) => {
      this.at(shard).asks.push({ item, done, failed });
      if (this.asked.size === 0) setImmediate(this.flushAsked);
      this.asked.add(shard);
    });
  }

  /** `failed` is called as `Epochs.run` rejects. */
  end(shard: number, item: End, done: (outcome: number) => void, failed: (reason: unknown) => void): void {
    this.at(shard).ends.push({ item, done, failed });
    this.ending ??= setTimeout(this.flushEnds, END_MS);
  }

  private readonly flushAsked = (): void => {
    for (const shard of this.asked) this.flush(shard);
    this.asked.clear();
    if (this.gathered.size === 0) this.rest();
  };

  private readonly flushEnds = (): void => {
    this.rest();
    for (const shard of this.gathered.keys()) this.flush(shard);
  };

  /** Nothing is left to be said: waking up for it would cost more than the message. */
  private rest(): void {
    clearTimeout(this.ending);
    this.ending = undefined;
  }

  private at(shard: number): Gathered {
    let gathered = this.gathered.get(shard);
    if (!gathered) this.gathered.set(shard, (gathered = { ends: [], asks: [] }));
    return gathered;
  }

  private flush(shard: number): void {
    const gathered = this.gathered.get(shard);
    if (!gathered) return;
    this.gathered.delete(shard);
    const { ends, asks } = gathered;
    if (ends.length <= MOST && asks.length <= MOST) return void this.say(shard, ends, asks);
    for (let from = 0; from < Math.max(ends.length, asks.length); from += MOST) {
      void this.say(shard, ends.slice(from, from + MOST), asks.slice(from, from + MOST));
    }
  }

  private async say(shard: number, ends: readonly WaitingEnd[], asks: readonly WaitingAsk[]): Promise<void> {
    let replies: readonly [string, ...(string | number[])[]];
    try {
      replies = (await this.epochs.run(CALLS, shard, toArguments(ends, asks))) as typeof replies;
    } catch (error) {
      for (const { failed } of ends) failed(error);
      for (const { failed } of asks) failed(error);
      return;
    }
    const outcomes = replies[0];
    ends.forEach(({ done }, at) => done(outcomes.charCodeAt(at) - ZERO));
    asks.forEach(({ item, done }, at) => done(toVerdict(item, replies[at + 1]!)));
  }
}

function toArguments(ends: readonly WaitingEnd[], waiting: readonly WaitingAsk[]): (string | number)[] {
  const admissions = new AskArguments();
  for (const { item } of waiting) admissions.add(item);
  const { terms, asks } = admissions;
  const args: (string | number)[] = [LEASE_MS, REMEMBER_MS, 2 * ends.length, terms.length];
  for (const { item } of ends) args.push(item.what, item.told ?? '');
  return args.concat(terms, asks);
}
