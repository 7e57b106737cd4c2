import type { Admitted, Ask } from '../admission-store.js';
import type { Counter, Taken } from './counters.js';

/** What an admitted call takes up, until somebody says what became of it. */
export class LocalHold {
  /** Who must say so: its owner, or whoever inherited it. */
  keeper: string;
  isInherited = false;
  isInterrupted = false;
  private isReleased = false;
  /** What stands for it in the counters. */
  private charged: Taken;

  constructor(
    readonly ask: Ask,
    /** With the money that it was granted. */
    readonly held: Taken,
    private readonly counters: readonly Counter[],
    private readonly receipts: readonly number[],
    readonly admitted: Admitted,
  ) {
    this.keeper = ask.owner;
    this.charged = held;
  }

  release(): void {
    if (this.isReleased) return;
    this.isReleased = true;
    for (const counter of this.counters) counter.release();
  }

  /** The call is over and what it used is known, but what it was held at stays reserved until it ends. */
  settleTokens(tokens: number): void {
    this.release();
    const { counters, receipts, charged, ask } = this;
    this.charged = { ...charged, tokens };
    for (let at = 0; at < counters.length; at += 1) {
      if (ask.bounds[at]!.kind === 'tokens') counters[at]!.settle(receipts[at]!, charged, this.charged);
    }
  }

  interrupt(actual: Taken): void {
    this.end(actual);
    this.isInterrupted = true;
  }

  end(actual: Taken): void {
    this.release();
    const { counters, receipts, charged } = this;
    for (let at = 0; at < counters.length; at += 1) {
      if (this.isInterrupted) counters[at]!.amend(receipts[at]!, charged, actual);
      else counters[at]!.settle(receipts[at]!, charged, actual);
    }
    this.charged = actual;
  }
}
