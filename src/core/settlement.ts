import type { CallRecord } from './call.js';

/** A settled call: its record, and the one JSON line that is both its ledger event and its log line. */
export interface Settled {
  readonly record: CallRecord;
  readonly line: string;
}

/** The end of a call, for those who want to know of it whichever comes first: its settlement or their question. */
export class Settlement {
  private settled: Settled | undefined;
  private readonly waiting: ((settled: Settled) => void)[] = [];

  whenSettled(listener: (settled: Settled) => void): void {
    if (this.settled) listener(this.settled);
    else this.waiting.push(listener);
  }

  settle(settled: Settled): void {
    this.settled = settled;
    for (const listener of this.waiting.splice(0)) listener(settled);
  }
}
